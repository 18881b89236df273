// Keys that do something: one key, or two after each other (`g b`). Never while somebody types; pages add theirs while
// they are shown, and the help lists them all.
import { onDestroy, untrack } from 'svelte';

export type Shortcut = { keys: string; text: string; act: () => void };

/** Keys after each other must follow within this time. */
const PAIR = 1200;

class Shortcuts {
  list = $state.raw<Shortcut[]>([]);
  #before = '';
  #at = 0;

  add(more: Shortcut[]): () => void {
    untrack(() => (this.list = [...this.list, ...more]));
    return () => untrack(() => (this.list = this.list.filter((one) => !more.includes(one))));
  }

  /** Does what the key stands for. */
  press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.target;
    if (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) return;
    if (document.querySelector('[role="dialog"], [role="menu"], [role="alertdialog"][open]')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pair = Date.now() - this.#at < PAIR ? `${this.#before} ${key}` : '';
    // What a page adds comes before what the shell has.
    const found = this.list.findLast((one) => one.keys === pair) ?? this.list.findLast((one) => one.keys === key);
    this.#before = key;
    this.#at = Date.now();
    if (!found) return;
    event.preventDefault();
    this.#at = 0;
    found.act();
  }
}

export const shortcuts = new Shortcuts();

/** The keys of a page, while it is shown. Call it while a component begins. */
export function keys(list: Shortcut[]) {
  onDestroy(shortcuts.add(list));
}
