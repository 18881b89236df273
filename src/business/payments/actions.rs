//! Noting money.

use super::model::{Method, NewPayment, Payment};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::Money;
use crate::business::invoices::model::{Booking, InvoiceId};
use crate::business::{audit, invoices, settings};
use crate::platform::db::Tx;

/// What the money is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct For {
    /// An invoice.
    pub invoice_id: Option<InvoiceId>,
    /// A booking.
    pub booking_id: Option<Id<Booking>>,
}

/// Notes money received.
///
/// # Errors
/// `invalid_field`, `not_found` for the invoice, `invalid_state` for a credit note.
pub fn receive(tx: &mut dyn Tx, actor: &Actor, what: For, new: NewPayment) -> Result<Payment> {
    let new = new.checked(actor.at)?;
    settings::actions::get(tx)?.business.same_currency("amount.currency", new.amount.currency)?;
    let mut what = what;
    if let Some(id) = what.invoice_id {
        what.booking_id = invoices::actions::settle(tx, id, new.amount.amount)?.booking_id.or(what.booking_id);
    }
    note(tx, actor, what, new.amount, new.method, new.reference, new.paid_at.unwrap_or(actor.at))
}

/// Notes money given back; never more than was received.
///
/// # Errors
/// `exceeds_balance`, `not_found` for the invoice.
pub fn give_back(
    tx: &mut dyn Tx,
    actor: &Actor,
    what: For,
    amount: Money,
    reference: Option<String>,
) -> Result<Payment> {
    if let Some(booking) = what.booking_id
        && sql::paid_for_booking(tx, booking)? < amount.amount
    {
        return Err(Error::new(Code::ExceedsBalance, "More cannot be given back than was paid."));
    }
    if let Some(id) = what.invoice_id {
        invoices::actions::settle(tx, id, -amount.amount)?;
    }
    note(tx, actor, what, Money::new(-amount.amount, amount.currency), Method::Other, reference, actor.at)
}

/// Notes money given back on an invoice, by a refund or because a payment bounced; never more than was paid. What was
/// given back is owed again, unless too much was paid or a credit note took it back.
///
/// # Errors
/// `invalid_field`, `not_found`, `invalid_state` for a credit note, `exceeds_balance`.
pub fn refund(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId, new: NewPayment) -> Result<Payment> {
    let new = new.checked(actor.at)?;
    settings::actions::get(tx)?.business.same_currency("amount.currency", new.amount.currency)?;
    let booking_id = invoices::actions::settle(tx, id, -new.amount.amount)?.booking_id;
    // Read after the change, whose row is locked now: of two who give back at once, one is refused.
    if invoices::actions::get(tx, id)?.paid < 0 {
        return Err(Error::new(Code::ExceedsBalance, "More cannot be given back than was paid."));
    }
    let what = For { invoice_id: Some(id), booking_id };
    let amount = Money::new(-new.amount.amount, new.amount.currency);
    note(tx, actor, what, amount, new.method, new.reference, new.paid_at.unwrap_or(actor.at))
}

fn note(
    tx: &mut dyn Tx,
    actor: &Actor,
    what: For,
    amount: Money,
    method: Method,
    reference: Option<String>,
    paid_at: crate::base::time::Instant,
) -> Result<Payment> {
    let payment = Payment {
        id: actor.new_id()?,
        invoice_id: what.invoice_id,
        booking_id: what.booking_id,
        amount,
        method,
        reference,
        paid_at,
        recorded_by: actor.name.clone(),
    };
    sql::insert(tx, &payment, actor.at)?;
    let verb = if amount.amount < 0 { "give_back" } else { "receive" };
    audit::actions::note(
        tx,
        actor,
        verb,
        "payment",
        payment.id,
        Some(format!("{} {}", amount.amount, amount.currency)),
    )?;
    Ok(payment)
}

/// What was paid for a booking before its invoice now counts for the invoice.
///
/// # Errors
/// `not_found` for the invoice.
pub fn count_for_invoice(tx: &mut dyn Tx, booking: Id<Booking>, invoice: InvoiceId) -> Result<()> {
    match sql::paid_without_invoice(tx, booking)? {
        0 => Ok(()),
        paid => invoices::actions::settle(tx, invoice, paid).map(|_| ()),
    }
}

/// Payments of a booking, oldest first.
///
/// # Errors
/// `database_unavailable`.
pub fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Payment>> {
    sql::of_booking(tx, booking)
}

/// Payments of an invoice, oldest first.
///
/// # Errors
/// `not_found`.
pub fn of_invoice(tx: &mut dyn Tx, invoice: InvoiceId) -> Result<Vec<Payment>> {
    invoices::actions::get(tx, invoice)?;
    sql::of_invoice(tx, invoice)
}

/// What was paid for a booking, refunds taken off, in minor units.
///
/// # Errors
/// `database_unavailable`.
pub fn paid_for_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<i64> {
    sql::paid_for_booking(tx, booking)
}
