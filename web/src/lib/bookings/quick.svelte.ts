// A booking as it is taken at the counter or on the phone: what, who, how; then the next one.
import { major, minor, share } from '$lib/base/amounts';
import { t } from '$lib/base/words.svelte';
import { answer, api, one, Problem, Wish, type Money, type Schemas } from '$lib/platform/api';
import { changed } from '$lib/platform/queries';
import type { Booking, Occurrence } from './queries';

type NewClient = { name: string; email: string; phone: string };

/** What so many seats cost, with tax: a guess for the eye, the desk says what counts. */
export function priceOf(seats: number, program: Schemas['Program'], withTax: boolean): Money {
  const net = program.price.amount * seats;
  return { amount: withTax ? net : net + share(net, String(program.tax_rate), '10000'), currency: program.price.currency };
}

export class Quick {
  occurrence = $state.raw<Occurrence | null>(null);
  client = $state.raw<Schemas['Client'] | null>(null);
  /** Somebody who is not known yet. */
  fresh = $state<NewClient | null>(null);
  seats = $state(1);
  note = $state('');
  confirm = $state(true);
  waitlist = $state(false);
  pay = $state(false);
  /** Empty: all that is due. */
  amount = $state('');
  currency = $state('EUR');
  method = $state<Schemas['PaymentInput']['method']>('card');
  busy = $state(false);
  error = $state.raw<unknown>(null);
  wrong = $state<Record<string, string>>({});
  made = $state.raw<Booking | null>(null);
  /** The booking stands, but its payment was refused. */
  unpaid = $state(false);
  #wish = new Wish();

  full = $derived(this.occurrence !== null && this.occurrence.seats_left < this.seats);
  started = $derived(this.made === null && (this.client !== null || this.fresh !== null || this.note !== ''));

  /** A client that is typed: what looks like an e-mail or a number becomes that. */
  begin(typed: string) {
    const email = typed.includes('@') ? typed : '';
    const phone = /^[+\d][\d\s()/-]{4,}$/.test(typed) ? typed : '';
    this.fresh = { name: email || phone ? '' : typed, email, phone };
    this.client = null;
    delete this.wrong.client;
  }

  async book(): Promise<boolean> {
    if (this.busy) return false;
    this.error = null;
    this.wrong = {};
    if (!this.occurrence) this.wrong.occurrence = t('bookings.new_missing_what');
    if (!this.client && !this.fresh?.name.trim()) this.wrong.client = t('bookings.new_missing_who');
    if (this.full && !this.waitlist) this.wrong.seats = t('bookings.new_full');
    let sum: Money | null = null;
    try {
      if (this.pay && this.amount.trim()) sum = minor(this.amount, this.currency);
    } catch (failed) {
      this.wrong.amount = (failed as Error).message;
    }
    if (Object.keys(this.wrong).length || !this.occurrence) return false;
    const { name, email, phone } = this.fresh ?? { name: '', email: '', phone: '' };
    const body: Schemas['BookingInput'] = {
      occurrence_id: this.occurrence.id, seats: this.seats, note: this.note.trim() || undefined,
      confirm: this.confirm || undefined, waitlist: this.waitlist || undefined,
      ...(this.client ? { client_id: this.client.id } : { client: { name: name.trim(), email: email.trim() || undefined, phone: phone.trim() || undefined } })
    };
    this.busy = true;
    try {
      const made = await answer(api.POST('/bookings', { body, headers: this.#wish.header(body) }));
      this.unpaid = false;
      if (this.pay && made.status !== 'waitlisted') await this.#take(made, sum);
      this.made = made;
      this.#wish.renew();
      void changed('booking');
      if (this.fresh) void changed('client');
      return true;
    } catch (failed) {
      if (failed instanceof Problem && failed.status >= 400 && failed.status < 500) this.#wish.renew();
      if (failed instanceof Problem && failed.code === 'sold_out') {
        this.wrong.seats = t('bookings.new_full');
        void changed('occurrence');
        this.occurrence = { ...this.occurrence, seats_left: Math.min(this.occurrence.seats_left, this.seats - 1) };
      } else if (failed instanceof Problem && failed.errors.length) {
        for (const { field, message } of failed.errors) this.wrong[field.replace('client_id', 'client')] = message;
        this.error = failed;
      } else this.error = failed;
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #take(made: Booking, sum: Money | null) {
    const amount = sum ?? made.balance_due;
    if (amount.amount <= 0) return;
    try {
      await answer(api.POST('/bookings/{id}/payments', { ...one(made.id), body: { amount, method: this.method } }));
      void changed('payment');
    } catch {
      this.unpaid = true;
    }
  }

  /** What is usually paid, as it is typed. */
  suggest(sum: Money) {
    this.currency = sum.currency;
    this.amount = sum.amount > 0 ? major(sum) : '';
  }

  /** The next one, of the same occurrence. */
  async another() {
    const id = this.occurrence?.id;
    Object.assign(this, { client: null, fresh: null, seats: 1, note: '', pay: false, amount: '', waitlist: false, made: null, error: null, wrong: {}, unpaid: false });
    if (id) this.occurrence = await answer(api.GET('/occurrences/{id}', one(id))).catch(() => this.occurrence);
  }
}
