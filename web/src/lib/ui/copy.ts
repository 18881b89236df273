// Into the clipboard, and says so.
import { t } from '$lib/base/words.svelte';
import { toasts } from './toasts.svelte';

export async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toasts.show(t('common.copied'));
}
