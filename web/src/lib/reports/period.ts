// The days of a report: a period with a name, or from one day to another. Both are in the address.
import { isDay, plusDays } from '$lib/base/format';
import { daysOf, names, type Name } from '$lib/base/period';
import { monthLater } from '$lib/calendar/slots';
import { weekdayOf } from '$lib/calendar/rule';

export const steps = ['day', 'week', 'month'] as const;
export type Step = (typeof steps)[number];
export type Period = { preset: Name | 'custom'; from: string; to: string; by: Step };

/** A day that there is. */
const isReal = (text: string) => isDay(text) && !Number.isNaN(Date.parse(text));

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
  const preset = names.find((one) => one === asked('period')) ?? 'month';
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
