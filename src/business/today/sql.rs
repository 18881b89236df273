//! What a day reads of occurrences, bookings, invoices and payments.
//!
//! SQLite takes the tables of a CROSS JOIN in their order, which is by the day; else it begins with a whole state.

use super::model::{Arrival, Due, OpenBooking, Overdue};
use crate::args;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::platform::db::Tx;

pub(super) fn occurrences(tx: &mut dyn Tx, from: Instant, to: Instant, limit: i64) -> Result<Vec<Due>> {
    tx.all(
        "SELECT o.id, o.program_id, p.title, o.local_starts_at, o.time_zone, o.starts_at, o.ends_at,
            o.duration_minutes, o.status, o.capacity, o.seats_taken, o.seats_held,
            (SELECT CAST(SUM(b.seats) AS SIGNED) FROM bookings b
             WHERE b.occurrence_id = o.id AND b.status = 'checked_in')
         FROM occurrences o LEFT JOIN programs p ON p.id = o.program_id
         WHERE o.starts_at >= ? AND o.starts_at < ? ORDER BY o.starts_at, o.id LIMIT ?",
        args![from, to, limit],
        |row| {
            Ok(Due {
                id: row.next()?,
                program_id: row.next()?,
                program_title: row.next()?,
                local_starts_at: row.next()?,
                time_zone: row.next()?,
                starts_at: row.next()?,
                ends_at: row.next()?,
                duration_minutes: row.next()?,
                status: row.next()?,
                capacity: row.next()?,
                seats_taken: row.next()?,
                seats_held: row.next()?,
                checked_in: row.next::<Option<i64>>()?.unwrap_or(0),
            })
        },
    )
}

/// What was paid for the booking `b`.
macro_rules! paid {
    () => {
        "COALESCE((SELECT CAST(SUM(y.amount) AS SIGNED) FROM payments y WHERE y.booking_id = b.id), 0)"
    };
}

pub(super) fn arrivals(tx: &mut dyn Tx, from: Instant, to: Instant, limit: i64) -> Result<Vec<Arrival>> {
    tx.all(
        concat!(
            "SELECT b.id, b.reference, b.client_id, c.name, b.seats, b.status, b.occurrence_id, p.title,
                o.local_starts_at, b.total - COALESCE(v.credited, 0) - ",
            paid!(),
            ", b.version
             FROM occurrences o CROSS JOIN bookings b ON b.occurrence_id = o.id
                LEFT JOIN clients c ON c.id = b.client_id LEFT JOIN programs p ON p.id = o.program_id
                LEFT JOIN invoice_balances v ON v.invoice_id = b.invoice_id
             WHERE o.starts_at >= ? AND o.starts_at < ? AND o.status = 'scheduled'
                AND b.status IN ('held', 'confirmed', 'checked_in', 'no_show')
             ORDER BY o.starts_at, c.name, b.id LIMIT ?"
        ),
        args![from, to, limit],
        |row| {
            Ok(Arrival {
                booking_id: row.next()?,
                reference: row.next()?,
                client_id: row.next()?,
                client_name: row.next()?,
                seats: row.next()?,
                status: row.next()?,
                occurrence_id: row.next()?,
                program_title: row.next()?,
                local_starts_at: row.next()?,
                balance_due: row.next()?,
                version: row.next()?,
            })
        },
    )
}

/// Bookings that may owe: those whose invoice is not paid, and those that are held. Only the open ones are read,
/// however many there have been.
macro_rules! open {
    () => {
        concat!(
            "(SELECT b.id, b.total - v.credited - ",
            paid!(),
            " AS due FROM invoice_balances v JOIN bookings b ON b.invoice_id = v.invoice_id WHERE v.owes = 1
              UNION ALL SELECT b.id, b.total - ",
            paid!(),
            " AS due FROM bookings b WHERE b.status = 'held') z"
        )
    };
}

/// How many bookings owe, and how much.
pub(super) fn open_sum(tx: &mut dyn Tx) -> Result<(i64, i64)> {
    let found = tx.first(
        concat!("SELECT COUNT(*), CAST(COALESCE(SUM(z.due), 0) AS SIGNED) FROM ", open!(), " WHERE z.due > 0"),
        args![],
        |row| Ok((row.next()?, row.next()?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// The first of them by the time of their occurrence.
pub(super) fn open_first(tx: &mut dyn Tx, limit: i64) -> Result<Vec<OpenBooking>> {
    tx.all(
        concat!(
            "SELECT b.id, b.reference, b.client_id, c.name, p.title, o.local_starts_at, z.due FROM ",
            open!(),
            " LEFT JOIN bookings b ON b.id = z.id LEFT JOIN occurrences o ON o.id = b.occurrence_id
                LEFT JOIN clients c ON c.id = b.client_id LEFT JOIN programs p ON p.id = o.program_id
              WHERE z.due > 0 ORDER BY o.starts_at, z.id LIMIT ?"
        ),
        args![limit],
        |row| {
            Ok(OpenBooking {
                booking_id: row.next()?,
                reference: row.next()?,
                client_id: row.next()?,
                client_name: row.next()?,
                program_title: row.next()?,
                local_starts_at: row.next()?,
                balance_due: row.next()?,
            })
        },
    )
}

/// How many invoices were due before a day and still are, and how much.
pub(super) fn overdue_sum(tx: &mut dyn Tx, day: &str) -> Result<(i64, i64)> {
    let found = tx.first(
        "SELECT COUNT(*), CAST(COALESCE(SUM(i.gross + i.rounding - v.paid - v.credited), 0) AS SIGNED)
         FROM invoice_balances v JOIN invoices i ON i.id = v.invoice_id WHERE v.owes = 1 AND v.due_on < ?",
        args![day],
        |row| Ok((row.next()?, row.next()?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// The first of them by their day.
pub(super) fn overdue_first(tx: &mut dyn Tx, day: &str, limit: i64) -> Result<Vec<Overdue>> {
    tx.all(
        "SELECT i.id, i.number, i.client_id, c.name, z.due_on, i.gross + i.rounding - z.paid - z.credited
         FROM (SELECT v.invoice_id, v.due_on, v.paid, v.credited FROM invoice_balances v
               WHERE v.owes = 1 AND v.due_on < ? ORDER BY v.due_on, v.invoice_id LIMIT ?) z
            LEFT JOIN invoices i ON i.id = z.invoice_id LEFT JOIN clients c ON c.id = i.client_id
         ORDER BY z.due_on, z.invoice_id",
        args![day, limit],
        |row| {
            Ok(Overdue {
                id: row.next()?,
                number: row.next()?,
                client_id: row.next()?,
                client_name: row.next()?,
                due_on: row.next()?,
                balance_due: row.next()?,
            })
        },
    )
}
