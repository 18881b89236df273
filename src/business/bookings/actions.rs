//! Holding, confirming, moving, cancelling. Each is one transaction over seats, booking, invoice and money.

use super::model::{Booking, BookingId, Filter, NewBooking, Status, Verb};
use super::{find, sql};
use crate::base::actor::Actor;
use crate::base::error::{Check, Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::Money;
use crate::base::page::{Page, Paging};
use crate::base::text;
use crate::base::time::Instant;
use crate::base::version::Expected;
use crate::business::audit::model::{Entry, Subject};
use crate::business::clients::model::ClientId;
use crate::business::invoices::actions::{Credit, NewInvoice};
use crate::business::invoices::model::{Invoice, Kind, LineInput, Unit};
use crate::business::occurrences::model::OccurrenceId;
use crate::business::payments::actions::For;
use crate::business::payments::model::{NewPayment, Payment};
use crate::business::settings::model::OnCancel;
use crate::business::{audit, clients, invoices, occurrences, payments, programs, settings};
use crate::platform::db::{Tx, changed_meanwhile};

/// One booking.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: BookingId) -> Result<Booking> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("booking"))
}

/// Bookings, newest first. With a filter that fits few of very many, a page may be short and have a next one.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Booking>> {
    let after = paging.after_id("bookings")?;
    if !filter.is_plain() {
        return find::page(tx, filter, after, paging);
    }
    let rows = sql::page(tx, filter, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "bookings", |last| last.id))
}

/// Holds seats, or joins the waiting list when that was asked for and none are left.
///
/// # Errors
/// `not_found`, `invalid_field`, `sold_out`; `invalid_state` when it was called off.
pub fn hold(tx: &mut dyn Tx, actor: &Actor, new: &NewBooking) -> Result<Booking> {
    let mut check = Check::new();
    check.that((1..=10_000).contains(&new.seats), "seats", "must be 1 to 10000");
    let note = check.take("note", tidy(new.note.as_deref()));
    check.done()?;
    // The seats first: their row is the lock for all that follows.
    let taken = occurrences::actions::take_seats(tx, new.occurrence_id, new.seats, true);
    let status = match taken {
        Ok(()) => Status::Held,
        Err(error) if error.code == Code::SoldOut && new.waitlist => {
            occurrences::actions::change_waitlist(tx, new.occurrence_id, new.seats)?;
            Status::Waitlisted
        }
        Err(error) => return Err(error),
    };
    let client = clients::actions::get(tx, new.client_id)?;
    let occurrence = occurrences::actions::get(tx, new.occurrence_id)?;
    let program = programs::actions::get(tx, occurrence.program_id)?.details;
    let business = settings::actions::get(tx)?.business;
    let tax = business.tax(program.tax_rate, None);
    let (with_tax, way) = (business.prices_include_tax, business.rounding());
    let total = invoices::actions::price(new.seats, program.price.amount, tax, with_tax, way)?;
    let booking = Booking {
        id: actor.new_id()?,
        reference: text::reference()?,
        occurrence_id: occurrence.id,
        client_id: client.id,
        client_name: client.details.name,
        seats: new.seats,
        status,
        unit_price: program.price.amount,
        currency: program.price.currency,
        tax_rate: program.tax_rate,
        total,
        note: note.flatten(),
        hold_expires_at: (status == Status::Held).then(|| actor.at.plus_minutes(business.hold_minutes)),
        invoice_id: None,
        invoice_number: None,
        credited: 0,
        paid: 0,
        cancel_reason: None,
        checked_in_at: None,
        status_before: None,
        version: 1,
        created_at: actor.at,
        local_starts_at: occurrence.local_starts_at,
        time_zone: occurrence.time_zone,
        starts_at: occurrence.starts_at,
        program_id: occurrence.program_id,
        program_title: occurrence.program_title,
    };
    sql::insert(tx, &booking).map_err(|error| match error.code {
        // One in 78 thousand million: another reference, in another run.
        Code::AlreadyExists => changed_meanwhile(),
        _ => error,
    })?;
    let verb = if status == Status::Held { "hold" } else { "join_waitlist" };
    audit::actions::note(tx, actor, verb, "booking", booking.id, None)?;
    Ok(booking)
}

