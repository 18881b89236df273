// A client as a form has it: every field a text, the address among them.
import { locale, t } from '$lib/base/words.svelte';
import type { Schemas } from '$lib/platform/api';

export type ClientForm = {
  name: string; email: string; phone: string; street: string; postcode: string; city: string; country: string;
  vat_id: string; buyer_reference: string; locale: string; tags: string[]; notes: string;
};
const places = ['street', 'postcode', 'city', 'country'] as const;

export function formOf(client: Schemas['Client']): ClientForm {
  const { name, email, phone, vat_id, buyer_reference, locale, notes, tags, address } = client;
  return {
    name, email: email ?? '', phone: phone ?? '', street: address.street ?? '', postcode: address.postcode ?? '', city: address.city ?? '', country: address.country ?? '',
    vat_id: vat_id ?? '', buyer_reference: buyer_reference ?? '', locale: locale ?? '', tags: [...tags], notes: notes ?? ''
  };
}

export const emptyForm = (): ClientForm => ({
  name: '', email: '', phone: '', street: '', postcode: '', city: '', country: '', vat_id: '', buyer_reference: '', locale: '', tags: [], notes: ''
});

/** What was changed, as the desk takes it: an address is sent whole. */
export function bodyOf(changes: Partial<ClientForm>, all: ClientForm): Partial<Schemas['ClientInput']> {
  const body: Partial<Schemas['ClientInput']> = {};
  for (const field of ['name', 'email', 'phone', 'vat_id', 'buyer_reference', 'locale', 'notes'] as const) if (changes[field] !== undefined) body[field] = changes[field];
  if (changes.tags) body.tags = changes.tags;
  if (places.some((place) => changes[place] !== undefined)) {
    body.address = { street: all.street, postcode: all.postcode, city: all.city, country: all.country.toUpperCase() };
  }
  return body;
}

/** What each field is called. */
export const fieldNames = (): Record<keyof ClientForm, string> => ({
  name: t('clients.name'), email: t('clients.email'), phone: t('clients.phone'), street: t('clients.street'), postcode: t('clients.postcode'), city: t('clients.city'),
  country: t('clients.country'), vat_id: t('clients.vat_id'), buyer_reference: t('clients.buyer_reference'), locale: t('clients.language'), tags: t('clients.tags'), notes: t('clients.notes')
});

/** Languages of mails and invoices. */
export function languageName(tag: string): string {
  if (!tag) return t('clients.as_business');
  try {
    return new Intl.DisplayNames(locale(), { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
export const clientLanguages = ['', 'en', 'de', 'fr', 'es', 'it', 'nl'];

/** The name of a country by its code; nothing when there is no such code. */
export function countryName(code: string): string {
  if (!/^[a-z]{2}$/i.test(code)) return '';
  return new Intl.DisplayNames(locale(), { type: 'region', fallback: 'none' }).of(code.toUpperCase()) ?? '';
}
