// A draft as it stands in the form, and as the desk takes it. Pure.
import { t } from '$lib/base/words.svelte';
import { decimals, major, minor, percentTyped, plain, points, typed, Unreadable } from '$lib/base/amounts';
import type { Schemas } from '$lib/platform/api';
import type { Category, Unit } from './words';

export type DraftInput = Schemas['DraftInput'];
type LineInput = Schemas['InvoiceLineInput'];
type ExtraInput = Schemas['AdjustmentInput'];
export type By = 'percent' | 'amount';

/** A line as it is typed. `tax` is category and rate: `S:1900`. */
export type LineForm = {
  key: number; description: string; quantity: string; unit: Unit; price: string; off: string; by: By; reason: string; tax: string;
};

/** A discount or a charge on the whole as it is typed; `tax` is empty when it is shared among the lines' taxes. */
export type ExtraForm = { key: number; kind: ExtraInput['kind']; reason: string; value: string; by: By; tax: string };

/** The form without its client. */
export type Texts = {
  due_date: string; service_from: string; service_to: string; buyer_reference: string; order_reference: string; notes: string;
};

let keys = 0;
const key = () => (keys += 1);

export const taxWord = (rate: number, category: Category) => `${category}:${rate}`;

/** Category and rate of a word such as `S:1900`. */
export function taxOf(word: string): { tax_category: Category; tax_rate: number } {
  const [category, rate] = word.split(':');
  return { tax_category: category as Category, tax_rate: Number(rate) };
}

export const newLine = (tax: string): LineForm =>
  ({ key: key(), description: '', quantity: '1', unit: 'one', price: '', off: '', by: 'percent', reason: '', tax });

export const newExtra = (kind: ExtraInput['kind']): ExtraForm => ({ key: key(), kind, reason: '', value: '', by: 'percent', tax: '' });

/** Nothing was written into it. */
export const isBlank = (line: LineForm) => !line.description.trim() && !line.price.trim() && !line.off.trim();

/** A stored line as it is typed. */
export function lineForm(line: LineInput, usual: string): LineForm {
  const { discount } = line;
  const rate = line.tax_rate ?? 0;
  return {
    key: key(), description: line.description, quantity: typed(line.quantity), unit: line.unit ?? 'one', price: major(line.unit_price),
    by: discount?.amount ? 'amount' : 'percent', reason: discount?.reason ?? '',
    off: discount?.amount ? major(discount.amount) : discount?.percent != null ? percentTyped(discount.percent) : '',
    tax: line.tax_category ? taxWord(rate, line.tax_category) : line.tax_rate == null ? usual : taxWord(rate, rate > 0 ? 'S' : 'Z')
  };
}

/** A stored discount or charge as it is typed. */
export function extraForm(extra: ExtraInput): ExtraForm {
  return {
    key: key(), kind: extra.kind, reason: extra.reason, by: extra.amount ? 'amount' : 'percent',
    value: extra.amount ? major(extra.amount) : extra.percent != null ? percentTyped(extra.percent) : '',
    tax: extra.tax_rate == null || !extra.tax_category ? '' : taxWord(extra.tax_rate, extra.tax_category)
  };
}

/** What was read from a form. Places are named `line.3.price`, `extra.4.value`, by the key of the row. */
export type Read = {
  lines: LineInput[];
  extras: ExtraInput[];
  /** Key of each line and each extra that is sent. */
  lineKeys: number[];
  extraKeys: number[];
  /** What cannot be read, by place: nothing is saved until it can. */
  unreadable: Record<string, string>;
  /** What must still be filled in, by place: it is saved without. */
  missing: Record<string, string>;
};

