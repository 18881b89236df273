// Finding a client by typing.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';

/** Whom a document is for. */
export type Client = { id: string; name: string };

export const clientOf = (id: string) => queryOptions({ queryKey: ['clients', 'one', id], queryFn: () => answer(api.GET('/clients/{id}', one(id))), enabled: !!id });

export const findClients = async (q: string): Promise<Schemas['Client'][]> => (await answer(api.GET('/clients', { params: { query: { q: q || undefined, limit: 8 } } }))).items;

/** What tells clients of one name apart. */
export const besides = (client: Client & Partial<Schemas['Client']>): string => [client.email, client.address?.city].filter(Boolean).join(' · ');
