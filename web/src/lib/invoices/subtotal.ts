// What stands above the net of a document, in the prices of its lines: with tax where they hold it. Pure.
import type { Schemas } from '$lib/platform/api';
import type { Invoice } from './words';

type Adjustment = Schemas['Adjustment'];
/** A discount (negative) or a charge on the whole, over all the taxes that it touches. */
export type Extra = { reason: string; percent?: number; amount: number; only?: Adjustment };

/** Discounts and charges, each once, though it was shared among taxes. */
export function extrasOf({ adjustments, prices_include_tax }: Invoice): Extra[] {
  const groups: Adjustment[][] = [];
  const tax = (one: Adjustment) => `${one.tax_category}:${one.tax_rate}`;
  for (const one of adjustments) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const belongs = first && first.kind === one.kind && first.reason === one.reason && first.percent === one.percent
      && !last?.some((other) => tax(other) === tax(one));
    if (belongs) last?.push(one);
    else groups.push([one]);
  }
  return groups.map((group) => {
    const sum = group.reduce((whole, one) => whole + (prices_include_tax ? one.amount : one.net).amount, 0);
    const [first] = group;
    return { reason: first.reason, percent: first.percent, amount: first.kind === 'charge' ? sum : -sum, only: group.length === 1 ? first : undefined };
  });
}

/** What the lines come to; nothing when it cannot be said without all of them. */
export function linesOf(invoice: Invoice, shown: number): number | undefined {
  if (!invoice.prices_include_tax) return invoice.lines_net.amount;
  if (invoice.lines.length < shown) return invoice.lines.reduce((sum, line) => sum + line.total.amount, 0);
  // Where gross prices are kept, the total is the lines with discounts and charges.
  return invoice.rounding === 'sum' ? undefined : invoice.total.amount - extrasOf(invoice).reduce((sum, one) => sum + one.amount, 0);
}
