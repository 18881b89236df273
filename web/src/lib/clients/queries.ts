// What pages ask about clients. The list has a key of its own: it may be thousands of rows long, and is mended row by row.
import { infiniteQueryOptions, queryOptions, type InfiniteData } from '@tanstack/svelte-query';
import { answer, api, one, Problem, tagged, type Schemas } from '$lib/platform/api';
import { queries } from '$lib/platform/queries';
import { clientPage } from './find';

type Page = Schemas['List_Client'];
export type Asked = { q: string; tag: string; sort: 'name' | 'newest' | '' };
const PAGE = 100;
const FEW = 20;
/** A list of no more pages than this is simply asked again when something changes. */
const SHORT = 3;

/** What is searched by; nothing when it holds no letter and no digit, which the desk could not look for. */
export const searchable = (q: string) => (/[\p{L}\p{N}]/u.test(q) ? q.trim() : '');

export function clientList({ q, tag, sort }: Asked) {
  // A long list would be asked again page by page.
  const short = (query: { state: { data?: unknown } }) => ((query.state.data as InfiniteData<Page> | undefined)?.pages.length ?? 0) <= SHORT;
  return infiniteQueryOptions({
    queryKey: ['client_list', { q, tag, sort }],
    queryFn: ({ pageParam, signal }) =>
      clientPage({ limit: PAGE, q: searchable(q) || undefined, tag: tag || undefined, sort: sort || undefined, cursor: pageParam || undefined }, signal),
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.next_cursor ?? undefined,
    refetchOnMount: short,
    refetchOnWindowFocus: short,
    refetchOnReconnect: short
  });
}

/** Somebody changed a client: short lists are asked again, in long ones its row is mended. */
export async function mend(id: string): Promise<void> {
  const lists = queries.getQueriesData<InfiniteData<Page, string>>({ queryKey: ['client_list'] });
  for (const [key, list] of lists) {
    if (!list || list.pages.length <= SHORT) {
      void queries.invalidateQueries({ queryKey: key });
    } else if (list.pages.some((page) => page.items.some((item) => item.id === id))) {
      // By the id of one that was merged the desk shows the one that stayed.
      const now = await answer(api.GET('/clients/{id}', one(id))).then((client) => (client.id === id ? client : null), (failed) => (failed instanceof Problem && failed.status === 404 ? null : undefined));
      if (now === undefined) continue;
      queries.setQueryData<InfiniteData<Page, string>>(key, (list) => list && {
        ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.flatMap((item) => (item.id !== id ? [item] : now ? [now] : [])) }))
      });
    }
  }
}

export const client = (id: string) => queryOptions({ queryKey: ['clients', id], queryFn: ({ signal }) => tagged(api.GET('/clients/{id}', { ...one(id), signal })) });
export const summary = (id: string) => queryOptions({ queryKey: ['clients', id, 'summary'], queryFn: () => answer(api.GET('/clients/{id}/summary', one(id))), retry: false });
export const tags = () => queryOptions({ queryKey: ['clients', 'tags'], queryFn: () => answer(api.GET('/client-tags')), staleTime: 60_000, retry: false });

/** Pages of something that belongs to a client. */
function pages<Item>(key: string[], ask: (query: { limit: number; cursor?: string }, signal: AbortSignal) => Promise<{ items: Item[]; next_cursor?: string }>) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask({ limit: FEW, cursor: pageParam || undefined }, signal),
    initialPageParam: '',
    getNextPageParam: (page: { next_cursor?: string }) => page.next_cursor ?? undefined
  });
}
export const bookingsOf = (id: string) => pages(['bookings', 'client', id], (query, signal) => answer(api.GET('/bookings', { params: { query: { client_id: id, ...query } }, signal })));
export const invoicesOf = (id: string) => pages(['invoices', 'client', id], (query, signal) => answer(api.GET('/invoices', { params: { query: { client_id: id, ...query } }, signal })));
export const filesOf = (id: string) => pages(['clients', id, 'files'], (query, signal) => answer(api.GET('/clients/{id}/files', { params: { path: { id }, query }, signal })));
export const duplicates = () => pages(['clients', 'duplicates'], (query, signal) => answer(api.GET('/clients/duplicates', { params: { query }, signal })));

/** The first few clients that are found by what was typed. */
export const found = (q: string) => queryOptions({
  queryKey: ['clients', 'found', searchable(q)],
  queryFn: ({ signal }) => clientPage({ q: searchable(q), limit: 8 }, signal),
  enabled: searchable(q).length > 1
});
