// What the words of invoices are called.
import { percent } from '$lib/base/format';
import type { Schemas } from '$lib/platform/api';

export type Invoice = Schemas['Invoice'];
export type Unit = NonNullable<Schemas['InvoiceLineInput']['unit']>;
export type Category = NonNullable<Schemas['InvoiceLineInput']['tax_category']>;
export type TaxRate = Schemas['TaxRate'];

export const kinds: Record<Invoice['kind'], string> = { invoice: 'Invoice', credit_note: 'Credit note' };

export const units: [Unit, string][] = [
  ['one', '–'], ['piece', 'piece'], ['person', 'person'], ['hour', 'hour'], ['minute', 'minute'], ['day', 'day'], ['week', 'week'],
  ['month', 'month'], ['year', 'year'], ['set', 'set'], ['kg', 'kg'], ['l', 'litre'], ['m', 'm'], ['m2', 'm²'], ['km', 'km']
];
const unitNames = new Map(units);

/** `3 hours`: the unit of a quantity, as it stands behind it. */
export function unitName(unit: Unit): string {
  return unit === 'one' ? '' : (unitNames.get(unit) ?? unit);
}

/** The categories of EN 16931 (UNTDID 5305). */
export const categories: [Category, string][] = [
  ['S', 'Taxed at a rate'], ['Z', 'Zero rate'], ['E', 'Exempt'], ['AE', 'Reverse charge'], ['K', 'Within the EU, goods'],
  ['G', 'Export'], ['O', 'Not subject to tax']
];
const categoryNames = new Map(categories);

export const categoryName = (category: Category): string => categoryNames.get(category) ?? category;

/** `19 %`, or why there is none. */
export function taxName(rate: number, category: Category): string {
  return category === 'S' ? percent(rate) : categoryName(category);
}

export const methods: [Schemas['PaymentInput']['method'], string][] = [
  ['transfer', 'Transfer'], ['card', 'Card'], ['cash', 'Cash'], ['other', 'Other']
];

export const roundings: Record<Invoice['rounding'], string> = {
  per_line: 'line by line', sum: 'on the sum of each rate', gross: 'gross prices kept as agreed'
};

export const deeds: Record<string, string> = {
  issue: 'Issued', credit: 'Credited', link: 'Link made', send: 'Sent', remind: 'Reminded', receive: 'Payment', give_back: 'Refund'
};
