// The audio notes of a client, newest first.
import { infiniteQueryOptions } from '@tanstack/svelte-query';
import { answer, api } from '$lib/platform/api';

const PAGE = 50;

export function notesOf(clientId: string) {
  return infiniteQueryOptions({
    queryKey: ['audio_notes', clientId],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/clients/{id}/audio-notes', { params: { path: { id: clientId }, query: { limit: PAGE, cursor: pageParam || undefined } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // The waveform is drawn by a job of the desk: look again, less and less often.
    refetchInterval: (query) => {
      const pending = query.state.data?.pages.some((page) => page.items.some((note) => note.processing === 'pending'));
      return pending && query.state.dataUpdateCount < 60 ? Math.min(10, 0.7 * (1 + query.state.dataUpdateCount)) * 1000 : false;
    }
  });
}
