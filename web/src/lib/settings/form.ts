// What the page of invoices and taxes edits, and the patch that stores it. Pure.
import type { Schemas } from '$lib/platform/api';
import { text, type Settings } from './queries';
import { ratesOf, rowsOf, type Row } from './taxes';

type Invoicing = Schemas['Invoicing'];

export type Form = {
  prices_include_tax: boolean; rounding: '' | NonNullable<Invoicing['rounding']>; tax_rates: Row[];
  invoice_pattern: string; invoice_prefix: string; credit_note_pattern: string; credit_note_prefix: string;
  tax_number: string; registration: string; contact: string; qr_iban: string; payment_days: number; locale: string;
  invoice_notes: string; footer: string; accent_color: string; logo_id: string; on_cancel: Invoicing['on_cancel'];
  remind: boolean; reminders: Schemas['ReminderText'][]; accounts: Schemas['Accounts'];
};

// Which stand under `invoicing`, and which can be taken away.
const inside: (keyof Form & keyof Invoicing)[] = [
  'rounding', 'invoice_pattern', 'credit_note_pattern', 'tax_number', 'registration', 'contact', 'qr_iban', 'accent_color', 'logo_id', 'footer',
  'on_cancel', 'reminders', 'remind', 'accounts'
];
const empties: (keyof Form)[] = ['rounding', 'tax_number', 'registration', 'contact', 'qr_iban', 'invoice_notes', 'footer', 'logo_id'];

/** Where the desk says what is wrong with a field. */
export const pathOf = (field: keyof Form) => ((inside as string[]).includes(field) ? `invoicing.${field}` : field);

export function formOf(data: Settings): Form {
  const { invoicing } = data;
  return {
    prices_include_tax: data.prices_include_tax, rounding: invoicing.rounding ?? '', tax_rates: rowsOf(data.tax_rates),
    invoice_pattern: invoicing.invoice_pattern, invoice_prefix: data.invoice_prefix, credit_note_pattern: invoicing.credit_note_pattern,
    credit_note_prefix: data.credit_note_prefix, tax_number: invoicing.tax_number ?? '', registration: invoicing.registration ?? '',
    contact: invoicing.contact ?? '', qr_iban: invoicing.qr_iban ?? '', payment_days: data.payment_days, locale: data.locale,
    invoice_notes: data.invoice_notes ?? '', footer: invoicing.footer ?? '', accent_color: invoicing.accent_color, logo_id: invoicing.logo_id ?? '',
    on_cancel: invoicing.on_cancel, remind: invoicing.remind, reminders: invoicing.reminders, accounts: invoicing.accounts
  };
}

/**
 * The patch that stores these changes and nothing else.
 *
 * @throws Unreadable for a tax rate that is no number
 */
export function patchOf(changes: Partial<Form>): Partial<Settings> {
  const patch: Record<string, unknown> = {};
  const invoicing: Record<string, unknown> = {};
  for (const [field, typed] of Object.entries(changes) as [keyof Form, unknown][]) {
    const value = field === 'tax_rates' ? ratesOf(typed as Row[]) : empties.includes(field) ? text(String(typed)) : typed;
    if ((inside as string[]).includes(field)) invoicing[field] = value;
    else patch[field] = value;
  }
  if (Object.keys(invoicing).length) patch.invoicing = invoicing;
  return patch;
}
