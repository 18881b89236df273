// A draft that is being written: it saves itself at each pause, and asks the desk what it comes to.
import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { answer, api, changed, ifMatch, one, Problem, tagged, type Schemas } from '$lib/platform/api';
import { extraForm, isBlank, lineForm, newExtra, newLine, placeOf, read, taxWord, type DraftInput, type ExtraForm, type LineForm, type Texts } from './form';
import type { Category, Invoice } from './words';

type Settings = Schemas['Settings'];
/** How it stands with the desk: `stale` when somebody else changed it, `gone` when it was issued or dropped. */
export type Kept = 'new' | 'saved' | 'waiting' | 'saving' | 'failed' | 'stale' | 'gone';

const PAUSE = 800;
const GLANCE = 250;
const AGAIN = 5000;
const noTexts = (): Texts => ({ due_date: '', service_from: '', service_to: '', buyer_reference: '', order_reference: '', notes: '' });

export class DraftDesk {
  id = $state('');
  client = $state<{ id: string; name: string } | null>(null);
  lines = $state<LineForm[]>([]);
  extras = $state<ExtraForm[]>([]);
  texts = $state<Texts>(noTexts());
  kept = $state<Kept>('new');
  /** Why it is not saved. */
  error = $state<unknown>(null);
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
  readonly body = $derived.by(() => {
    const text = (value: string) => value.trim() || null;
    return {
      client_id: this.client?.id ?? null, lines: this.found.lines, adjustments: this.found.extras,
      due_date: text(this.texts.due_date), service_from: text(this.texts.service_from), service_to: text(this.texts.service_to),
      buyer_reference: text(this.texts.buyer_reference), order_reference: text(this.texts.order_reference), notes: text(this.texts.notes)
    };
  });
  private readonly json = $derived(JSON.stringify(this.body));
  readonly readable = $derived(Object.keys(this.found.unreadable).length === 0);
  private savedState = $state('');
  readonly dirty = $derived(this.json !== this.savedState);

  /** What is wrong at a place, once it was left. */
  at(place: string): string {
    const wrong = this.found.unreadable[place] ?? this.wrong[place] ?? this.found.missing[place] ?? '';
    return wrong && (this.insist || this.seen.has(place)) ? wrong : '';
  }

  /** What stands between it and being issued, each in a sentence. */
  readonly hindrances = $derived.by(() => {
    const said: string[] = [];
    if (!this.client) said.push('Choose a client.');
    if (!this.found.lines.length) said.push('Write at least one line.');
    const places = { ...this.found.missing, ...this.wrong, ...this.found.unreadable };
    for (const [place, message] of Object.entries(places)) {
      const [room, key, field] = place.split('.');
      const index = this.lines.findIndex((line) => room === 'line' && line.key === Number(key));
      if (index >= 0) said.push(`Line ${index + 1}, ${field === 'off' ? 'discount' : field}: ${message}`);
      else if (room === 'extra') said.push(`Discount or charge, ${field}: ${message}`);
      else if (place === 'client_id' || (place === 'lines' && !this.found.lines.length)) continue;
      else said.push(`${place.replaceAll('_', ' ')}: ${message}`);
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

  private take(draft: Schemas['Draft'], version: number): void {
    const { content } = draft;
    this.version = version;
    this.client = content.client_id ? { id: content.client_id, name: draft.client_name ?? '' } : null;
    this.lines = (content.lines ?? []).map((line) => lineForm(line, this.usualTax));
    if (!this.lines.length) this.lines = [newLine(this.usualTax)];
    this.extras = (content.adjustments ?? []).map(extraForm);
    const texts = noTexts();
    for (const name of Object.keys(texts) as (keyof Texts)[]) texts[name] = content[name] ?? '';
    this.texts = texts;
    this.savedState = this.json;
    this.kept = 'saved';
    this.error = null;
  }

  /** Follows the form while its page is open. */
  watch(): () => void {
    const stop = $effect.root(() => {
      $effect(() => {
        void this.json;
        untrack(() => this.touch());
      });
    });
    return () => {
      stop();
      clearTimeout(this.sumTimer);
      if (this.dirty) void this.save();
    };
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
        this.wrong = Object.fromEntries(failed.errors.map((error) => [placeOf(error.field, found), sentence(error.message)]));
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
    if (failed.status === 412) this.kept = 'stale';
    else if (failed.status === 404 && this.id) this.kept = 'gone';
    else if (failed.errors.length) {
      this.wrong = { ...this.wrong, ...Object.fromEntries(failed.errors.map((error) => [placeOf(error.field, this.found), sentence(error.message)])) };
    } else if (failed.status === 0 || failed.status >= 500) this.saveTimer = setTimeout(() => void this.save(), AGAIN);
  }

  /** Somebody else changed it: what they wrote stays. */
  async takeTheirs(): Promise<void> {
    await this.load(this.id);
  }

  /** Somebody else changed it: what stands here stays. */
  async keepMine(): Promise<void> {
    this.version = (await tagged(api.GET('/drafts/{id}', one(this.id)))).version;
    this.kept = 'waiting';
    await this.save();
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
    if (this.dirty || !this.id) throw this.error ?? new Error('The draft is not saved yet. Try again in a moment.');
    try {
      return await answer(api.POST('/drafts/{id}/issue', { ...one(this.id), headers: ifMatch(this.version) } as never)) as Invoice;
    } catch (failed) {
      if (failed instanceof Problem && (failed.status === 412 || failed.status === 404)) this.stumble(failed);
      throw failed;
    }
  }

  async drop(): Promise<void> {
    clearTimeout(this.saveTimer);
    await this.running;
    this.kept = 'gone';
    if (this.id) await answer(api.DELETE('/drafts/{id}', one(this.id)) as Promise<{ data?: unknown }>);
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

/** The desk's words begin in the middle: `must not be empty`. */
function sentence(message: string): string {
  return `${message[0]?.toUpperCase() ?? ''}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
