// A form over something that has a version: what was typed stays until it is stored, nothing is overwritten unseen, and
// nobody leaves by mistake.
//
//   const editing = new Editing<Form>();            // in a component
//   $effect(() => { if (query.data) editing.take(formOf(query.data.data), query.data.version); });
//   guard(() => editing.dirty);
//   await editing.save((form, version) => changed('/clients/{id}', id, form, version).then(({ data, version }) => ({ form: formOf(data), version })));
//   <Conflict {editing} names={…} reload={…} />
import { beforeNavigate } from '$app/navigation';
import { t } from '$lib/base/words.svelte';
import { Problem } from '$lib/platform/api';
import { toasts } from './toasts.svelte';

type Fields = Record<string, unknown>;
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const copy = <T>(value: T): T => $state.snapshot(value) as T;

export class Editing<Form extends Fields> {
  /** What is typed. */
  form = $state<Form>({} as Form);
  /** As it is stored, as far as we know. */
  base = $state.raw<Form | null>(null);
  /** Somebody else's, when ours came too late. */
  theirs = $state.raw<{ form: Form; version: number } | null>(null);
  version = $state(0);
  busy = $state(false);
  error = $state<unknown>(null);
  dirty = $derived(this.base !== null && !same($state.snapshot(this.form), this.base));

  /** Takes what is stored: at once when nothing was typed; else what was typed stays and the difference is a choice. */
  take(form: Form, version: number) {
    if (this.base !== null && version === this.version) return;
    if (this.base === null || !this.dirty || same($state.snapshot(this.form), form)) {
      this.reset(form, version);
    } else if (same(form, this.base)) {
      // Something beside the form was changed: what is typed can be stored over that.
      this.version = version;
    } else if (!this.busy) {
      this.theirs = { form: copy(form), version };
    }
  }

  reset(form: Form, version: number) {
    this.base = copy(form);
    this.form = copy(form);
    this.version = version;
    this.theirs = null;
    this.error = null;
  }

  /** Back to what is stored. */
  revert() {
    if (this.base) this.reset(this.base, this.version);
  }

  /** The fields that were changed. */
  get changes(): Partial<Form> {
    const [now, base] = [$state.snapshot(this.form) as Form, this.base];
    if (!base) return now;
    return Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, base[name]))) as Partial<Form>;
  }

  /** What is wrong with a field, by the last refusal. */
  wrong(field: string): string {
    return this.error instanceof Problem ? (this.error.errors.find((one) => one.field === field)?.message ?? '') : '';
  }

  /** Stores it, only if it is still of our version; a refusal keeps what was typed. True when it was stored. */
  async save(store: (changes: Partial<Form>, version: number) => Promise<{ form: Form; version: number }>, fresh?: () => Promise<{ form: Form; version: number }>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      const { form, version } = await store(this.changes, this.version);
      this.reset(form, version);
      return true;
    } catch (failed) {
      if (failed instanceof Problem && failed.status === 412 && fresh) {
        this.theirs = await fresh().catch(() => null);
        if (!this.theirs) this.error = failed;
      } else {
        this.error = failed;
      }
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Theirs stand; what was typed is given up. */
  takeTheirs() {
    if (this.theirs) this.reset(this.theirs.form, this.theirs.version);
  }

  /** Ours stand beside their other fields: the next save is over theirs. */
  keepMine() {
    if (!this.theirs) return;
    const mine = this.changes;
    const { form, version } = this.theirs;
    this.reset(form, version);
    this.form = { ...copy(form), ...mine };
  }

  /** The fields in which both differ: theirs and ours. */
  get differences(): { field: string; theirs: unknown; mine: unknown }[] {
    const theirs = this.theirs;
    if (!theirs) return [];
    return Object.entries(this.changes).filter(([field, mine]) => !same(mine, theirs.form[field]))
      .map(([field, mine]) => ({ field, mine, theirs: theirs.form[field] }));
  }
}

/**
 * Asks before a page with something unsaved is left, also by closing the window; another tab or filter of the same page
 * keeps what was typed. Call it while a component begins.
 */
export function guard(dirty: () => boolean) {
  beforeNavigate((navigation) => {
    if (!dirty() || (navigation.to && navigation.to.url.pathname === navigation.from?.url.pathname)) return;
    if (navigation.type === 'leave') navigation.cancel();
    else if (!confirm(t('common.leave_unsaved'))) navigation.cancel();
  });
}

/**
 * Does something at once and takes it back when the server refuses: `show` draws the outcome and gives back the way to
 * take it away again.
 */
export async function optimistic<T>(show: () => () => void, act: () => Promise<T>, told?: (done: T) => void): Promise<T | undefined> {
  const back = show();
  try {
    const done = await act();
    told?.(done);
    return done;
  } catch (failed) {
    back();
    toasts.show(failed instanceof Error ? failed.message : String(failed), { tone: 'bad' });
    return undefined;
  }
}
