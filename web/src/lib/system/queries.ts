// What is asked of the running system.
import { answer, api, type Schemas } from '$lib/platform/api';

/** Milliseconds between two looks at what moves. */
export const BEAT = 2000;

const live = { refetchInterval: BEAT, staleTime: 0, gcTime: 60_000 } as const;
export const info = () => ({ queryKey: ['systems', 'info'], queryFn: () => answer(api.GET('/system/info')), ...live });
export const database = () => ({ queryKey: ['systems', 'database'], queryFn: () => answer(api.GET('/system/database')), ...live });
export const storage = () => ({ queryKey: ['systems', 'storage'], queryFn: () => answer(api.GET('/system/storage')), ...live });

const LIMIT = 50;
type Page = { next_cursor?: string };
const paged = { initialPageParam: '', getNextPageParam: (last: Page) => last.next_cursor || undefined };

export const jobs = (state: Schemas['Job']['state'] | '') => ({
  queryKey: ['jobs', state], ...paged, refetchInterval: 5000,
  queryFn: ({ pageParam }: { pageParam: string }) => answer(api.GET('/system/jobs', { params: { query: { state: state || undefined, limit: LIMIT, cursor: pageParam || undefined } } }))
});

export const mails = (status: string) => ({
  queryKey: ['mails', 'log', status], ...paged,
  queryFn: ({ pageParam }: { pageParam: string }) => answer(api.GET('/mails', { params: { query: { status: (status || undefined) as Schemas['Mail']['status'] | undefined, limit: LIMIT, cursor: pageParam || undefined } } }))
});

export const mail = (id: string) => ({ queryKey: ['mails', 'one', id], queryFn: () => answer(api.GET('/mails/{id}', { params: { path: { id } } })), enabled: !!id });

export const log = (subject: string) => ({
  queryKey: ['audit_log', subject], ...paged, staleTime: 0,
  queryFn: ({ pageParam }: { pageParam: string }) => answer(api.GET('/audit-log', { params: { query: { subject_id: subject || undefined, limit: LIMIT, cursor: pageParam || undefined } } }))
});
