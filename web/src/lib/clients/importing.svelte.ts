// Taking clients in from a table: read, map, try, import. What was chosen stays when something goes wrong, and the desk is
// asked in parts, each of which is done once however often it is sent.
import { answer, api, newKey, type Schemas } from '$lib/platform/api';
import { clientOf, countryCodes, guess, looksLikeHead, targets, type Target } from './columns';
import { decode, guessDelimiter, parse, write, type Delimiter } from './csv';

/** Rows in one request, as many as the desk takes. */
const BATCH = 200;
/** Bytes that a browser reads at once without trouble. */
export const MOST_BYTES = 64 * 1024 * 1024;
/** Wrong rows that are shown; the file of them holds all. */
export const MOST_SHOWN = 200;

export type Duplicates = Schemas['ImportInput']['on_duplicate'];
export type Counts = { created: number; updated: number; skipped: number; wrong: number };
/** A row that was refused: its number in the table, from 1, and why. */
export type Wrong = { row: number; record: string[]; errors: Schemas['FieldError'][] };
type Run = { kind: 'dry' | 'real'; done: number; counts: Counts; wrong: Wrong[]; keys: string[]; finished: boolean };
const nothing = (): Counts => ({ created: 0, updated: 0, skipped: 0, wrong: 0 });

export class Importing {
  name = $state('');
  encoding = $state('');
  delimiter = $state<Delimiter>(',');
  /** Whether the first record says what the columns are. */
  headed = $state(true);
  records = $state.raw<string[][]>([]);
  mapping = $state<(Target | '')[]>([]);
  duplicates = $state<Duplicates>('skip');
  /** Tags that each of them gets. */
  tags = $state<string[]>([]);
  run = $state<Run | null>(null);
  busy = $state(false);
  error = $state<unknown>(null);
  #text = '';
  #stop = false;
  #countries: Map<string, string> | null = null;

  rows = $derived(this.headed ? this.records.slice(1) : this.records);
  width = $derived(this.records.slice(0, 100).reduce((most, one) => Math.max(most, one.length), 0));
  head = $derived(Array.from({ length: this.width }, (_, at) => (this.headed ? (this.records[0]?.[at] ?? '') : '')));
  /** Whether each row can have a name. */
  named = $derived(this.mapping.some((one) => one === 'name' || one === 'first_name' || one === 'last_name'));
  tried = $derived(this.run?.kind === 'dry' && this.run.finished);
  done = $derived(this.run?.kind === 'real' && this.run.finished);

  async read(file: File): Promise<void> {
    const { text, encoding } = decode(new Uint8Array(await file.arrayBuffer()));
    this.#text = text;
    this.name = file.name;
    this.encoding = encoding;
    this.split(guessDelimiter(text));
  }

  /** Takes the text apart by this mark. */
  split(delimiter: Delimiter): void {
    this.delimiter = delimiter;
    this.records = parse(this.#text, delimiter);
    this.headed = this.records.length > 1 && looksLikeHead(this.records[0] ?? []);
    this.recognise();
  }

  recognise(): void {
    this.mapping = this.headed ? guess(this.head) : Array.from({ length: this.width }, () => '');
    this.touch();
  }

  /** Something was chosen otherwise: what was tried says nothing any more. */
  touch(): void {
    if (!this.busy) this.run = null;
    this.error = null;
  }

  forget(): void {
    this.#text = '';
    this.records = [];
    this.name = '';
    this.tags = [];
    this.run = null;
    this.error = null;
  }

  #client(row: string[]): Schemas['ClientInput'] {
    this.#countries ??= countryCodes(['en', 'de', 'fr', 'es', 'it', 'nl']);
    return clientOf(row, this.mapping, this.#countries, this.tags);
  }

  /** Asks the desk about every row, or has them stored; goes on where an earlier try stopped. */
  async go(kind: Run['kind']): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.#stop = false;
    this.error = null;
    const all = this.rows;
    // Who was in earlier parts.
    const seen = new Set<string>(this.run?.finished === false ? all.slice(0, this.run.done).map((row) => this.#client(row).email?.toLowerCase() ?? '') : []);
    if (!this.run || this.run.kind !== kind || this.run.finished) this.run = { kind, done: 0, counts: nothing(), wrong: [], keys: [], finished: false };
    const run = this.run;
    try {
      while (run.done < all.length && !this.#stop) {
        const from = run.done;
        const batch = all.slice(from, from + BATCH);
        // The same name for the same part: when its answer was lost, nobody is taken in twice.
        const key = (run.keys[from / BATCH] ??= newKey());
        const body = { rows: batch.map((row) => this.#client(row)), dry_run: kind === 'dry', on_duplicate: this.duplicates };
        const rows = body.rows;
        const report = await answer(api.POST('/clients/import', { body, headers: { 'idempotency-key': key } }));
        for (const name of ['created', 'updated', 'skipped', 'wrong'] as const) run.counts[name] += report[name];
        // The desk sees one part at a time: who stands in an earlier one would be there already.
        if (kind === 'dry' && this.duplicates !== 'create') {
          report.rows.forEach((one, at) => {
            const email = rows[at]?.email?.toLowerCase();
            if (one.outcome !== 'created' || !email) return;
            if (seen.has(email)) {
              run.counts.created -= 1;
              run.counts[this.duplicates === 'update' ? 'updated' : 'skipped'] += 1;
            }
            seen.add(email);
          });
        }
        // Answers stand in the order of the rows.
        report.rows.forEach((one, at) => {
          if (one.outcome === 'wrong') run.wrong.push({ row: from + at + (this.headed ? 2 : 1), record: batch[at] ?? [], errors: one.errors });
        });
        run.done = from + batch.length;
      }
      run.finished = run.done >= all.length;
    } catch (failed) {
      this.error = failed;
    }
    this.busy = false;
  }

  stop(): void {
    this.#stop = true;
  }

  /** The refused rows as they came, each with its reason, to be mended and sent again. */
  wrongRows(reason: string): string {
    const said = (errors: Schemas['FieldError'][]) => errors.map((one) => `${one.field}: ${one.message}`).join('; ');
    const head = this.headed ? [[...this.head, reason]] : [];
    return write([...head, ...(this.run?.wrong ?? []).map(({ record, errors }) => [...Array.from({ length: this.width }, (_, at) => record[at] ?? ''), said(errors)])], this.delimiter);
  }
}

/** A table with the heads that are recognised, to begin with. */
export const template = (names: Record<Target, string>) => write([targets.map((target) => names[target])]);

/** Hands a text to the browser as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