/// Promises the seats and issues the invoice. From the waiting list, seats must have become free.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `sold_out`.
pub fn confirm(tx: &mut dyn Tx, actor: &Actor, id: BookingId, expected: &Expected) -> Result<Booking> {
    let booking = get(tx, id)?;
    expected.check(booking.version)?;
    let status = booking.status.after(Verb::Confirm)?;
    // An expired hold that the job has not seen yet is expired all the same.
    if booking.hold_expires_at.is_some_and(|end| end <= actor.at) {
        return Err(Error::new(Code::InvalidState, "The hold on these seats has expired. Book again."));
    }
    match booking.status {
        Status::Waitlisted => {
            occurrences::actions::take_seats(tx, booking.occurrence_id, booking.seats, false)?;
            occurrences::actions::change_waitlist(tx, booking.occurrence_id, -booking.seats)?;
        }
        _ => occurrences::actions::settle_held_seats(tx, booking.occurrence_id, booking.seats)?,
    }
    if !sql::set_status(tx, &booking, status, None, actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "confirm", "booking", id, None)?;
    ensure_invoice(tx, actor, &booking)?;
    get(tx, id)
}

/// Issues the invoice of a booking that has none; a booking without a price needs none.
fn ensure_invoice(tx: &mut dyn Tx, actor: &Actor, booking: &Booking) -> Result<()> {
    if booking.invoice_id.is_some() || booking.total == 0 {
        return Ok(());
    }
    let starts = booking.local_starts_at.to_string();
    let day = starts.get(..10).map(str::to_owned);
    let line = LineInput {
        description: format!("{}, {} ({})", booking.program_title, starts.replace('T', " "), booking.reference),
        quantity: booking.seats.to_string(),
        unit: Unit::Person,
        unit_price: booking.unit_price,
        discount: None,
        tax: settings::actions::get(tx)?.business.tax(booking.tax_rate, None),
    };
    let new = NewInvoice {
        booking_id: Some(booking.id.cast()),
        service: (day, None),
        prepaid: payments::actions::paid_for_booking(tx, booking.id.cast())?,
        ..NewInvoice::of(booking.client_id, vec![line])
    };
    let invoice = invoices::actions::issue(tx, actor, &new)?;
    sql::set_invoice(tx, booking.id, invoice.id, &invoice.number)?;
    payments::actions::count_for_invoice(tx, booking.id.cast(), invoice.id)
}

/// Gives the seats (or the place on the waiting list) of a booking back: the one way for cancelling and expiring.
fn release(tx: &mut dyn Tx, booking: &Booking) -> Result<()> {
    match booking.status {
        Status::Waitlisted => occurrences::actions::change_waitlist(tx, booking.occurrence_id, -booking.seats),
        Status::Held => occurrences::actions::give_seats_back(tx, booking.occurrence_id, booking.seats, true),
        status if status.is_live() => {
            occurrences::actions::give_seats_back(tx, booking.occurrence_id, booking.seats, false)
        }
        _ => Ok(()),
    }
}

/// Calls a booking off. What becomes of its invoice and of what was paid is the business's rule, unless it is said.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `invalid_field`.
pub fn cancel(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: BookingId,
    expected: &Expected,
    reason: Option<&str>,
    rule: Option<OnCancel>,
) -> Result<Booking> {
    let booking = get(tx, id)?;
    expected.check(booking.version)?;
    let status = booking.status.after(Verb::Cancel)?;
    let reason = text::optional_line("reason", reason, 500)?;
    release(tx, &booking)?;
    let over = Booking { status_before: None, ..booking.clone() };
    if !sql::set_status(tx, &over, status, reason.as_deref(), actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "cancel", "booking", id, reason.clone())?;
    let rule = match rule {
        Some(rule) => rule,
        None => settings::actions::get(tx)?.business.invoicing.on_cancel,
    };
    if rule != OnCancel::Keep {
        if let Some(invoice) = booking.invoice_id
            // As it was invoiced, which another price at the time of booking does not change.
            && invoices::actions::get(tx, invoice).map(|invoice| invoice.payable() > invoice.credited)?
        {
            invoices::actions::credit(tx, actor, invoice, &Credit::Whole, reason.as_deref())?;
        }
        if rule == OnCancel::Refund {
            pay_back(tx, actor, &booking, booking.paid, reason)?;
        }
    }
    get(tx, id)
}

