// What the words of invoices are called, in the language of the desk.
import { percent } from '$lib/base/format';
import { said, t } from '$lib/base/words.svelte';
import type { Schemas } from '$lib/platform/api';

export type Invoice = Schemas['Invoice'];
export type Unit = NonNullable<Schemas['InvoiceLineInput']['unit']>;
export type Category = NonNullable<Schemas['InvoiceLineInput']['tax_category']>;
export type TaxRate = Schemas['TaxRate'];
export type Method = Schemas['PaymentInput']['method'];

export const kindName = (kind: Invoice['kind']): string => said(`status.${kind}`, kind);

/** `Invoice R2026-00017`. */
export const titleOf = (invoice: Pick<Invoice, 'kind' | 'number'>): string =>
  t(invoice.kind === 'credit_note' ? 'invoices.title_credit_note' : 'invoices.title_invoice', { number: invoice.number });

export const units: Unit[] = ['one', 'piece', 'person', 'hour', 'minute', 'day', 'week', 'month', 'year', 'set', 'kg', 'l', 'm', 'm2', 'km'];

/** The unit of a quantity as it stands behind it; nothing for mere counting. */
export const unitName = (unit: Unit): string => (unit === 'one' ? '' : said(`invoices.unit_${unit}`, unit));

/** The categories of EN 16931 (UNTDID 5305). */
export const categories: Category[] = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'];

export const categoryName = (category: Category): string => said(`invoices.category_${category}`, category);

/** `19 %`, or why there is none. */
export const taxName = (rate: number, category: Category): string => (category === 'S' ? percent(rate) : categoryName(category));

export const methods: Method[] = ['transfer', 'card', 'cash', 'other'];

export const methodName = (method: string): string => said(`status.${method}`, method);

/** What was done, as the audit log names it. */
export const deedName = (action: string): string => said(`invoices.deed_${action}`, action.replaceAll('_', ' '));

/** An amount as it counts: what a credit note gives back is less. */
export const signed = ({ kind, total }: Pick<Invoice, 'kind' | 'total'>) => (kind === 'credit_note' ? { ...total, amount: -total.amount } : total);
