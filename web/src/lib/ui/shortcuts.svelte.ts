// Keys that do something: one key, or two after each other (`g b`). Never while somebody types; pages add theirs while
// they are shown, and the help lists them all.
import { onDestroy, untrack } from 'svelte';

export type Shortcut = { keys: string; text: string; act: () => void };

/** Keys after each other must follow within this time. */
const PAIR = 1200;

class Shortcuts {
  // What counts is no signal: while an old page is taken down, signals still say what was before the new one came.
  #all: Shortcut[] = [];
  #changes = 0;
  #seen = $state(0);
  #before = '';
  #at = 0;

  /** Every key there is at this moment. */
  get list(): Shortcut[] {
    void this.#seen;
    return this.#all;
  }

  /** The latest comes first, but what is `under` comes after all the rest, whenever it is added. */
  add(more: Shortcut[], under = false): () => void {
    this.#set(under ? [...more, ...this.#all] : [...this.#all, ...more]);
    return () => this.#set(this.#all.filter((one) => !more.includes(one)));
  }

  #set(all: Shortcut[]) {
    this.#all = all;
    this.#changes += 1;
    untrack(() => (this.#seen = this.#changes));
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
    const found = this.#all.findLast((one) => one.keys === pair) ?? this.#all.findLast((one) => one.keys === key);
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
