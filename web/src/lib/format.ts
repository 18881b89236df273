// Values as people write them, in the browser's language.
import { decimals, pointed } from './amounts';
import type { Money } from './api';

export function money(value: Money | undefined | null): string {
  if (!value) return '–';
  const places = decimals(value.currency);
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency', currency: value.currency, minimumFractionDigits: places, maximumFractionDigits: places
  });
  return format.format(pointed(value.amount, places) as `${number}`);
}

/** Basis points in percent: 997.5 is 9.975 %. */
export function percent(basis: number): string {
  return new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 4 })
    .format(pointed(Math.round(basis * 100), 6) as `${number}`);
}

/** A decimal as the desk writes it (`2.5`), in the browser's language. */
export function quantity(decimal: string): string {
  return new Intl.NumberFormat(undefined, { maximumFractionDigits: 12 }).format(decimal as `${number}`);
}

/** A day such as `2026-12-24`. */
export function day(date: string | undefined | null): string {
  if (!date) return '–';
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00Z`));
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
