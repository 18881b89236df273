// Filters of the list of invoices, as they stand in the address.
import { isDay } from '$lib/base/format';
import type { Schemas } from '$lib/platform/api';

export type Filter = { q: string; client: string; kind: '' | Schemas['Invoice']['kind']; status: '' | 'open' | 'overdue'; from: string; to: string };

const oneOf = <Word extends string>(word: string | null, ...words: Word[]): Word | '' => words.find((one) => one === word) ?? '';
const dayOf = (text: string | null) => (isDay(text) ? text : '');

/** Reads an address; what makes no sense in it is left out. */
export function filterOf(search: URLSearchParams): Filter {
  return {
    q: search.get('q') ?? '', client: search.get('client') ?? '', kind: oneOf(search.get('kind'), 'invoice', 'credit_note'),
    status: oneOf(search.get('status'), 'open', 'overdue'), from: dayOf(search.get('from')), to: dayOf(search.get('to'))
  };
}

/** The query of an address, without what is not filtered by. */
export function addressOf(filter: Filter): string {
  const said = Object.entries(filter).filter(([, value]) => value);
  return said.length ? `?${new URLSearchParams(said)}` : '';
}

/** The query for the desk. */
export function queryOf(filter: Filter) {
  return {
    q: filter.q || undefined, client_id: filter.client || undefined, kind: filter.kind || undefined, status: filter.status || undefined,
    from: filter.from || undefined, to: filter.to || undefined
  };
}
