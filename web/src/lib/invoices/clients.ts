// Whom documents are for.
import type { Schemas } from '$lib/platform/api';

export type Client = { id: string; name: string };

/** What tells clients of one name apart. */
export const besides = (client: Client & Partial<Schemas['Client']>): string => [client.email, client.address?.city].filter(Boolean).join(' · ');
