// What the menu of a booking offers, in the order in which it is wanted.
import Ban from '@lucide/svelte/icons/ban';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Undo2 from '@lucide/svelte/icons/undo-2';
import UserRound from '@lucide/svelte/icons/user-round';
import { t } from '$lib/base/words.svelte';
import type { Choice } from '$lib/ui/Menu.svelte';
import { can, type Acts } from './acts.svelte';
import type { Booking } from './queries';

export type Ask = { cancel: (booking: Booking) => void; reschedule: (booking: Booking) => void };

/** The changes that its state allows; `main` leaves out the one that has a button of its own. */
export function changesOf(booking: Booking, acts: Acts, ask: Ask, main = false): Choice[] {
  const list: (Choice | false)[] = [
    !main && can('confirm', booking) && { text: t('bookings.confirm'), icon: CircleCheck, act: () => void acts.confirm(booking) },
    (!main || booking.status === 'no_show') && can('check_in', booking) && { text: t('bookings.check_in'), icon: DoorOpen, act: () => void acts.checkIn(booking) },
    can('no_show', booking) && { text: t('bookings.no_show'), icon: CircleX, act: () => void acts.noShow(booking) },
    !main && can('undo', booking) && { text: t(booking.status === 'no_show' ? 'bookings.undo_no_show' : 'bookings.undo_check_in'), icon: Undo2, act: () => void acts.undo(booking) },
    can('reschedule', booking) && { text: t('bookings.reschedule'), icon: CalendarClock, act: () => ask.reschedule(booking) },
    can('cancel', booking) && { text: t('bookings.cancel'), icon: Ban, bad: true, act: () => ask.cancel(booking) }
  ];
  return list.filter((one) => one !== false);
}

/** Where it leads to. */
export function linksOf(booking: Booking): Choice[] {
  return [
    { text: t('bookings.open_client'), icon: UserRound, href: `/clients/${booking.client_id}` },
    { text: t('bookings.open_calendar'), icon: CalendarDays, href: `/calendar?occurrence=${booking.occurrence_id}` }
  ];
}
