// What can be done with a booking, and doing it: only if it still is as it was seen; a change that came too late is a
// choice, nothing is done unseen.
import { t } from '$lib/base/words.svelte';
import { answer, api, ifMatch, one, Problem } from '$lib/platform/api';
import { changed } from '$lib/platform/queries';
import { toasts } from '$lib/ui/toasts.svelte';
import { put, type Booking } from './queries';

export type Verb = 'confirm' | 'check_in' | 'no_show' | 'undo' | 'reschedule' | 'cancel' | 'note';

const from: Record<Exclude<Verb, 'note'>, Booking['status'][]> = {
  confirm: ['held', 'waitlisted'], check_in: ['confirmed', 'no_show'], no_show: ['confirmed'], undo: ['checked_in', 'no_show'],
  reschedule: ['held', 'confirmed'], cancel: ['held', 'confirmed', 'waitlisted', 'no_show']
};

/** Whether the desk would do it now (its rules are in `business/bookings/model.rs`). */
export function can(verb: Exclude<Verb, 'note'>, booking: Booking): boolean {
  return from[verb].includes(booking.status);
}

/** What a booking that was invoiced has already been credited, in minor units. */
export function credited(booking: Booking): number {
  return booking.invoice_id ? booking.total.amount - booking.paid.amount - booking.balance_due.amount : 0;
}

type Call = (booking: Booking) => Promise<Booking>;
const at = (booking: Booking) => ({ ...one(booking.id), headers: ifMatch(booking.version) });
const simple = {
  confirm: (booking) => answer(api.POST('/bookings/{id}/confirm', at(booking))),
  check_in: (booking) => answer(api.POST('/bookings/{id}/check-in', at(booking))),
  no_show: (booking) => answer(api.POST('/bookings/{id}/no-show', at(booking))),
  undo: (booking) => answer(api.POST('/bookings/{id}/undo', at(booking)))
} satisfies Partial<Record<Verb, Call>>;
/** How it will stand, where that can be shown before the desk has said so. */
const outcome: Partial<Record<Verb, Booking['status']>> = { check_in: 'checked_in', no_show: 'no_show' };

export class Acts {
  /** What is being done. */
  busy = $state<Verb | ''>('');
  error = $state.raw<unknown>(null);
  /** It came too late: what was to be done, on what was seen, and how it is now. */
  stale = $state.raw<{ verb: Verb; seen: Booking; now: Booking; call: Call; done?: (booking: Booking) => void } | null>(null);

  confirm = (booking: Booking) => this.run('confirm', booking, simple.confirm, (made) => toasts.show(t('bookings.confirmed_toast', { reference: made.reference })));
  checkIn = (booking: Booking) => this.run('check_in', booking, simple.check_in, (made) => toasts.show(t('bookings.checked_in_toast', { name: made.client_name }), { undo: () => this.undo(made) }));
  noShow = (booking: Booking) => this.run('no_show', booking, simple.no_show, (made) => toasts.show(t('bookings.no_show_toast', { name: made.client_name }), { undo: () => this.undo(made) }));
  undo = (booking: Booking) => this.run('undo', booking, simple.undo, (made) => toasts.show(t('bookings.undone_toast', { reference: made.reference })));
  reschedule = (booking: Booking, occurrence_id: string, done?: (made: Booking) => void) =>
    this.run('reschedule', booking, (seen) => answer(api.POST('/bookings/{id}/reschedule', { ...at(seen), body: { occurrence_id } })), done);
  cancel = (booking: Booking, reason: string, refund: boolean | undefined, done?: (made: Booking) => void) =>
    this.run('cancel', booking, (seen) => answer(api.POST('/bookings/{id}/cancel', { ...at(seen), body: { reason: reason || undefined, refund } })), done);

  /** Does it. True when it was done; else `error` or `stale` says why not. */
  async run(verb: Verb, seen: Booking, call: Call, done?: (made: Booking) => void): Promise<boolean> {
    if (this.busy) return false;
    this.busy = verb;
    this.error = null;
    this.stale = null;
    const status = outcome[verb];
    const back = status ? put({ ...seen, status }) : undefined;
    try {
      const made = await call(seen);
      put(made);
      void changed('booking');
      done?.(made);
      return true;
    } catch (failed) {
      back?.();
      if (failed instanceof Problem && failed.status === 412) {
        const now = await answer(api.GET('/bookings/{id}', one(seen.id))).catch(() => null);
        if (now) this.stale = { verb, seen, now, call, done };
        else this.error = failed;
      } else {
        this.error = failed;
        void changed('booking');
      }
      return false;
    } finally {
      this.busy = '';
    }
  }

  /** How it is now stands; what was to be done is given up. */
  takeTheirs() {
    if (this.stale) put(this.stale.now);
    this.stale = null;
    void changed('booking');
  }

  /** Does it all the same, on what is there now. */
  async anyway() {
    const { verb, now, call, done } = this.stale!;
    put(now);
    await this.run(verb, now, call, done);
  }
}
