// Programs as the desk has them.
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import { queries } from '$lib/platform/queries';

export type Program = Schemas['Program'];
export const statuses = ['published', 'draft', 'archived'] as const;
export type Status = (typeof statuses)[number];

/** Programs, newest first, a page at a time. */
export const programsOf = (filter: { status: string; q: string }) => infiniteQueryOptions({
  queryKey: ['programs', 'list', filter],
  queryFn: ({ pageParam, signal }) => answer(api.GET('/programs', {
    params: { query: { status: statuses.find((one) => one === filter.status), q: filter.q || undefined, limit: 60, cursor: pageParam || undefined } }, signal
  })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor ?? undefined
});

const key = (id: string) => ['programs', 'one', id];
const files = (program: Program) => [program.poster, program.video, ...program.images];

/** One program. While sizes of pictures and facts of films are being made, it is looked at again, less and less often. */
export const programOf = (id: string) => queryOptions({
  queryKey: key(id),
  queryFn: () => answer(api.GET('/programs/{id}', one(id))),
  refetchInterval: (query) => {
    const pending = query.state.data && files(query.state.data).some((file) => file?.processing === 'pending');
    return pending && query.state.dataUpdateCount < 60 ? Math.min(10_000, 700 + 300 * query.state.dataUpdateCount) : false;
  }
});

/** Answers may overtake each other: an older one counts no more. */
export function stand(program: Program) {
  queries.setQueryData<Program>(key(program.id), (old) => (old && old.version > program.version ? old : program));
}
