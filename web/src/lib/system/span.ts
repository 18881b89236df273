// Lengths of time as people say them: "3 days, 4 hr".
import { numberFormat } from '$lib/base/intl';
import { locale } from '$lib/base/words.svelte';

const units = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] as const;

/** The two largest units of so many seconds. */
export function span(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = units.findIndex(([, size]) => rest >= size);
  const parts = units.slice(first < 0 ? units.length - 1 : first).slice(0, 2).map(([unit, size]) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    return { n, unit };
  });
  return parts.filter(({ n }, at) => n > 0 || at === 0).map(({ n, unit }) => numberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(n)).join(' ');
}
