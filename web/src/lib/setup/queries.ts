import { answer, api } from '$lib/platform/api';

/** First steps, and which are done. */
export const checklist = () => ({ queryKey: ['checklist'], queryFn: () => answer(api.GET('/checklist')), staleTime: 0 });
