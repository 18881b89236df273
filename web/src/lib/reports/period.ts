// The days of a report: a period with a name, or from one day to another. Both are in the address.
import { isDay, plusDays } from '$lib/base/format';
import { monthLater } from '$lib/calendar/slots';
import { weekdayOf } from '$lib/calendar/rule';

export const presets = ['month', 'last_month', 'quarter', 'last_quarter', 'year', 'last_year'] as const;
export type Preset = (typeof presets)[number];
export const steps = ['day', 'week', 'month'] as const;
export type Step = (typeof steps)[number];
export type Period = { preset: Preset | 'custom'; from: string; to: string; by: Step };

/** A day that there is. */
const isReal = (text: string) => isDay(text) && !Number.isNaN(Date.parse(text));

/** First and last day of a period with a name. */
export function daysOf(preset: Preset, today: string): [string, string] {
  const first = `${today.slice(0, 7)}-01`;
  const quarter = `${today.slice(0, 5)}${String(Math.floor((Number(today.slice(5, 7)) - 1) / 3) * 3 + 1).padStart(2, '0')}-01`;
  const year = `${today.slice(0, 4)}-01-01`;
  const whole = (begin: string, months: number): [string, string] => [begin, plusDays(monthLater(begin, months), -1)];
  return {
    month: () => whole(first, 1), last_month: () => whole(monthLater(first, -1), 1),
    quarter: () => whole(quarter, 3), last_quarter: () => whole(monthLater(quarter, -3), 3),
    year: () => whole(year, 12), last_year: () => whole(monthLater(year, -12), 12)
  }[preset]();
}

/** Days between two, both of them counted. */
export function length(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}

/** How finely a period is told apart when nobody says. */
export function usual(from: string, to: string): Step {
  const days = length(from, to);
  return days <= 45 ? 'day' : days <= 140 ? 'week' : 'month';
}

/** What the address says; this month when it says nothing that makes sense. */
export function periodOf(asked: (name: string) => string, today: string): Period {
  const by = steps.find((one) => one === asked('by'));
  const [from, to] = [asked('from'), asked('to')];
  if (isReal(from) && isReal(to) && from <= to) return { preset: 'custom', from, to, by: by ?? usual(from, to) };
  const preset = presets.find((one) => one === asked('period')) ?? 'month';
  const days = daysOf(preset, today);
  return { preset, from: days[0], to: days[1], by: by ?? usual(...days) };
}

/** The first day of each part, as reports name them; weeks begin on Monday. */
export function parts(from: string, to: string, by: Step): string[] {
  const found: string[] = [];
  let at = by === 'month' ? `${from.slice(0, 7)}-01` : by === 'week' ? plusDays(from, -((weekdayOf(from) + 6) % 7)) : from;
  // As many as a chart can show, and more than the desk answers.
  for (; at <= to && found.length < 5000; at = by === 'month' ? monthLater(at, 1) : plusDays(at, by === 'week' ? 7 : 1)) found.push(at);
  return found;
}

/** The rows with those between in which nothing happened, so that an axis has no holes. */
export function filled<Row extends { period: string }>(rows: Row[], from: string, to: string, by: Step, empty: (period: string) => Row): Row[] {
  const all = parts(from, to, by);
  const known = new Map(rows.map((row) => [row.period, row]));
  // A desk that begins its weeks on another day is shown as it answers.
  if (rows.some((row) => !all.includes(row.period))) return rows;
  return all.map((period) => known.get(period) ?? empty(period));
}
