// Values as people write them, in the browser's language.
import type { Money } from './api';

const digits = (currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

export function money(value: Money | undefined | null): string {
  if (!value) return '–';
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: value.currency });
  return format.format(value.amount / 10 ** digits(value.currency));
}

/** What was typed as an amount, in minor units. */
export function minor(text: string, currency: string): Money {
  return { amount: Math.round(Number(text.replace(',', '.')) * 10 ** digits(currency)), currency };
}

/** An amount as it is typed. */
export function major(value: Money): string {
  return String(value.amount / 10 ** digits(value.currency));
}

/** A wall-clock time as it is said, in no other zone than its own. */
export function wall(local: string): string {
  const at = new Date(`${local}:00Z`);
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at);
}

export function when(instant: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function words(status: string): string {
  return status.replaceAll('_', ' ');
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
  if (seconds < 5) return 'a few seconds left';
  if (seconds < 90) return `${Math.ceil(seconds / 5) * 5} seconds left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes left`;
  return `${Math.round(seconds / 3600)} hours left`;
}
