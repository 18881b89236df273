// They have come, or they have not: shown at once, taken back when the desk refuses, and undone by a click. The calendar
// and the day's page share it.
import { t } from '$lib/base/words.svelte';
import { answer, api, ifMatch, type Schemas } from '$lib/platform/api';
import { changed, queries } from '$lib/platform/queries';
import { optimistic } from '$lib/ui/editing.svelte';
import { toasts } from '$lib/ui/toasts.svelte';

type Status = Schemas['Booking']['status'];
type Guest = { id: string; client_name: string; status: string; version: number };

/** Shows a state wherever the booking is listed; gives back the way back. */
function show(id: string, now: { status: Status; version?: number }): () => void {
  const before = [...queries.getQueriesData<unknown>({ queryKey: ['bookings', 'of'] }), ...queries.getQueriesData<unknown>({ queryKey: ['today'] })];
  for (const [key] of before) {
    queries.setQueryData(key, (found: unknown) => {
      if (Array.isArray(found)) return found.map((one: Schemas['Booking']) => (one.id === id ? { ...one, ...now } : one));
      const day = found as Schemas['Today'] | undefined;
      return day?.arrivals ? { ...day, arrivals: day.arrivals.map((one) => (one.booking_id === id ? { ...one, ...now } : one)) } : found;
    });
  }
  return () => before.forEach(([key, found]) => queries.setQueryData(key, found));
}

/** Checks somebody in, or notes that they did not come. */
export async function arrive(guest: Guest, how: 'check-in' | 'no-show') {
  const status = how === 'check-in' ? 'checked_in' : 'no_show';
  const call = { params: { path: { id: guest.id } }, headers: ifMatch(guest.version) };
  await optimistic(() => show(guest.id, { status }),
    () => answer(how === 'check-in' ? api.POST('/bookings/{id}/check-in', call) : api.POST('/bookings/{id}/no-show', call)),
    (made) => {
      show(made.id, { status: made.status, version: made.version });
      toasts.show(t(how === 'check-in' ? 'calendar.checked_in' : 'calendar.noted_no_show', { name: guest.client_name }), { undo: () => takeBack(made) });
    });
  await changed('booking');
}

/** Takes back the latest check-in or no-show. */
export async function takeBack(guest: Pick<Guest, 'id' | 'version'>) {
  await optimistic(() => show(guest.id, { status: 'confirmed' }), () => answer(api.POST('/bookings/{id}/undo', { params: { path: { id: guest.id } }, headers: ifMatch(guest.version) })), (made) => show(made.id, { status: made.status, version: made.version }));
  await changed('booking');
}
