// What a document lacks for an e-invoice, in the language of the desk.
import { language, said } from '$lib/base/words.svelte';
import type { Schemas } from '$lib/platform/api';

/** What to do about a gap: in English as the desk says it, else by its term of EN 16931, such as `BT-31`. */
export const gapText = (gap: Schemas['EInvoiceGap']): string =>
  language() === 'en' ? gap.message : said(`invoices.gap_${gap.term.replace('-', '')}`, gap.message);

/** The page where a gap is filled; none where it is in the document itself. */
export function gapPage(field: string, clientId?: string): string | undefined {
  if (field.startsWith('settings.invoicing') || field === 'settings.tax_rates') return '/settings/invoices';
  if (field.startsWith('settings.')) return '/settings';
  if (field.startsWith('client.') && clientId) return `/clients/${clientId}`;
  return undefined;
}
