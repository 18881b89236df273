import { isLanguage, speak } from '$lib/base/words.svelte';

export const ssr = false;
export const prerender = false;

/** The words come before the first page; static/look.js found the language. */
export async function load() {
  const found = document.documentElement.lang;
  await speak(isLanguage(found) ? found : 'en');
  return {};
}
