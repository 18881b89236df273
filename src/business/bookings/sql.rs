//! Statements of bookings. LEFT JOINs keep the order of the bookings' index on MariaDB too.

use super::model::{Booking, BookingId, Filter, Status};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::invoices::model::InvoiceId;
use crate::business::occurrences::model::OccurrenceId;
use crate::platform::db::{Columns, Tx};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.reference, b.occurrence_id, b.client_id, c.name, b.seats, b.status, b.unit_price,
                b.currency, b.tax_rate, b.total, b.note, b.hold_expires_at, b.invoice_id, b.invoice_number, v.credited,
                (SELECT CAST(SUM(p.amount) AS SIGNED) FROM payments p WHERE p.booking_id = b.id),
                b.cancel_reason, b.version, b.created_at, o.local_starts_at, o.time_zone, o.starts_at, o.program_id,
                g.title
             FROM bookings b LEFT JOIN clients c ON c.id = b.client_id
                LEFT JOIN occurrences o ON o.id = b.occurrence_id LEFT JOIN programs g ON g.id = o.program_id
                LEFT JOIN invoice_balances v ON v.invoice_id = b.invoice_id
             WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Booking> {
    Ok(Booking {
        id: row.next()?,
        reference: row.next()?,
        occurrence_id: row.next()?,
        client_id: row.next()?,
        client_name: row.next()?,
        seats: row.next()?,
        status: row.next()?,
        unit_price: row.next()?,
        currency: row.next()?,
        tax_rate: row.next()?,
        total: row.next()?,
        note: row.next()?,
        hold_expires_at: row.next()?,
        invoice_id: row.next()?,
        invoice_number: row.next()?,
        credited: row.next::<Option<i64>>()?.unwrap_or(0),
        paid: row.next::<Option<i64>>()?.unwrap_or(0),
        cancel_reason: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        local_starts_at: row.next()?,
        time_zone: row.next()?,
        starts_at: row.next()?,
        program_id: row.next()?,
        program_title: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, b: &Booking) -> Result<()> {
    tx.run(
        "INSERT INTO bookings (id, reference, occurrence_id, client_id, seats, status, unit_price, currency, tax_rate,
            total, note, hold_expires_at, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        args![
            &b.id,
            &b.reference,
            &b.occurrence_id,
            &b.client_id,
            b.seats,
            b.status,
            b.unit_price,
            &b.currency,
            b.tax_rate,
            b.total,
            &b.note,
            b.hold_expires_at,
            b.created_at,
            b.created_at
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: BookingId) -> Result<Option<Booking>> {
    tx.first(select!("b.id = ?"), args![&id], read)
}

pub(super) fn page(tx: &mut dyn Tx, filter: &Filter, after: Option<BookingId>, limit: i64) -> Result<Vec<Booking>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let status = filter.status.map_or("", Status::as_str);
    match (&filter.occurrence_id, &filter.client_id, filter.status) {
        (Some(occurrence), client, _) => {
            let any = client.is_none();
            let client = client.unwrap_or_else(|| Id::from_bytes([0; 16]));
            tx.all(
                select!(
                    "b.occurrence_id = ? AND (? = 1 OR b.client_id = ?) AND (? = '' OR b.status = ?) AND b.id < ?
                     ORDER BY b.id DESC LIMIT ?"
                ),
                args![occurrence, any, &client, status, status, &after, limit],
                read,
            )
        }
        (None, Some(client), _) => tx.all(
            select!("b.client_id = ? AND (? = '' OR b.status = ?) AND b.id < ? ORDER BY b.id DESC LIMIT ?"),
            args![client, status, status, &after, limit],
            read,
        ),
        (None, None, Some(status)) => {
            tx.all(select!("b.status = ? AND b.id < ? ORDER BY b.id DESC LIMIT ?"), args![status, &after, limit], read)
        }
        (None, None, None) => tx.all(select!("b.id < ? ORDER BY b.id DESC LIMIT ?"), args![&after, limit], read),
    }
}

/// Moves a booking on, if nobody else has meanwhile.
pub(super) fn set_status(
    tx: &mut dyn Tx,
    b: &Booking,
    status: Status,
    reason: Option<&str>,
    at: Instant,
) -> Result<bool> {
    let rows = tx.run(
        "UPDATE bookings SET status = ?, cancel_reason = ?, hold_expires_at = NULL, version = version + 1,
            updated_at = ?
         WHERE id = ? AND version = ?",
        args![status, reason, at, &b.id, b.version],
    )?;
    Ok(rows == 1)
}

/// Keeps others from changing the booking until the end of the transaction.
pub(super) fn lock(tx: &mut dyn Tx, id: BookingId) -> Result<()> {
    tx.run("UPDATE bookings SET version = version WHERE id = ?", args![&id]).map(|_| ())
}

/// Notes the invoice with its number, which never changes: a list of bookings need not look at each invoice.
pub(super) fn set_invoice(tx: &mut dyn Tx, id: BookingId, invoice: InvoiceId, number: &str) -> Result<()> {
    tx.run("UPDATE bookings SET invoice_id = ?, invoice_number = ? WHERE id = ?", args![&invoice, number, &id])
        .map(|_| ())
}

pub(super) fn set_occurrence(tx: &mut dyn Tx, b: &Booking, to: OccurrenceId, at: Instant) -> Result<bool> {
    let rows = tx.run(
        "UPDATE bookings SET occurrence_id = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
        args![&to, at, &b.id, b.version],
    )?;
    Ok(rows == 1)
}

/// Held bookings whose time is over.
pub(super) fn overdue_holds(tx: &mut dyn Tx, now: Instant, limit: i64) -> Result<Vec<BookingId>> {
    tx.all(
        "SELECT id FROM bookings WHERE status = ? AND hold_expires_at <= ? ORDER BY hold_expires_at LIMIT ?",
        args![Status::Held, now, limit],
        |row| row.next(),
    )
}

pub(super) fn any(tx: &mut dyn Tx) -> Result<bool> {
    Ok(tx.first("SELECT id FROM bookings LIMIT 1", args![], |row| row.next::<BookingId>())?.is_some())
}
