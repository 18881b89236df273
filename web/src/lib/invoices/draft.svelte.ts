// A draft that is being written: it saves itself at each pause, asks the desk what it comes to, and hears of what others
// make of it meanwhile.
import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { said, t } from '$lib/base/words.svelte';
import { answer, api, changed, ifMatch, one, Problem, tagged, type Schemas } from '$lib/platform/api';
import { live } from '$lib/platform/live.svelte';
import { changed as renew } from '$lib/platform/queries';
import { toasts } from '$lib/ui/toasts.svelte';
import { bodyOf, extraForm, isBlank, lineForm, newExtra, newLine, noTexts, placeOf, read, taxWord, type Body, type DraftInput, type ExtraForm, type LineForm, type Texts } from './form';
import type { Category, Invoice } from './words';

type Settings = Schemas['Settings'];
/** How it stands with the desk: `stale` when somebody else changed it, `gone` when it was issued or dropped. */
export type Kept = 'new' | 'saved' | 'waiting' | 'saving' | 'failed' | 'stale' | 'gone';

const PAUSE = 800;
const GLANCE = 250;
const AGAIN = 5000;
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export class DraftDesk {
  id = $state('');
  client = $state<{ id: string; name: string } | null>(null);
  lines = $state<LineForm[]>([]);
  extras = $state<ExtraForm[]>([]);
  texts = $state<Texts>(noTexts());
  kept = $state<Kept>('new');
  /** Why it is not saved. */
  error = $state<unknown>(null);
  /** What somebody else stored, when ours came too late. */
  theirs = $state.raw<{ form: Body; version: number } | null>(null);
  /** What it comes to, when the desk can say so. */
  sums = $state.raw<Invoice | null>(null);
  /** Whether `sums` is of what stands in the form now. */
  fresh = $state(false);
  /** What the desk finds wrong, by place. */
  wrong = $state.raw<Record<string, string>>({});
  /** Counts what was saved: the PDF is asked for again when it grows. */
  saves = $state(0);
  /** Places that were left: only these, or all when `insist`, say what is missing. */
  seen = new SvelteSet<string>();
  insist = $state(false);

  private version: number | undefined;
  private stored: Schemas['Draft'] | null = null;
  private over = false;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private sumTimer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private running: Promise<void> | null = null;

  constructor(readonly settings: Settings, private readonly made: (id: string) => void) {
    this.lines = [newLine(this.usualTax)];
    this.savedState = this.json;
  }

  readonly usualTax = $derived.by(() => {
    const first = this.settings.tax_rates[0];
    return first ? taxWord(first.rate, first.category ?? 'S') : taxWord(0, 'Z' as Category);
  });
  get currency(): string {
    return this.settings.currency;
  }
  readonly found = $derived.by(() => read(this.lines, this.extras, this.settings.currency));
  /** As it is saved; a field without a value is taken away. */
  readonly body: Body = $derived(bodyOf(this.client, this.found, this.texts));
  private readonly json = $derived(JSON.stringify(this.body));
  readonly readable = $derived(Object.keys(this.found.unreadable).length === 0);
  /** Whether leaving can save it on the way. */
  get savable(): boolean {
    return this.readable && !['stale', 'gone', 'failed'].includes(this.kept);
  }
  private savedState = $state('');
  /** What cannot be read is not saved either. */
  readonly dirty = $derived(this.json !== this.savedState || !this.readable);

  /** What is wrong at a place, once it was left. */
  at(place: string): string {
    const wrong = this.found.unreadable[place] ?? this.wrong[place] ?? this.found.missing[place] ?? '';
    return wrong && (this.insist || this.seen.has(place)) ? wrong : '';
  }

  /** What stands between it and being issued, each in a sentence. */
  readonly hindrances = $derived.by(() => {
    const said: string[] = [];
    if (!this.client) said.push(t('drafts.choose_client'));
    if (!this.found.lines.length) said.push(t('drafts.write_line'));
    const places = { ...this.found.missing, ...this.wrong, ...this.found.unreadable };
    for (const [place, message] of Object.entries(places)) {
      const [room, key, field] = place.split('.');
      const index = this.lines.findIndex((line) => room === 'line' && line.key === Number(key));
      if (index >= 0) said.push(t('drafts.hinder_line', { n: index + 1, field: fieldName(field), message }));
      else if (room === 'extra') said.push(t('drafts.hinder', { field: t('drafts.extras'), message }));
      else if (place === 'client_id' || (place === 'lines' && !this.found.lines.length)) continue;
      else said.push(t('drafts.hinder', { field: fieldName(place), message }));
    }
    return said;
  });

  /** Reads a stored draft. */
  async load(id: string): Promise<void> {
    const { data, version } = await tagged(api.GET('/drafts/{id}', one(id)));
    this.id = id;
    this.take(data, version);
    this.saves += 1;
  }

  /** Begins with a client that was chosen elsewhere; that alone is nothing to save yet. */
  beginFor(client: { id: string; name: string }): void {
    this.client = { id: client.id, name: client.name };
    this.savedState = this.json;
  }

  /** The parts of the form that a stored draft fills. */
  private partsOf({ content, client_name }: Schemas['Draft']) {
    const lines = (content.lines ?? []).map((line) => lineForm(line, this.usualTax));
    const texts = noTexts();
    for (const name of Object.keys(texts) as (keyof Texts)[]) texts[name] = content[name] ?? '';
    return {
      client: content.client_id ? { id: content.client_id, name: client_name ?? '' } : null,
      lines: lines.length ? lines : [newLine(this.usualTax)], extras: (content.adjustments ?? []).map(extraForm), texts
    };
  }

  private take(draft: Schemas['Draft'], version: number): void {
    this.version = version;
    ({ client: this.client, lines: this.lines, extras: this.extras, texts: this.texts } = this.partsOf(draft));
    this.savedState = this.json;
    this.kept = 'saved';
    this.theirs = null;
    this.error = null;
  }

  /** Follows the form while its page is open. */
  watch(): () => void {
    const stop = $effect.root(() => {
      $effect(() => {
        void this.json;
        void this.readable;
        untrack(() => this.touch());
      });
    });
    const deaf = live.listen((change) => {
      if (change.noun === 'draft' && change.id === this.id) void this.heard();
    });
    // A window that nobody saw may have missed what was said meanwhile.
    const back = () => {
      if (this.id && document.visibilityState === 'visible') void this.heard();
    };
    document.addEventListener('visibilitychange', back);
    return () => {
      stop();
      deaf();
      document.removeEventListener('visibilitychange', back);
      clearTimeout(this.sumTimer);
      if (this.dirty) void this.save();
    };
  }

  /** Somebody changed it, perhaps ourselves. */
  private async heard(): Promise<void> {
    await this.running;
    if (this.over || this.kept === 'gone' || this.kept === 'stale') return;
    try {
      const { data, version } = await tagged(api.GET('/drafts/{id}', one(this.id)));
      await this.running;
      if (this.over || version <= (this.version ?? 0)) return;
      if (this.dirty) this.meet(data, version);
      else {
        this.take(data, version);
        this.saves += 1;
        toasts.show(t('drafts.renewed'), { tone: 'plain' });
      }
    } catch (failed) {
      if (failed instanceof Problem && failed.status === 404 && !this.over) this.kept = 'gone';
    }
  }

  /** Theirs and ours stand against each other until somebody chooses. */
  private meet(draft: Schemas['Draft'], version: number): void {
    const { client, lines, extras, texts } = this.partsOf(draft);
    clearTimeout(this.saveTimer);
    this.stored = draft;
    this.theirs = { form: bodyOf(client, read(lines, extras, this.currency), texts), version };
    this.kept = 'stale';
  }

  /** The fields that were changed here and differ from what is stored now. */
  get differences(): { field: string; theirs: unknown; mine: unknown }[] {
    const theirs = this.theirs?.form;
    if (!theirs) return [];
    return this.changes.filter((field) => !same(this.body[field], theirs[field])).map((field) => ({ field, theirs: theirs[field], mine: this.body[field] }));
  }

  private get changes(): (keyof Body)[] {
    const before = JSON.parse(this.savedState) as Body;
    return (Object.keys(this.body) as (keyof Body)[]).filter((field) => !same(this.body[field], before[field]));
  }

  private touch(): void {
    this.fresh = false;
    clearTimeout(this.sumTimer);
    this.sumTimer = setTimeout(() => void this.sum(), GLANCE);
    if (this.kept === 'stale' || this.kept === 'gone') return;
    clearTimeout(this.saveTimer);
    if (!this.dirty) {
      // It was changed back before it was saved.
      if (this.kept !== 'saving') this.kept = this.id ? 'saved' : 'new';
      return;
    }
    this.kept = 'waiting';
    this.saveTimer = setTimeout(() => void this.save(), PAUSE);
  }

  /** Asks what it comes to. */
  private async sum(): Promise<void> {
    const turn = (this.asked += 1);
    const found = this.found;
    if (!this.readable || !this.client || !found.lines.length) {
      this.wrong = {};
      if (!found.lines.length) this.sums = null;
      return;
    }
    const said = Object.entries(this.body).filter(([, value]) => value !== null);
    try {
      const sums = await answer(api.POST('/drafts/preview', { body: Object.fromEntries(said) as DraftInput }));
      if (turn !== this.asked) return;
      this.sums = sums;
      this.wrong = {};
      this.fresh = true;
    } catch (failed) {
      if (turn !== this.asked) return;
      if (failed instanceof Problem && failed.errors.length) {
        this.wrong = Object.fromEntries(failed.errors.map((error) => [placeOf(error.field, found), error.message]));
      } else if (this.kept !== 'failed') {
        this.error = failed;
      }
    }
  }

  /** What one line comes to, when that is known. */
  lineSum(key: number): Schemas['InvoiceLine'] | undefined {
    return this.fresh ? this.sums?.lines[this.found.lineKeys.indexOf(key)] : undefined;
  }

  /** Saves what stands in the form, one save after the other. */
  save(): Promise<void> {
    clearTimeout(this.saveTimer);
    this.running ??= this.store().finally(() => (this.running = null));
    return this.running;
  }

  private async store(): Promise<void> {
    while (this.dirty && this.readable && this.kept !== 'stale' && this.kept !== 'gone') {
      if (!this.id && !this.client && !this.lines.some((line) => !isBlank(line)) && !Object.values(this.texts).some(Boolean)) return;
      this.kept = 'saving';
      const { json, body } = { json: this.json, body: this.body };
      try {
        if (this.id) {
          this.version = (await changed('/drafts/{id}', this.id, body, this.version)).version;
        } else {
          const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) as DraftInput;
          const draft = await answer(api.POST('/drafts', { body: said }));
          this.id = draft.id;
          this.version = 1;
          this.made(draft.id);
        }
        this.savedState = json;
        this.saves += 1;
        void renew('draft');
        this.error = null;
        this.kept = this.dirty ? 'waiting' : 'saved';
      } catch (failed) {
        this.stumble(failed);
        return;
      }
    }
  }

  private stumble(failed: unknown): void {
    this.error = failed;
    this.kept = 'failed';
    if (!(failed instanceof Problem)) return;
    if (failed.status === 412) void this.compare();
    else if (failed.status === 404 && this.id) this.kept = 'gone';
    else if (failed.errors.length) {
      this.wrong = { ...this.wrong, ...Object.fromEntries(failed.errors.map((error) => [placeOf(error.field, this.found), error.message])) };
    } else if (failed.status === 0 || failed.status >= 500) this.saveTimer = setTimeout(() => void this.save(), AGAIN);
  }

  private async compare(): Promise<void> {
    try {
      const { data, version } = await tagged(api.GET('/drafts/{id}', one(this.id)));
      this.meet(data, version);
    } catch (failed) {
      this.stumble(failed);
    }
  }

  /** What they wrote stands; what was typed is given up. */
  takeTheirs(): void {
    if (!this.stored || !this.theirs) return;
    this.take(this.stored, this.theirs.version);
    this.saves += 1;
  }

  /** What was changed here stands, beside their other fields. */
  keepMine(): void {
    if (!this.stored || !this.theirs) return;
    const mine = { changes: this.changes, client: this.client, lines: this.lines, extras: this.extras, texts: { ...this.texts } };
    this.take(this.stored, this.theirs.version);
    for (const field of mine.changes) {
      if (field === 'client_id') this.client = mine.client;
      else if (field === 'lines') this.lines = mine.lines;
      else if (field === 'adjustments') this.extras = mine.extras;
      else this.texts[field] = mine.texts[field];
    }
    void this.save();
  }

  /** It is gone: what stands here becomes a draft of its own. */
  async begin(): Promise<void> {
    this.id = '';
    this.version = undefined;
    this.savedState = '-';
    this.kept = 'waiting';
    await this.save();
  }

  /** Issues it; answers with the invoice. */
  async issue(): Promise<Invoice> {
    await this.save();
    if (this.dirty || !this.id) throw this.error ?? new Error(t('drafts.not_saved_yet'));
    this.over = true;
    try {
      const issued = await answer(api.POST('/drafts/{id}/issue', { ...one(this.id), headers: ifMatch(this.version) } as never)) as Invoice;
      void renew('invoice');
      return issued;
    } catch (failed) {
      this.over = false;
      if (failed instanceof Problem && (failed.status === 412 || failed.status === 404)) this.stumble(failed);
      throw failed;
    }
  }

  /** Deletes it; gives back the way to have it again. */
  async drop(): Promise<() => Promise<unknown>> {
    clearTimeout(this.saveTimer);
    await this.running;
    this.over = true;
    const said = Object.fromEntries(Object.entries($state.snapshot(this.body)).filter(([, value]) => value !== null)) as DraftInput;
    try {
      if (this.id) await answer(api.DELETE('/drafts/{id}', one(this.id)) as Promise<{ data?: unknown }>);
    } catch (failed) {
      this.over = false;
      throw failed;
    }
    this.kept = 'gone';
    void renew('draft');
    return () => answer(api.POST('/drafts', { body: said })).then(() => renew('draft'));
  }

  add(after?: number): number {
    const index = after === undefined ? this.lines.length - 1 : this.lines.findIndex((line) => line.key === after);
    const line = newLine(this.lines[index]?.tax ?? this.usualTax);
    this.lines.splice(index + 1, 0, line);
    return line.key;
  }

  /** Takes a line out; answers with the one that stands there now. */
  remove(key: number): number | undefined {
    const index = this.lines.findIndex((line) => line.key === key);
    this.lines.splice(index, 1);
    if (!this.lines.length) this.lines.push(newLine(this.usualTax));
    return this.lines[Math.min(index, this.lines.length - 1)]?.key;
  }

  /** Moves a line; answers with its new place from 1, or nothing when it cannot go there. */
  move(key: number, to: (at: number, last: number) => number): number | undefined {
    const at = this.lines.findIndex((line) => line.key === key);
    const target = to(at, this.lines.length - 1);
    if (target < 0 || target >= this.lines.length || target === at) return undefined;
    const [line] = this.lines.splice(at, 1);
    this.lines.splice(target, 0, line);
    return target + 1;
  }

  addExtra(kind: ExtraForm['kind']): void {
    this.extras.push(newExtra(kind));
  }

  removeExtra(key: number): void {
    this.extras = this.extras.filter((extra) => extra.key !== key);
  }
}

/** What a field of a draft is called. */
export const fieldName = (field: string): string => said(`drafts.field_${field}`, field.replaceAll('_', ' '));
