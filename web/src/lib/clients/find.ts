// Finding a client by typing, and the one that was chosen: for every room that names clients.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import type { paths } from '$lib/platform/schema';

export const clientOf = (id: string) => queryOptions({ queryKey: ['clients', 'one', id], queryFn: () => answer(api.GET('/clients/{id}', one(id))), enabled: !!id });

/** Pages without anybody that are gone through before the search waits for somebody to ask on. */
const LOOKS = 50;

/** A page of clients: the desk looks only so far at once, and a page that found nobody there leads on to the next. */
export async function clientPage(query: NonNullable<paths['/clients']['get']['parameters']['query']>, signal?: AbortSignal): Promise<Schemas['List_Client']> {
  const ask = (cursor?: string) => answer(api.GET('/clients', { params: { query: { ...query, cursor } }, signal }));
  let page = await ask(query.cursor);
  for (let looks = 1; !page.items.length && page.next_cursor && looks < LOOKS; looks += 1) page = await ask(page.next_cursor);
  return page;
}

export async function findClients(q: string): Promise<Schemas['Client'][]> {
  return (await clientPage({ q: q || undefined, limit: 8 })).items;
}
