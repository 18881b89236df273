// What is asked of accounts, and where the answers are kept.
import { answer, api } from '$lib/platform/api';
import { me } from '$lib/platform/me.svelte';

export const sessions = () => ({ queryKey: ['accounts', 'sessions'], queryFn: async () => (await answer(api.GET('/auth/sessions'))).items });

/** Everybody; a desk has few. */
export const staff = () => ({ queryKey: ['accounts', 'staff'], queryFn: async () => (await answer(api.GET('/staff', { params: { query: { limit: 200 } } }))).items });

export const tokens = () => ({ queryKey: ['accounts', 'tokens'], queryFn: async () => (await answer(api.GET('/api-tokens', { params: { query: { limit: 200 } } }))).items });

/** Looks up again who is signed in. */
export async function again() {
  me.account = await answer(api.GET('/auth/me'));
}