fn pay_back(tx: &mut dyn Tx, actor: &Actor, booking: &Booking, amount: i64, reason: Option<String>) -> Result<()> {
    if amount > 0 {
        let what = For { invoice_id: booking.invoice_id, booking_id: Some(booking.id.cast()) };
        payments::actions::give_back(tx, actor, what, Money::new(amount, booking.currency), reason)?;
    }
    Ok(())
}

/// Refunds a booking, wholly or in part, by a refund invoice; money that came in goes back.
///
/// # Errors
/// `not_found`, `not_invoiced`, `exceeds_balance`, `invalid_field`.
pub fn refund(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: BookingId,
    amount: Option<Money>,
    reason: Option<&str>,
) -> Result<Invoice> {
    let booking = get(tx, id)?;
    let invoice = booking.invoice_id.ok_or_else(not_invoiced)?;
    let what = match amount {
        Some(amount) => {
            settings::actions::get(tx)?.business.same_currency("amount.currency", amount.currency)?;
            Credit::Amount(amount.amount)
        }
        None => Credit::Whole,
    };
    let note = invoices::actions::credit(tx, actor, invoice, &what, reason)?;
    let back = note.payable().min(booking.paid);
    pay_back(tx, actor, &booking, back, reason.map(str::to_owned))?;
    audit::actions::note(tx, actor, "refund", "booking", id, Some(note.number.clone()))?;
    Ok(note)
}

/// Moves a booking to another occurrence of the same program; its price stays.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `invalid_field`, `sold_out`.
pub fn reschedule(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: BookingId,
    expected: &Expected,
    to: OccurrenceId,
) -> Result<Booking> {
    let booking = get(tx, id)?;
    expected.check(booking.version)?;
    booking.status.after(Verb::Reschedule)?;
    let target = occurrences::actions::get(tx, to)?;
    if target.program_id != booking.program_id {
        return Err(Error::field("occurrence_id", "must be of the same program; cancel and book anew otherwise"));
    }
    if to == booking.occurrence_id {
        return Err(Error::field("occurrence_id", "is where this booking is already"));
    }
    let held = booking.status == Status::Held;
    occurrences::actions::take_seats(tx, to, booking.seats, held)?;
    occurrences::actions::give_seats_back(tx, booking.occurrence_id, booking.seats, held)?;
    if !sql::set_occurrence(tx, &booking, to, actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "reschedule", "booking", id, None)?;
    get(tx, id)
}

/// Notes that somebody has come, or has not.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`.
pub fn attend(tx: &mut dyn Tx, actor: &Actor, id: BookingId, expected: &Expected, verb: Verb) -> Result<Booking> {
    let mut booking = get(tx, id)?;
    expected.check(booking.version)?;
    let status = booking.status.after(verb)?;
    booking.status_before = Some(booking.status);
    booking.checked_in_at = (status == Status::CheckedIn).then_some(actor.at);
    if !sql::set_status(tx, &booking, status, None, actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, verb.as_str(), "booking", id, None)?;
    get(tx, id)
}

/// Takes the latest check-in or no-show back; seats and money are not touched by either.
///
/// # Errors
/// `not_found`, `precondition_failed`; `invalid_state` when there is none to take back.
pub fn undo(tx: &mut dyn Tx, actor: &Actor, id: BookingId, expected: &Expected) -> Result<Booking> {
    let mut booking = get(tx, id)?;
    expected.check(booking.version)?;
    let attended = matches!(booking.status, Status::CheckedIn | Status::NoShow);
    let Some(before) = booking.status_before.filter(|_| attended) else {
        let why = format!("This booking is {}; there is no check-in or no-show to take back.", booking.status);
        return Err(Error::new(Code::InvalidState, why));
    };
    // Who did not come was confirmed before.
    booking.status_before = (before == Status::NoShow).then_some(Status::Confirmed);
    booking.checked_in_at = None;
    if !sql::set_status(tx, &booking, before, None, actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "undo", "booking", id, Some(booking.status.to_string()))?;
    get(tx, id)
}

