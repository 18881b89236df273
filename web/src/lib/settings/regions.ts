// Countries, currencies, time zones and languages, named by the browser in the language of the desk.
import { locale } from '$lib/base/words.svelte';

/** A code and its name. */
export type Named = { code: string; name: string };

// What browsers can name but is no country (ISO 3166-1).
const none = 'AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ'.split(' ');

const byName = (list: Named[]) => {
  const order = new Intl.Collator(locale());
  return list.sort((one, other) => order.compare(one.name, other.name));
};

export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(locale(), { type: 'region' }).of(code) ?? code;
}

/** Every country, by name. */
export function countries(): Named[] {
  const names = new Intl.DisplayNames(locale(), { type: 'region', fallback: 'none' });
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  // A code that was taken out of use is named as what it is now; only those that name themselves stay.
  const standing = (code: string) => english.of(code) && new Intl.Locale(`und-${code}`).region === code && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
  return byName(letters.flatMap((one) => letters.map((other) => one + other))
    .filter((code) => !none.includes(code) && standing(code)).map((code) => ({ code, name: names.of(code) ?? code })));
}

/** Every currency, by name. */
export function currencies(): Named[] {
  const names = new Intl.DisplayNames(locale(), { type: 'currency' });
  return byName(Intl.supportedValuesOf('currency').map((code) => ({ code, name: names.of(code) ?? code })));
}

/** Every time zone (IANA), with the one that is chosen. */
export function zones(chosen = ''): string[] {
  return [...new Set([chosen, ...Intl.supportedValuesOf('timeZone'), 'UTC'].filter(Boolean))].sort();
}

export function languageName(tag: string): string {
  return new Intl.DisplayNames(locale(), { type: 'language' }).of(tag) ?? tag;
}

/** Languages that invoices can be written in. */
export const documents = ['en', 'de', 'fr', 'es', 'it', 'nl'];

/** `Europe/Berlin (UTC+1)`: how far a zone is from UTC now. */
export function zoneName(zone: string): string {
  const offset = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(new Date()).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return `${zone.replaceAll('_', ' ')} (${offset.replace('GMT', 'UTC')})`;
}
