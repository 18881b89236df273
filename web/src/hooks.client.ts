// What every page waits for is on its way before the page's own files are asked for: the words, who is there, and what
// comes around the pages of somebody who is.
import { speak, wanted } from '$lib/base/words.svelte';
import { askAhead } from '$lib/platform/arrival';

export function init() {
  void speak(wanted());
  const front = ['/setup', '/login'].includes(location.pathname);
  askAhead().then(({ account }) => (account && !front ? import('$lib/shell/Shell.svelte') : undefined)).catch(() => undefined);
}
