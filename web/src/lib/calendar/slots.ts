// Occurrences as they stand on the wall of the business.
import { firstWeekday } from '$lib/base/figures';
import { plusDays } from '$lib/base/format';
import type { Occurrence } from './queries';
import { weekdayOf } from './rule';
import { carried, instantOf, plusMinutes, wallAt } from './zone';

export const views = ['month', 'week', 'day', 'list'] as const;
export type View = (typeof views)[number];

/** Days that the list shows at once. */
export const LISTED = 28;

export type Slot = { occurrence: Occurrence; start: string; end: string };

/** Its times by the clock of the business. */
export function slotOf(occurrence: Occurrence, zone: string): Slot {
  const start = occurrence.time_zone === zone ? occurrence.local_starts_at.slice(0, 16) : wallAt(occurrence.starts_at, zone);
  return { occurrence, start, end: wallAt(occurrence.ends_at, zone) };
}

/** The days that are shown: the first, and the one after the last. */
export function daysShown(view: View, date: string): [string, string] {
  if (view === 'day') return [date, plusDays(date, 1)];
  if (view === 'list') return [date, plusDays(date, LISTED)];
  const begin = (day: string) => plusDays(day, -((weekdayOf(day) - firstWeekday() + 7) % 7));
  if (view === 'week') return [begin(date), plusDays(begin(date), 7)];
  const first = `${date.slice(0, 7)}-01`;
  const next = monthLater(first, 1);
  const last = begin(plusDays(next, -1));
  return [begin(first), plusDays(last, 7)];
}

/** The same day some months later, or the last of that month. */
export function monthLater(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number);
  const end = new Date(Date.UTC(year, month + months, 0));
  return new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth(), Math.min(day, end.getUTCDate()))).toISOString().slice(0, 10);
}

/** The period after (1) or before (-1). */
export function step(view: View, date: string, by: 1 | -1): string {
  if (view === 'month') return monthLater(date, by);
  return plusDays(date, by * { day: 1, week: 7, list: LISTED }[view]);
}

/** What is to be asked for so that these days are whole: also what began the day before and goes on. */
export function asked(days: [string, string], zone: string): { from: string; to: string } {
  return { from: instantOf(`${plusDays(days[0], -1)}T00:00`, zone), to: instantOf(`${days[1]}T00:00`, zone) };
}

/** Fields after it was moved on the wall of the business, which may be another than its own. */
export function moved(slot: Slot, minutes: number, zone: string): Pick<Occurrence, 'local_starts_at' | 'starts_at' | 'ends_at'> {
  const start = plusMinutes(slot.start, minutes);
  const starts_at = instantOf(start, zone);
  const ends_at = new Date(Date.parse(starts_at) + slot.occurrence.duration_minutes * 60_000).toISOString();
  return { local_starts_at: carried(start, zone, slot.occurrence.time_zone), starts_at, ends_at };
}

/** Fields after its end was drawn to another time. */
export function resized(slot: Slot, minutes: number): Pick<Occurrence, 'duration_minutes' | 'ends_at'> {
  const duration_minutes = Math.max(5, slot.occurrence.duration_minutes + minutes);
  return { duration_minutes, ends_at: new Date(Date.parse(slot.occurrence.starts_at) + duration_minutes * 60_000).toISOString() };
}

/** Slots by the day on which they begin. */
export function byDay(slots: Slot[]): [string, Slot[]][] {
  const days = new Map<string, Slot[]>();
  for (const slot of [...slots].sort((one, other) => (one.start < other.start ? -1 : one.start > other.start ? 1 : 0))) {
    const day = slot.start.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return [...days];
}
