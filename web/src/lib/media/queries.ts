// What pages ask about stored files.
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import type { Kind } from './place';

export const kindsOfMedia: Kind[] = ['image', 'poster', 'video', 'audio', 'document'];
export type Asked = { kind: string; q: string; unused: boolean };
const PAGE = 60;

export function mediaList({ kind, q, unused }: Asked) {
  const known = kindsOfMedia.find((one) => one === kind);
  return infiniteQueryOptions({
    queryKey: ['media', 'list', { kind: known, q, unused }],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/media', { params: { query: { limit: PAGE, kind: known, q: q || undefined, unused: unused || undefined, cursor: pageParam || undefined } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // Sizes of pictures and facts of films are made by jobs of the desk: look again, less and less often.
    refetchInterval: (query) => {
      const pending = query.state.data?.pages[0]?.items.some((file) => file.processing === 'pending');
      return pending && query.state.dataUpdateCount < 60 ? Math.min(10, 1 + query.state.dataUpdateCount) * 1000 : false;
    }
  });
}

export const media = (id: string) => queryOptions({ queryKey: ['media', id], queryFn: () => answer(api.GET('/media/{id}', one(id))), enabled: !!id });

export type Use = Schemas['MediaUse'] & { href: string };

/** Where a file is shown, with the page that shows it; a note is found through whom it is about. */
async function usesOf(id: string): Promise<Use[]> {
  const { items } = await answer(api.GET('/media/{id}/usage', one(id)));
  return Promise.all(items.map(async (use): Promise<Use> => {
    if (use.noun === 'program') return { ...use, href: `/programs/${use.id}` };
    if (use.noun === 'client') return { ...use, href: `/clients/${use.id}?tab=files` };
    if (use.noun === 'settings') return { ...use, href: '/settings/invoices' };
    const client = await answer(api.GET('/audio-notes/{id}', one(use.id))).then((note) => note.client_id, () => '');
    return { ...use, href: client && `/clients/${client}?tab=notes` };
  }));
}
export const usage = (id: string) => queryOptions({ queryKey: ['media', id, 'usage'], queryFn: () => usesOf(id), enabled: !!id, retry: false });
