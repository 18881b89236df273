// Figures and names of time as charts, calendars and reports write them, in the language of the desk.
import type { Money } from '$lib/platform/api';
import { decimals, pointed } from './amounts';
import { dateFormat, numberFormat } from './intl';
import { locale } from './words.svelte';

const utc = (date: string) => new Date(`${date.slice(0, 10)}T00:00Z`);

/** A whole number: 1,234. */
export function number(value: number): string {
  return numberFormat(locale(), { maximumFractionDigits: 0 }).format(value);
}

/** An amount where there is little room, such as beside an axis: €1.2K. */
export function moneyShort(value: Money): string {
  const whole = pointed(value.amount, decimals(value.currency)) as `${number}`;
  return numberFormat(locale(), { style: 'currency', currency: value.currency, notation: 'compact', maximumFractionDigits: 1 }).format(whole);
}

/** A part of a whole in percent, without digits behind the point; nothing of nothing is a dash. */
export function ratio(part: number, whole: number): string {
  if (whole <= 0) return '–';
  return numberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(part / whole);
}

/** A day without its year: 24 Dec. */
export function dayShort(date: string): string {
  return dateFormat(locale(), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(utc(date));
}

/** A day with its weekday, without its year: Thu 24 Dec. */
export function dayNamed(date: string): string {
  return dateFormat(locale(), { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(utc(date));
}

/** A month: December 2026. */
export function month(date: string, form: 'long' | 'short' = 'long'): string {
  return dateFormat(locale(), { month: form, year: 'numeric', timeZone: 'UTC' }).format(utc(date));
}

/** Days from one to another, both of them in it: 21–27 Dec 2026. */
export function span(from: string, to: string): string {
  return dateFormat(locale(), { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).formatRange(utc(from), utc(to));
}

/** The name of a weekday; 0 is Sunday, as dates count. */
export function weekday(day: number, form: 'long' | 'short' | 'narrow' = 'short'): string {
  return dateFormat(locale(), { weekday: form, timeZone: 'UTC' }).format(new Date(Date.UTC(2023, 0, 1 + day)));
}

/** The first day of the week where the reader lives: 0 is Sunday. */
export function firstWeekday(tag: string = locale()): number {
  const own = new Intl.Locale(tag) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return (own.getWeekInfo?.() ?? own.weekInfo ?? { firstDay: 1 }).firstDay % 7;
}

/** From one time of a wall to another: 18:00–20:30. */
export function hours(from: string, to: string): string {
  const at = (local: string) => new Date(`${local.slice(0, 16)}:00Z`);
  return dateFormat(locale(), { timeStyle: 'short', timeZone: 'UTC' }).formatRange(at(from), at(to));
}

/** How long in words: 2 hr 30 min. */
export function duration(minutes: number): string {
  const unit = (value: number, name: 'hour' | 'minute') => numberFormat(locale(), { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [whole && unit(whole, 'hour'), rest && unit(rest, 'minute')].filter(Boolean).join(' ') || unit(0, 'minute');
}

/** A zone as it is said there: "Berlin (GMT+1)". */
export function zoneName(timeZone: string, at: Date = new Date()): string {
  const city = timeZone.split('/').at(-1)?.replaceAll('_', ' ') ?? timeZone;
  const name = dateFormat(locale(), { timeZone, timeZoneName: 'short' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value;
  return name && name !== city ? `${city} (${name})` : city;
}

/** A time of day where there is little room: 7 AM, 7:30 AM, 18:00. */
export function hourShort(local: string): string {
  const format = dateFormat(locale(), { hour: 'numeric', minute: local.slice(14, 16) === '00' ? undefined : '2-digit', timeZone: 'UTC' });
  // Where the day has 24 hours, a bare 18 is no time.
  return (format.resolvedOptions().hour12 ? format : dateFormat(locale(), { timeStyle: 'short', timeZone: 'UTC' })).format(new Date(`${local.slice(0, 16)}:00Z`));
}