/** Reads lines and extras; blank lines are left out. */
export function read(lines: LineForm[], extras: ExtraForm[], currency: string): Read {
  const found: Read = { lines: [], extras: [], lineKeys: [], extraKeys: [], unreadable: {}, missing: {} };
  const take = <T>(place: string, instead: T, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      found.unreadable[place] = error.message;
      return instead;
    }
  };
  const off = (place: string, by: By, text: string) =>
    take(place, undefined, () => (by === 'percent' ? { percent: points(text) } : { amount: minor(text, currency) }));
  for (const line of lines) {
    if (isBlank(line)) continue;
    const at = (field: string) => `line.${line.key}.${field}`;
    if (!line.description.trim()) found.missing[at('description')] = t('drafts.say_what');
    if (!line.price.trim()) found.missing[at('price')] = t('drafts.enter_price');
    if (!line.quantity.trim()) found.missing[at('quantity')] = t('drafts.how_many');
    const discount = line.off.trim() ? off(at('off'), line.by, line.off) : undefined;
    found.lineKeys.push(line.key);
    found.lines.push({
      description: line.description.trim(),
      quantity: line.quantity.trim() ? take(at('quantity'), '1', () => plain(line.quantity)) : '1',
      unit: line.unit,
      unit_price: line.price.trim() ? take(at('price'), { amount: 0, currency }, () => minor(line.price, currency)) : { amount: 0, currency },
      ...taxOf(line.tax),
      ...(discount ? { discount: { ...discount, ...(line.reason.trim() ? { reason: line.reason.trim() } : {}) } } : {})
    });
  }
  for (const extra of extras) {
    const at = (field: string) => `extra.${extra.key}.${field}`;
    const value = extra.value.trim() ? off(at('value'), extra.by, extra.value) : { percent: 0 };
    if (!extra.value.trim()) found.missing[at('value')] = t('drafts.how_much');
    if (!extra.reason.trim()) found.missing[at('reason')] = t('drafts.say_what');
    found.extraKeys.push(extra.key);
    found.extras.push({ kind: extra.kind, reason: extra.reason.trim(), ...value, ...(extra.tax ? taxOf(extra.tax) : {}) });
  }
  return found;
}

/** The place in the form of a field that the desk names: `lines[2].unit_price.currency` is `line.7.price`. */
export function placeOf(field: string, found: Pick<Read, 'lineKeys' | 'extraKeys'>): string {
  const [, room, index, name = ''] = /^(lines|adjustments)\[(\d+)\](?:\.(\w+))?/.exec(field) ?? [];
  if (!room) return field;
  if (room === 'lines') {
    const names: Record<string, string> = { unit_price: 'price', discount: 'off', tax_rate: 'tax', tax_category: 'tax' };
    return `line.${found.lineKeys[Number(index)]}.${names[name] ?? (name || 'description')}`;
  }
  const names: Record<string, string> = { amount: 'value', percent: 'value', tax_rate: 'tax', tax_category: 'tax' };
  return `extra.${found.extraKeys[Number(index)]}.${names[name] ?? (name || 'reason')}`;
}

/** What a draft says, with nothing for what it leaves out. */
export type Body = {
  client_id: string | null; lines: LineInput[]; adjustments: ExtraInput[]; due_date: string | null; service_from: string | null;
  service_to: string | null; buyer_reference: string | null; order_reference: string | null; notes: string | null;
};

/** A draft from the parts of its form. */
export function bodyOf(client: { id: string } | null, found: Pick<Read, 'lines' | 'extras'>, texts: Texts): Body {
  const text = (value: string) => value.trim() || null;
  return {
    client_id: client?.id ?? null, lines: found.lines, adjustments: found.extras,
    due_date: text(texts.due_date), service_from: text(texts.service_from), service_to: text(texts.service_to),
    buyer_reference: text(texts.buyer_reference), order_reference: text(texts.order_reference), notes: text(texts.notes)
  };
}

export const noTexts = (): Texts => ({ due_date: '', service_from: '', service_to: '', buyer_reference: '', order_reference: '', notes: '' });

/** An example of an amount in this currency and language: `0,00`. */
export const nothing = (currency: string) => typed(decimals(currency) ? `0.${'0'.repeat(decimals(currency))}` : '0');
