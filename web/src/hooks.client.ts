// What every page waits for is on its way before the page's own files are asked for: the words, who is there, and what
// comes around the pages of somebody who is.
import { speak, wanted } from '$lib/base/words.svelte';
import { askAhead, isFront } from '$lib/platform/arrival';

export function init() {
  void speak(wanted());
  askAhead().then(({ account }) => (account && !isFront(location.pathname) ? import('$lib/shell/Shell.svelte') : undefined)).catch(() => undefined);
}
