//! What reports read of invoices, payments, occurrences and bookings; days come as the documents say them, moments by
//! the bounds of a period. SQLite takes the tables of a CROSS JOIN in their order.

use super::model::{OfProgram, Taxed};
use crate::args;
use crate::base::error::Result;
use crate::base::money::Currency;
use crate::base::tax::Tax;
use crate::base::time::Instant;
use crate::business::invoices::model::Kind;
use crate::platform::db::Tx;

/// Net, tax, and what is to be paid: with the cent that a document is rounded by (BT-114).
pub(super) type Sums = (i64, i64, i64);

/// What was issued from one day to another, by day and kind.
pub(super) fn issued(tx: &mut dyn Tx, from: &str, to: &str, currency: Currency) -> Result<Vec<(String, Kind, Sums)>> {
    tx.all(
        "SELECT issued_on, kind, CAST(SUM(net) AS SIGNED), CAST(SUM(tax) AS SIGNED), CAST(SUM(gross + rounding) AS SIGNED)
         FROM invoices WHERE issued_on >= ? AND issued_on <= ? AND currency = ?
         GROUP BY issued_on, kind ORDER BY issued_on",
        args![from, to, &currency],
        |row| Ok((row.next()?, row.next()?, (row.next()?, row.next()?, row.next()?))),
    )
}

/// The taxes of what was issued from one day to another, by day and kind.
pub(super) fn taxes(tx: &mut dyn Tx, from: &str, to: &str, currency: Currency) -> Result<Vec<(String, Kind, Taxed)>> {
    tx.all(
        "SELECT i.issued_on, i.kind, t.tax_category, t.tax_rate, CAST(SUM(t.net) AS SIGNED),
            CAST(SUM(t.amount) AS SIGNED)
         FROM invoices i JOIN invoice_taxes t ON t.invoice_id = i.id
         WHERE i.issued_on >= ? AND i.issued_on <= ? AND i.currency = ?
         GROUP BY i.issued_on, i.kind, t.tax_category, t.tax_rate ORDER BY i.issued_on",
        args![from, to, &currency],
        |row| {
            let (day, kind) = (row.next()?, row.next()?);
            let tax = Tax { category: row.next()?, rate: row.next()? };
            Ok((day, kind, Taxed { tax, net: row.next()?, amount: row.next()? }))
        },
    )
}

/// Money that came in, less what was given back, within a time.
pub(super) fn received(tx: &mut dyn Tx, from: Instant, to: Instant, currency: Currency) -> Result<i64> {
    tx.number(
        "SELECT CAST(SUM(amount) AS SIGNED) FROM payments WHERE paid_at >= ? AND paid_at < ? AND currency = ?",
        args![from, to, &currency],
    )
}

/// Occurrences that take place within a time, their seats, and those that are taken.
pub(super) fn seats(tx: &mut dyn Tx, from: Instant, to: Instant) -> Result<Sums> {
    let found = tx.first(
        "SELECT COUNT(*), CAST(COALESCE(SUM(capacity), 0) AS SIGNED), CAST(COALESCE(SUM(seats_taken), 0) AS SIGNED)
         FROM occurrences WHERE starts_at >= ? AND starts_at < ? AND status = 'scheduled'",
        args![from, to],
        |row| Ok((row.next()?, row.next()?, row.next()?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// Seats of those who came, and of those who did not.
pub(super) fn attended(tx: &mut dyn Tx, from: Instant, to: Instant) -> Result<(i64, i64)> {
    let found = tx.first(
        "SELECT CAST(COALESCE(SUM(CASE b.status WHEN 'checked_in' THEN b.seats ELSE 0 END), 0) AS SIGNED),
            CAST(COALESCE(SUM(CASE b.status WHEN 'no_show' THEN b.seats ELSE 0 END), 0) AS SIGNED)
         FROM occurrences o CROSS JOIN bookings b ON b.occurrence_id = o.id
         WHERE o.starts_at >= ? AND o.starts_at < ? AND o.status = 'scheduled'
            AND b.status IN ('checked_in', 'no_show')",
        args![from, to],
        |row| Ok((row.next()?, row.next()?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// The same by program, the fullest first.
pub(super) fn programs(tx: &mut dyn Tx, from: Instant, to: Instant, limit: i64) -> Result<Vec<OfProgram>> {
    tx.all(
        "SELECT z.program_id, p.title, z.number, z.capacity, z.taken
         FROM (SELECT o.program_id, COUNT(*) AS number, CAST(SUM(o.capacity) AS SIGNED) AS capacity,
                  CAST(SUM(o.seats_taken) AS SIGNED) AS taken
               FROM occurrences o WHERE o.starts_at >= ? AND o.starts_at < ? AND o.status = 'scheduled'
               GROUP BY o.program_id) z LEFT JOIN programs p ON p.id = z.program_id
         ORDER BY z.taken DESC, p.title, z.program_id LIMIT ?",
        args![from, to, limit],
        |row| {
            Ok(OfProgram {
                program_id: row.next()?,
                title: row.next()?,
                occurrences: row.next()?,
                capacity: row.next()?,
                seats_taken: row.next()?,
            })
        },
    )
}
