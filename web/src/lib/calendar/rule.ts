// How often something is repeated, as few choices; the rule that says so (RFC 5545 §3.3.10), and the days that follow.
// The desk follows the rule itself; here it is followed to show how many there will be, and when.
import { plusDays } from '$lib/base/format';

export type Repeat = {
  every: 'never' | 'day' | 'week' | 'month';
  /** Every so many days, weeks or months. */
  step: number;
  /** Of a week; 0 is Sunday. */
  days: number[];
  /** Of a month: the same day ("the 24th") or the same weekday ("the fourth Tuesday"). */
  on: 'date' | 'weekday';
  end: 'count' | 'until';
  count: number;
  /** The last day. */
  until: string;
};

/** As many as the desk makes at once. */
export const MOST = 1100;

const codes = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const at = (date: string) => new Date(`${date.slice(0, 10)}T00:00Z`);

/** The weekday of a date; 0 is Sunday. */
export function weekdayOf(date: string): number {
  return at(date).getUTCDay();
}

/** Which of its kind in the month: 1 to 4, or -1 for the last. */
export function nth(date: string): number {
  const which = Math.ceil(Number(date.slice(8, 10)) / 7);
  return which > 4 ? -1 : which;
}

/** No repetition yet; a week's choices begin with the weekday of the start. */
export function once(start: string): Repeat {
  return { every: 'never', step: 1, days: [weekdayOf(start)], on: 'date', end: 'count', count: 8, until: plusDays(start, 56) };
}

/** The rule; nothing when it takes place once. */
export function rule(repeat: Repeat, start: string): string | undefined {
  if (repeat.every === 'never') return undefined;
  const parts = [`FREQ=${{ day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY' }[repeat.every]}`];
  if (repeat.step > 1) parts.push(`INTERVAL=${repeat.step}`);
  if (repeat.every === 'week') parts.push(`BYDAY=${weekOf(repeat, start).map((day) => codes[day]).join(',')}`);
  if (repeat.every === 'month') parts.push(repeat.on === 'date' ? `BYMONTHDAY=${Number(start.slice(8, 10))}` : `BYDAY=${nth(start)}${codes[weekdayOf(start)]}`);
  parts.push(repeat.end === 'count' ? `COUNT=${repeat.count}` : `UNTIL=${repeat.until.replaceAll('-', '')}`);
  return parts.join(';');
}

/** The chosen weekdays, Monday first; without any the one of the start. */
function weekOf(repeat: Repeat, start: string): number[] {
  const days = repeat.days.length ? repeat.days : [weekdayOf(start)];
  return [...days].sort((one, other) => ((one + 6) % 7) - ((other + 6) % 7));
}

/** The days on which it takes place, the start always among them; at most one more than the desk makes. */
export function dates(repeat: Repeat, start: string): string[] {
  const first = start.slice(0, 10);
  if (repeat.every === 'never') return [first];
  const found: string[] = [];
  const enough = () => found.length > MOST || (repeat.end === 'count' && found.length >= repeat.count);
  // Rules that never meet a day (the 31st of a February) come to an end too.
  const last = repeat.end === 'until' ? repeat.until : '2200-12-31';
  for (const day of candidates(repeat, first)) {
    if (day > last || enough()) break;
    found.push(day);
  }
  return found.includes(first) ? found : [first, ...found];
}

function* candidates(repeat: Repeat, first: string): Generator<string> {
  const step = Math.max(1, Math.floor(repeat.step) || 1);
  if (repeat.every === 'day') {
    for (let day = first; ; day = plusDays(day, step)) yield day;
  } else if (repeat.every === 'week') {
    const week = weekOf(repeat, first).map((day) => (day + 6) % 7);
    for (let monday = plusDays(first, -((weekdayOf(first) + 6) % 7)); ; monday = plusDays(monday, 7 * step)) {
      for (const day of week) if (plusDays(monday, day) >= first) yield plusDays(monday, day);
    }
  } else {
    const [year, month, day] = first.split('-').map(Number);
    for (let n = 0; n < 12 * 180; n += step) {
      const found = repeat.on === 'date' ? new Date(Date.UTC(year, month - 1 + n, day)) : weekdayIn(year, month - 1 + n, weekdayOf(first), nth(first));
      // A month without such a day is left out.
      if (found.getUTCMonth() === (((month - 1 + n) % 12) + 12) % 12) yield found.toISOString().slice(0, 10);
    }
  }
}

/** The n-th such weekday of a month; the last for -1. */
function weekdayIn(year: number, month: number, weekday: number, which: number): Date {
  if (which < 0) {
    const end = new Date(Date.UTC(year, month + 1, 0));
    end.setUTCDate(end.getUTCDate() - ((end.getUTCDay() - weekday + 7) % 7));
    return end;
  }
  const begin = new Date(Date.UTC(year, month, 1));
  return new Date(Date.UTC(year, month, 1 + ((weekday - begin.getUTCDay() + 7) % 7) + (which - 1) * 7));
}
