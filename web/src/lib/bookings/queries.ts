// Bookings as the desk has them. Keys begin with the noun, so that live changes find them.
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import { queries } from '$lib/platform/queries';
import { queryOf, type Filter } from './filter';

export type Booking = Schemas['Booking'];
export type Occurrence = Schemas['Occurrence'];

/** One booking, with its latest refund invoice. */
export const bookingOf = (id: string) => queryOptions({ queryKey: ['bookings', 'one', id], queryFn: () => answer(api.GET('/bookings/{id}', one(id))) });

export const paymentsOf = (id: string) => queryOptions({ queryKey: ['payments', 'booking', id], queryFn: async () => (await answer(api.GET('/bookings/{id}/payments', one(id)))).items });

export const timelineOf = (id: string) => queryOptions({ queryKey: ['bookings', 'timeline', id], queryFn: async () => (await answer(api.GET('/bookings/{id}/timeline', one(id)))).items, retry: false });

/** Bookings, newest first, a page at a time. */
export const bookingsOf = (filter: Filter) => infiniteQueryOptions({
  queryKey: ['bookings', 'list', filter],
  queryFn: ({ pageParam, signal }) => answer(api.GET('/bookings', { params: { query: { ...queryOf(filter), limit: 50, cursor: pageParam || undefined } }, signal })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor ?? undefined
});

/** The next occurrences from now on, soonest first: the first 200, of one program or of all. */
export const comingOf = (program = '') => queryOptions({
  queryKey: ['occurrences', 'coming', program],
  queryFn: async () => {
    // One that has begun can still be booked by who stands at the door.
    const from = new Date(Date.now() - 2 * 3_600_000).toISOString();
    const found = await answer(api.GET('/occurrences', { params: { query: { from, program_id: program || undefined, limit: 200 } } }));
    return found.items.filter((one) => one.status === 'scheduled' && Date.parse(one.ends_at) > Date.now());
  }
});

/** Shows a booking as it is now everywhere at once; gives back the way to take that back. */
export function put(booking: Booking): () => void {
  const key = ['bookings', 'one', booking.id];
  const before = queries.getQueryData<Booking>(key);
  type Pages = { pages: { items: Booking[] }[]; pageParams: unknown[] };
  const lists = queries.getQueriesData<Pages>({ queryKey: ['bookings', 'list'] });
  queries.setQueryData<Booking>(key, (old) => (old ? { ...old, ...booking } : old));
  queries.setQueriesData<Pages>({ queryKey: ['bookings', 'list'] }, (data) => data && {
    ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === booking.id ? { ...one, ...booking } : one)) }))
  });
  return () => {
    queries.setQueryData(key, before);
    for (const [list, data] of lists) queries.setQueryData(list, data);
  };
}
