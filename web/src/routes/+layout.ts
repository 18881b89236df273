import { speak, wanted } from '$lib/base/words.svelte';

export const ssr = false;
export const prerender = false;

/** The words come before the first page. */
export async function load() {
  await speak(wanted());
  return {};
}
