// Which bookings a list shows, as the address says it and as the desk is asked. Pure.
import { isDay, plusDays } from '$lib/base/format';

export const statuses = ['held', 'confirmed', 'waitlisted', 'checked_in', 'no_show', 'cancelled', 'expired'] as const;
export type Status = (typeof statuses)[number];
export const balances = ['due', 'settled', 'overpaid'] as const;
export const spans = ['today', 'tomorrow', 'week', 'next_week', 'month', 'past'] as const;
export type Span = (typeof spans)[number];
export type Filter = { q: string; status: Status[]; program: string; occurrence: string; client: string; from: string; to: string; balance: (typeof balances)[number] | '' };

/** What the address asks for; what it cannot mean is left out. */
export function filterOf(address: URLSearchParams, today: string): Filter {
  const span = address.get('when') as Span | null;
  const days = span && spans.includes(span) ? daysOf(span, today) : { from: address.get('from'), to: address.get('to') };
  const balance = address.get('balance') ?? '';
  return {
    q: address.get('q')?.trim() ?? '',
    status: (address.get('status') ?? '').split(',').filter((one): one is Status => statuses.includes(one as Status)),
    program: address.get('program') ?? '', occurrence: address.get('occurrence') ?? '', client: address.get('client') ?? '',
    from: isDay(days.from) ? days.from : '', to: isDay(days.to) ? days.to : '',
    balance: balances.find((one) => one === balance) ?? ''
  };
}

/** The days of a span that moves with the calendar; both ends are in it, an end that is missing is open. Weeks begin on Monday. */
export function daysOf(span: Span, today: string): { from: string; to: string } {
  const weekday = (new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7;
  const monday = plusDays(today, -weekday);
  switch (span) {
    case 'today': return { from: today, to: today };
    case 'tomorrow': return { from: plusDays(today, 1), to: plusDays(today, 1) };
    case 'week': return { from: monday, to: plusDays(monday, 6) };
    case 'next_week': return { from: plusDays(monday, 7), to: plusDays(monday, 13) };
    case 'month': {
      const [year, month] = today.split('-').map(Number);
      return { from: `${today.slice(0, 8)}01`, to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) };
    }
    case 'past': return { from: '', to: plusDays(today, -1) };
  }
}

/** The query of `GET /bookings`. */
export function queryOf(filter: Filter) {
  const given = (text: string) => text || undefined;
  return {
    q: given(filter.q), status: given(filter.status.join(',')), program_id: given(filter.program), occurrence_id: given(filter.occurrence),
    client_id: given(filter.client), from: given(filter.from), to: given(filter.to), balance: filter.balance || undefined
  };
}
