// Amounts, quantities and shares as people type them, in the language of the desk. Never: a float; digits are moved as text.
import type { Money } from '$lib/platform/api';
import { locale as spoken, t } from './words.svelte';

// As the desk counts them (ISO 4217). Browsers know other figures for some: CLDR says how cash is paid, such as 0 for HUF.
const none = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const three = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/** Digits after the point: 0, 2 or 3. */
export function decimals(currency: string): number {
  return none.includes(currency) ? 0 : three.includes(currency) ? 3 : 2;
}

/** What was typed is no number, or has more digits than are counted. */
export class Unreadable extends Error {}

type Marks = { decimal: string; group: string; digits: string };

/** How a language writes numbers. */
function marks(locale: string = spoken()): Marks {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(-1234567.8);
  const find = (type: string, other: string) => parts.find((part) => part.type === type)?.value ?? other;
  const digits = new Intl.NumberFormat(locale, { useGrouping: false }).format(9876543210);
  return { decimal: find('decimal', '.'), group: find('group', ','), digits: [...digits].reverse().join('') };
}

/**
 * What was typed as a plain decimal: `1 234,50` in German is `1234.50`. A mark that the language uses for groups is
 * taken as the decimal mark where it cannot group (`12.50` in German), so that nobody pays a hundredfold.
 *
 * @throws Unreadable
 */
export function plain(text: string, locale?: string): string {
  const { decimal, digits } = marks(locale);
  const wrong = () => new Unreadable(t('common.not_a_number'));
  let rest = [...text.trim()].map((char) => (digits.includes(char) ? String([...digits].indexOf(char)) : char)).join('');
  const minus = /^[-−]/.test(rest);
  rest = rest.replace(/^[-+−]/, '').replace(/[\s\u00a0\u202f'’]/g, '');
  const found = [...new Set(rest.match(/[.,\u066b\u066c]/g) ?? [])];
  let at = -1;
  if (found.length > 2) throw wrong();
  if (found.length === 2) at = Math.max(...found.map((mark) => rest.lastIndexOf(mark)));
  else if (found.length === 1) {
    const grouped = new RegExp(`^\\d{1,3}(\\${found[0]}\\d{3})+$`).test(rest) && !rest.startsWith('0');
    const many = rest.indexOf(found[0]) !== rest.lastIndexOf(found[0]);
    if (found[0] === decimal ? many : !grouped && many) throw wrong();
    if (found[0] === decimal || !grouped) at = rest.lastIndexOf(found[0]);
  }
  const whole = (at < 0 ? rest : rest.slice(0, at));
  const fraction = at < 0 ? '' : rest.slice(at + 1);
  if (found.length === 2 && !new RegExp(`^\\d{1,3}(\\${found.find((mark) => mark !== rest[at])}\\d{3})+$`).test(whole)) throw wrong();
  const bare = whole.replace(/[.,\u066b\u066c]/g, '');
  if (!/^\d*$/.test(bare) || !/^\d*$/.test(fraction) || !(bare || fraction)) throw wrong();
  const value = `${bare.replace(/^0+(?=\d)/, '') || '0'}${fraction ? `.${fraction}` : ''}`;
  return minus && /[1-9]/.test(value) ? `-${value}` : value;
}

/** A plain decimal times ten to the power of `places`, as a whole number. */
function shifted(decimal: string, places: number, much: string): number {
  const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(decimal) ?? [];
  const spare = fraction.slice(places);
  if (/[1-9]/.test(spare)) throw new Unreadable(much);
  const value = Number(`${minus}${whole}${fraction.slice(0, places).padEnd(places, '0')}`);
  if (!Number.isSafeInteger(value)) throw new Unreadable(t('common.too_large'));
  return value;
}

/** A whole number divided by ten to the power of `places`, as a plain decimal. */
export function pointed(value: number, places: number): string {
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  const at = digits.length - places;
  return `${value < 0 ? '-' : ''}${digits.slice(0, at)}${places ? `.${digits.slice(at)}` : ''}`;
}

/**
 * What was typed as an amount, in minor units.
 *
 * @throws Unreadable
 */
export function minor(text: string, currency: string, locale?: string): Money {
  const places = decimals(currency);
  const much = places ? t('common.digits', { currency, n: places }) : t('common.no_digits', { currency });
  return { amount: shifted(plain(text, locale), places, much), currency };
}

/** A plain decimal as it is typed in this language. */
export function typed(decimal: string, locale?: string): string {
  return decimal.replace('.', marks(locale).decimal);
}

/** An amount as it is typed. */
export function major(value: Money, locale?: string): string {
  return typed(pointed(value.amount, decimals(value.currency)), locale);
}

/**
 * What was typed as a share in percent, in basis points: `9.975` is 997.5.
 *
 * @throws Unreadable
 */
export function points(text: string, locale?: string): number {
  return shifted(plain(text.replace(/%\s*$/, ''), locale), 4, t('common.share_digits')) / 100;
}

/** Basis points as they are typed, in percent. */
export function percentTyped(basis: number, locale?: string): string {
  return typed(tidy(pointed(Math.round(basis * 100), 4)), locale);
}

/** A plain decimal without zeros at its end. */
export function tidy(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/**
 * A part of an amount: `amount × part ÷ whole`, half up away from zero, as the desk rounds. Part and whole are plain
 * decimals.
 */
export function share(amount: number, part: string, whole: string): number {
  const places = Math.max(...[part, whole].map((one) => one.split('.')[1]?.length ?? 0));
  const exact = (one: string) => BigInt(shifted(one, places, ''));
  const [top, bottom] = [BigInt(amount) * exact(part), exact(whole)];
  if (bottom === 0n) return 0;
  const negative = top < 0n !== bottom < 0n;
  const [over, under] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const rounded = (over * 2n + under) / (under * 2n);
  return Number(negative ? -rounded : rounded);
}

/** Whether one plain decimal is more than another. */
export function more(one: string, other: string): boolean {
  const places = Math.max(...[one, other].map((value) => value.split('.')[1]?.length ?? 0));
  return shifted(one, places, '') > shifted(other, places, '');
}
