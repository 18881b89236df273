// What the palette finds: the first few of each noun, asked at the same time.
import type { Key } from '$lib/base/words.svelte';
import { answer, api } from '$lib/platform/api';

export type Part = { name: Key; items: { path: string; text: string; more: string }[] };

const FEW = 5;

export async function find(q: string): Promise<Part[]> {
  const [clients, bookings, invoices, programs] = await Promise.all([
    answer(api.GET('/clients', { params: { query: { q, limit: FEW } } })),
    answer(api.GET('/bookings', { params: { query: { q, limit: FEW } as { limit: number } } })),
    answer(api.GET('/invoices', { params: { query: { q, limit: FEW } } })),
    answer(api.GET('/programs', { params: { query: { limit: 200 } } }))
  ]);
  const like = q.toLocaleLowerCase();
  return [
    { name: 'shell.clients', items: clients.items.map((one) => ({ path: `/clients/${one.id}`, text: one.name, more: one.email ?? '' })) },
    { name: 'shell.bookings', items: bookings.items.map((one) => ({ path: `/bookings/${one.id}`, text: `${one.reference} · ${one.client_name}`, more: one.program_title })) },
    { name: 'shell.invoices', items: invoices.items.map((one) => ({ path: `/invoices/${one.id}`, text: one.number, more: one.buyer.name })) },
    { name: 'shell.programs', items: programs.items.filter((one) => one.title.toLocaleLowerCase().includes(like)).slice(0, FEW).map((one) => ({ path: `/programs/${one.id}`, text: one.title, more: '' })) }
  ];
}