/// Changes the note.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`.
pub fn change(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: BookingId,
    expected: &Expected,
    note: Option<&str>,
) -> Result<Booking> {
    let booking = get(tx, id)?;
    expected.check(booking.version)?;
    let note = tidy(note)?;
    if note == booking.note {
        return Ok(booking);
    }
    if !sql::set_note(tx, &booking, note.as_deref(), actor.at)? {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "change", "booking", id, None)?;
    get(tx, id)
}

/// A note as it is kept; none when it is empty.
fn tidy(note: Option<&str>) -> Result<Option<String>> {
    let note = note.map(|note| text::block("note", note, 2000)).transpose()?;
    Ok(note.filter(|note| !note.is_empty()))
}

/// What happened to a booking, its payments, documents and spoken notes, newest first.
///
/// # Errors
/// `not_found`.
pub fn timeline(tx: &mut dyn Tx, id: BookingId) -> Result<Vec<Entry>> {
    get(tx, id)?;
    let mut subjects: Vec<Id<Subject>> = vec![id.cast()];
    subjects.extend(payments::actions::of_booking(tx, id.cast())?.iter().map(|payment| payment.id.cast()));
    subjects.extend(invoices::actions::of_booking(tx, id.cast())?.iter().map(|document| document.id.cast()));
    subjects.extend(sql::audio_notes(tx, id)?);
    audit::actions::newest_of(tx, &subjects)
}

/// Notes money received for a booking.
///
/// # Errors
/// `not_found`, `invalid_field`; `invalid_state` when the booking is over and nothing is owed.
pub fn pay(tx: &mut dyn Tx, actor: &Actor, id: BookingId, new: NewPayment) -> Result<Payment> {
    // The row first: an invoice that is issued meanwhile must count this payment, or be seen here.
    sql::lock(tx, id)?;
    let booking = get(tx, id)?;
    if !booking.status.is_live() && booking.balance_due() <= 0 {
        return Err(Error::new(Code::InvalidState, format!("This booking is {} and owes nothing.", booking.status)));
    }
    let what = For { invoice_id: booking.invoice_id, booking_id: Some(id.cast()) };
    payments::actions::receive(tx, actor, what, new)
}

/// The invoice of a booking, or its latest refund invoice.
///
/// # Errors
/// `not_found`, `not_invoiced`.
pub fn document(tx: &mut dyn Tx, id: BookingId, kind: Kind) -> Result<Invoice> {
    get(tx, id)?;
    let documents = invoices::actions::of_booking(tx, id.cast())?;
    documents.into_iter().rfind(|document| document.kind == kind).ok_or_else(not_invoiced)
}

fn not_invoiced() -> Error {
    Error::new(Code::NotInvoiced, "There is no such document yet. Confirm the booking, or refund it, first.")
}

/// Gives back the seats of holds whose time is over; returns how many there were.
///
/// # Errors
/// `database_unavailable`.
pub fn expire_holds(tx: &mut dyn Tx, actor: &Actor, now: Instant) -> Result<usize> {
    let ids = sql::overdue_holds(tx, now, 100)?;
    for id in &ids {
        let booking = get(tx, *id)?;
        let status = booking.status.after(Verb::Expire)?;
        release(tx, &booking)?;
        if !sql::set_status(tx, &booking, status, None, now)? {
            return Err(changed_meanwhile());
        }
        audit::actions::note(tx, actor, "expire", "booking", *id, None)?;
    }
    Ok(ids.len())
}

/// Whether there is a hold whose time is over.
///
/// # Errors
/// `database_unavailable`.
pub fn has_overdue_holds(tx: &mut dyn Tx, now: Instant) -> Result<bool> {
    Ok(!sql::overdue_holds(tx, now, 1)?.is_empty())
}

/// Whether there is any booking.
///
/// # Errors
/// `database_unavailable`.
pub fn any(tx: &mut dyn Tx) -> Result<bool> {
    sql::any(tx)
}

/// Bookings of one client are another's from now on: the two are one. What was invoiced stays as it was issued.
///
/// # Errors
/// `database_unavailable`.
pub fn follow_client(tx: &mut dyn Tx, from: ClientId, to: ClientId, at: Instant) -> Result<()> {
    sql::set_client(tx, from, to, at).map(|_| ())
}
