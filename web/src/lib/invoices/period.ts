// Periods that books are kept by. Days are `2026-12-24`; both ends belong to it. Pure.
export type Period = { name: string; from: string; to: string };

const iso = (year: number, month: number, date: number) => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10);

/** First and last day of some months. */
const months = (name: string, year: number, from: number, count: number): Period =>
  ({ name, from: iso(year, from, 1), to: iso(year, from + count, 0) });

/** The usual ones, seen from a day; the month before comes first, because that is what is asked for. */
export function usualPeriods(today: Date): Period[] {
  const [year, month] = [today.getFullYear(), today.getMonth()];
  const quarter = Math.floor(month / 3) * 3;
  return [
    months('Last month', year, month - 1, 1), months('This month', year, month, 1), months('Last quarter', year, quarter - 3, 3),
    months('This quarter', year, quarter, 3), months('Last year', year - 1, 0, 12), months('This year', year, 0, 12)
  ];
}
