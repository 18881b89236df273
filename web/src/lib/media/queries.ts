// What pages ask about stored files.
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, api, one } from '$lib/platform/api';
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
export const usage = (id: string) => queryOptions({ queryKey: ['media', id, 'usage'], queryFn: () => answer(api.GET('/media/{id}/usage', one(id))), enabled: !!id, retry: false });
