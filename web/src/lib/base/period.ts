// Periods that books are kept by. Days are `2026-12-24`; both ends belong to a period. Pure.
export const names = ['month', 'last_month', 'quarter', 'last_quarter', 'year', 'last_year'] as const;
export type Name = (typeof names)[number];

/** First and last day of a period with a name, seen from a day. */
export function daysOf(name: Name, today: string): [string, string] {
  const [year, month] = today.split('-').map(Number);
  const last = name.startsWith('last_') ? 1 : 0;
  const months = { month: 1, quarter: 3, year: 12 }[name.replace('last_', '') as 'month' | 'quarter' | 'year'];
  const first = Math.floor((month - 1) / months) * months - last * months;
  const iso = (month: number, day: number) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
  return [iso(first, 1), iso(first + months, 0)];
}
