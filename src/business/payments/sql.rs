//! Statements of payments.

use super::model::Payment;
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::Money;
use crate::base::time::Instant;
use crate::business::invoices::model::{Booking, InvoiceId};
use crate::platform::db::{Columns, Tx};

pub(super) fn insert(tx: &mut dyn Tx, payment: &Payment, at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO payments (id, invoice_id, booking_id, amount, currency, method, reference, paid_at, recorded_by,
            created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &payment.id,
            &payment.invoice_id,
            &payment.booking_id,
            payment.amount.amount,
            &payment.amount.currency,
            payment.method,
            &payment.reference,
            payment.paid_at,
            &payment.recorded_by,
            at
        ],
    )
    .map(|_| ())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, invoice_id, booking_id, amount, currency, method, reference, paid_at, recorded_by FROM payments
             WHERE ",
            $condition,
            " ORDER BY id LIMIT 200"
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Payment> {
    Ok(Payment {
        id: row.next()?,
        invoice_id: row.next()?,
        booking_id: row.next()?,
        amount: Money::new(row.next()?, row.next()?),
        method: row.next()?,
        reference: row.next()?,
        paid_at: row.next()?,
        recorded_by: row.next()?,
    })
}

pub(super) fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Payment>> {
    tx.all(select!("booking_id = ?"), args![&booking], read)
}

pub(super) fn of_invoice(tx: &mut dyn Tx, invoice: InvoiceId) -> Result<Vec<Payment>> {
    tx.all(select!("invoice_id = ?"), args![&invoice], read)
}

/// What was paid for a booking before it had an invoice.
pub(super) fn paid_without_invoice(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<i64> {
    tx.number(
        "SELECT CAST(SUM(amount) AS SIGNED) FROM payments WHERE booking_id = ? AND invoice_id IS NULL",
        args![&booking],
    )
}

pub(super) fn paid_for_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<i64> {
    tx.number("SELECT CAST(SUM(amount) AS SIGNED) FROM payments WHERE booking_id = ?", args![&booking])
}
