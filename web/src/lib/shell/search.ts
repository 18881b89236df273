// What the palette finds: the first few of each noun, asked at the same time; a noun that cannot be asked is left out.
import type { Key } from '$lib/base/words.svelte';
import { clientPage } from '$lib/clients/find';
import { answer, api } from '$lib/platform/api';

export type Part = { name: Key; items: { path: string; text: string; more: string }[] };

const FEW = 5;

export async function find(q: string): Promise<Part[]> {
  if (!/[\p{L}\p{N}]/u.test(q)) return [];
  const query = { params: { query: { q, limit: FEW } } };
  const part = async <Item>(name: Key, asked: Promise<{ items: Item[] }>, item: (one: Item) => Part['items'][number]): Promise<Part> =>
    ({ name, items: (await asked.catch(() => ({ items: [] }))).items.map(item) });
  return Promise.all([
    part('shell.clients', clientPage(query.params.query), (one) => ({ path: `/clients/${one.id}`, text: one.name, more: one.email ?? '' })),
    part('shell.bookings', answer(api.GET('/bookings', query)), (one) => ({ path: `/bookings/${one.id}`, text: `${one.reference} · ${one.client_name}`, more: one.program_title })),
    part('shell.invoices', answer(api.GET('/invoices', query)), (one) => ({ path: `/invoices/${one.id}`, text: one.number, more: one.buyer.name })),
    part('shell.programs', answer(api.GET('/programs', query)), (one) => ({ path: `/programs/${one.id}`, text: one.title, more: '' }))
  ]);
}
