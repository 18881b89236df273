// What the calendar asks the desk for.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import { queries } from '$lib/platform/queries';

export type Occurrence = Schemas['Occurrence'];

/** A list to its end, page by page; `most` pages, so that a mistake does not ask for ever. */
async function all<T>(page: (cursor?: string) => Promise<{ items: T[]; next_cursor?: string | null }>, most = 20): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let at = 0; at < most; at++) {
    const found = await page(cursor);
    items.push(...found.items);
    if (!found.next_cursor) break;
    cursor = found.next_cursor;
  }
  return items;
}

/** What starts from one instant on and before another, of one program or of all. */
export const occurrencesBetween = (from: string, to: string, program = '') => queryOptions({
  queryKey: ['occurrences', 'between', from, to, program],
  queryFn: () => all((cursor) => answer(api.GET('/occurrences', { params: { query: { from, to, limit: 200, cursor, program_id: program || undefined } } })))
});

export const occurrence = (id: string) => queryOptions({
  queryKey: ['occurrences', 'one', id],
  queryFn: () => answer(api.GET('/occurrences/{id}', one(id)))
});

/** Who booked it. */
export const bookingsOf = (id: string) => queryOptions({
  queryKey: ['bookings', 'of', id],
  queryFn: () => all((cursor) => answer(api.GET('/bookings', { params: { query: { occurrence_id: id, limit: 200, cursor } } })))
});

/** Every program, in the order in which they were made. */
export const programChoices = () => queryOptions({
  queryKey: ['programs', 'choices'],
  queryFn: async () => (await all((cursor) => answer(api.GET('/programs', { params: { query: { limit: 200, cursor } } })))).sort((one, other) => (one.id < other.id ? -1 : 1)),
  staleTime: 120_000
});

/** Shows some fields of an occurrence at once, wherever it is listed; gives back the way back. */
export function showOccurrence(id: string, fields: Partial<Occurrence>): () => void {
  const before = queries.getQueriesData<Occurrence[] | Occurrence>({ queryKey: ['occurrences'] });
  const mended = (found: Occurrence) => (found.id === id ? { ...found, ...fields } : found);
  void queries.cancelQueries({ queryKey: ['occurrences'] });
  for (const [key] of before) {
    queries.setQueryData<Occurrence[] | Occurrence>(key, (found) => (Array.isArray(found) ? found.map(mended) : found && mended(found)));
  }
  return () => before.forEach(([key, found]) => queries.setQueryData(key, found));
}

/** The colour of a program: by its place among all, so that it stays. */
export function toneOf(program: string, programs: { id: string }[] | undefined): string {
  const at = programs?.findIndex((one) => one.id === program) ?? -1;
  return `tone-${(at < 0 ? 0 : at) % 8}`;
}
