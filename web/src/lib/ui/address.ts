// Filters live in the address, so that every view has a link, and back works.
import { goto } from '$app/navigation';
import { page } from '$app/state';

/** What the address says of a filter; empty when it says nothing. */
export function asked(name: string): string {
  return page.url.searchParams.get(name) ?? '';
}

/** Says it in the address; an empty value takes it away. Typing replaces, a choice makes a step for "back". */
export function ask(values: Record<string, string | null | undefined>, how: 'step' | 'replace' = 'step') {
  const url = new URL(page.url);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href === page.url.href) return Promise.resolve();
  return goto(url, { keepFocus: true, noScroll: true, replaceState: how === 'replace' });
}
