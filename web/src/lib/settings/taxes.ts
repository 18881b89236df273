// Tax rates as they are typed, and as the desk keeps them. Pure.
import { percentTyped, points } from '$lib/base/amounts';
import type { Schemas } from '$lib/platform/api';

export type Category = NonNullable<Schemas['TaxRate']['category']>;
/** As EN 16931 names them. */
export const categories: Category[] = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'];
export const needsReason = (category: Category) => !['S', 'Z'].includes(category);

/** A rate while it is typed; the key tells rows apart. */
export type Row = { key: number; name: string; rate: string; category: Category; reason: string };

export function rowsOf(rates: Schemas['TaxRate'][]): Row[] {
  return rates.map((rate, key) => ({ key, name: rate.name, rate: percentTyped(rate.rate), category: rate.category ?? (rate.rate > 0 ? 'S' : 'Z'), reason: rate.reason ?? '' }));
}

/**
 * What was typed, for the desk.
 *
 * @throws Unreadable
 */
export function ratesOf(rows: Row[]): Schemas['TaxRate'][] {
  return rows.map(({ name, rate, category, reason }) => ({
    name: name.trim(), rate: category === 'S' ? points(rate || '0') : 0, category, reason: needsReason(category) ? reason.trim() || undefined : undefined
  }));
}

export const nextKey = (rows: Row[]) => Math.max(-1, ...rows.map((row) => row.key)) + 1;
