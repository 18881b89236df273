// Periods that books are kept by. Days are `2026-12-24`; both ends belong to it. Pure.
export type Period = { name: 'last_month' | 'this_month' | 'last_quarter' | 'this_quarter' | 'last_year' | 'this_year'; from: string; to: string };

const iso = (year: number, month: number, date: number) => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10);

/** First and last day of some months. */
const months = (name: Period['name'], year: number, from: number, count: number): Period =>
  ({ name, from: iso(year, from, 1), to: iso(year, from + count, 0) });

/** The usual ones, seen from a day; the month before comes first, because that is what is asked for. */
export function usualPeriods(today: Date): Period[] {
  const [year, month] = [today.getFullYear(), today.getMonth()];
  const quarter = Math.floor(month / 3) * 3;
  return [
    months('last_month', year, month - 1, 1), months('this_month', year, month, 1), months('last_quarter', year, quarter - 3, 3),
    months('this_quarter', year, quarter, 3), months('last_year', year - 1, 0, 12), months('this_year', year, 0, 12)
  ];
}

/** The month of a day. */
export function month(day: string): Period {
  const [year, number] = day.split('-').map(Number);
  return months('this_month', year, number - 1, 1);
}
