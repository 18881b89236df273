// Finding a client by typing, and the one that was chosen: for every room that names clients.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';

export const clientOf = (id: string) => queryOptions({ queryKey: ['clients', 'one', id], queryFn: () => answer(api.GET('/clients/{id}', one(id))), enabled: !!id });

export async function findClients(q: string): Promise<Schemas['Client'][]> {
  return (await answer(api.GET('/clients', { params: { query: { q: q || undefined, limit: 8 } } }))).items;
}
