// Values as people write them, in the language of the desk.
import type { Money } from '$lib/platform/api';
import { decimals, pointed } from './amounts';
import { dateFormat, numberFormat } from './intl';
import { locale, said, t } from './words.svelte';

export function money(value: Money | undefined | null): string {
  if (!value) return '–';
  const places = decimals(value.currency);
  const format = numberFormat(locale(), {
    style: 'currency', currency: value.currency, minimumFractionDigits: places, maximumFractionDigits: places
  });
  return format.format(pointed(value.amount, places) as `${number}`);
}

/** Basis points in percent: 997.5 is 9.975 %. */
export function percent(basis: number): string {
  return numberFormat(locale(), { style: 'percent', maximumFractionDigits: 4 })
    .format(pointed(Math.round(basis * 100), 6) as `${number}`);
}

/** A decimal as the desk writes it (`2.5`), in the browser's language. */
export function quantity(decimal: string): string {
  return numberFormat(locale(), { maximumFractionDigits: 12 }).format(decimal as `${number}`);
}

/** Whether a text has the form of a day. */
export const isDay = (text: string | null): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');

/** A day such as `2026-12-24`. */
export function day(date: string | undefined | null): string {
  if (!date) return '–';
  return dateFormat(locale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00Z`));
}

/** A wall-clock time as it is said, in no other zone than its own. */
export function wall(local: string): string {
  const at = new Date(`${local}:00Z`);
  return dateFormat(locale(), { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at);
}

export function when(instant: string): string {
  return dateFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function words(status: string): string {
  return said(`status.${status}`, status.replaceAll('_', ' '));
}

export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(size, 1)) / 10));
  const value = size / 1024 ** step;
  return `${Number(value.toFixed(value < 10 ? 1 : 0))}\u00a0${units[step]}`;
}

/** A length of sound or film: 1:05, 1:02:09. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}` : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** How long something still takes, no more exact than it can be known. */
export function left(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 5) return t('common.seconds_left_few');
  if (seconds < 90) return t('common.seconds_left', { n: Math.ceil(seconds / 5) * 5 });
  if (seconds < 5400) return t('common.minutes_left', { n: Math.round(seconds / 60) });
  return t('common.hours_left', { n: Math.round(seconds / 3600) });
}

/** The time of a wall-clock instant such as `2026-12-24T18:30`: 18:30 or 6:30 PM. */
export function hour(local: string): string {
  return dateFormat(locale(), { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`${local.slice(0, 16)}:00Z`));
}

/** A day with its weekday: Thursday, 24 December 2026. */
export function longDay(date: string): string {
  return dateFormat(locale(), { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(`${date.slice(0, 10)}T00:00Z`));
}

/** How long ago, or in how long: "3 minutes ago", "tomorrow". */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const steps = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const;
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return format.format(Math.round(seconds), 'second');
}

/** The day it is at this moment in a zone, or on the clock of whoever looks: `2026-12-24`. */
export function today(timeZone?: string, now = new Date()): string {
  // Where the zone is not asked for, nor is what the browser takes long to find out.
  if (!timeZone) return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  return dateFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now);
}

/** The wall-clock time of an instant in a zone: `2026-12-24T18:30`. */
export function wallOf(instant: string | Date, timeZone: string): string {
  const parts = dateFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(new Date(instant));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** A day some days later: days of the calendar, never 24 hours. */
export function plusDays(date: string, days: number): string {
  const at = new Date(`${date.slice(0, 10)}T00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
