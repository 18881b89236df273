//! What the books read of invoices, payments and bookings. Days are read one by one, each by its index.

use super::model::{EntryId, Issued, Moved};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::tax::Tax;
use crate::base::time::Instant;
use crate::business::invoices::model::{Party, TaxRow};
use crate::platform::db::{Columns, Tx};

fn party(text: &str) -> Result<Party> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// Documents of a day behind one, in the order of their ids, with their taxes.
pub(super) fn documents(tx: &mut dyn Tx, day: &str, after: EntryId, limit: i64) -> Result<Vec<Issued>> {
    let mut found = tx.all(
        "SELECT i.id, i.kind, i.number, c.number, i.due_on, i.currency, i.gross + i.rounding, i.buyer
         FROM invoices i LEFT JOIN invoices c ON c.id = i.corrects_id
         WHERE i.issued_on = ? AND i.id > ? ORDER BY i.id LIMIT ?",
        args![day, &after, limit],
        |row| {
            let issued = Issued {
                id: row.next()?,
                kind: row.next()?,
                number: row.next()?,
                corrects: row.next()?,
                due_on: row.next()?,
                currency: row.next()?,
                payable: row.next()?,
                name: String::new(),
                vat_id: None,
                taxes: Vec::new(),
            };
            let buyer = party(&row.next::<String>()?)?;
            Ok(Issued { name: buyer.name, vat_id: buyer.vat_id, ..issued })
        },
    )?;
    let Some(last) = found.last().map(|issued| issued.id) else { return Ok(found) };
    let taxes: Vec<(EntryId, TaxRow)> = tx.all(
        "SELECT t.invoice_id, t.tax_category, t.tax_rate, t.net, t.amount, t.rounding
         FROM invoices i LEFT JOIN invoice_taxes t ON t.invoice_id = i.id
         WHERE i.issued_on = ? AND i.id > ? AND i.id <= ? AND t.invoice_id IS NOT NULL
         ORDER BY i.id, t.tax_rate DESC, t.tax_category",
        args![day, &after, &last],
        |row| {
            let id = row.next()?;
            let tax = Tax { category: row.next()?, rate: row.next()? };
            Ok((id, TaxRow { tax, net: row.next()?, amount: row.next()?, rounding: row.next()?, reason: None }))
        },
    )?;
    // Both come in the order of the ids.
    let mut taxes = taxes.into_iter().peekable();
    for issued in &mut found {
        while let Some((_, row)) = taxes.next_if(|(id, _)| *id == issued.id) {
            issued.taxes.push(row);
        }
    }
    Ok(found)
}

/// Tables and columns of money. What was paid before there was an invoice belongs to the invoice of its booking.
macro_rules! moved {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.paid_at, p.amount, p.currency, p.method, p.reference, i.number, b.reference, i.buyer, c.name
             FROM payments p LEFT JOIN bookings b ON b.id = p.booking_id
                LEFT JOIN invoices i ON i.id = COALESCE(p.invoice_id, b.invoice_id)
                LEFT JOIN clients c ON c.id = b.client_id
             WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Moved> {
    let moved = Moved {
        id: row.next()?,
        at: row.next()?,
        amount: row.next()?,
        currency: row.next()?,
        method: row.next()?,
        reference: row.next()?,
        settles: None,
        name: String::new(),
    };
    let (number, booking): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    let (buyer, client): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    let name = match buyer {
        Some(buyer) => party(&buyer)?.name,
        None => client.unwrap_or_default(),
    };
    Ok(Moved { settles: number.or(booking), name, ..moved })
}

/// Money of one moment behind an id, in the order of the ids.
pub(super) fn money_of(tx: &mut dyn Tx, at: Instant, after: EntryId, limit: i64) -> Result<Vec<Moved>> {
    tx.all(moved!("p.paid_at = ? AND p.id > ? ORDER BY p.id LIMIT ?"), args![at, &after, limit], read)
}

/// Money after a moment and before another, in the order of time and ids.
pub(super) fn money_between(tx: &mut dyn Tx, after: Instant, before: Instant, limit: i64) -> Result<Vec<Moved>> {
    tx.all(
        moved!("p.paid_at > ? AND p.paid_at < ? ORDER BY p.paid_at, p.id LIMIT ?"),
        args![after, before, limit],
        read,
    )
}

/// The next day with a document.
pub(super) fn next_document_day(tx: &mut dyn Tx, after: &str, last: &str) -> Result<Option<String>> {
    Ok(tx
        .first(
            "SELECT MIN(issued_on) FROM invoices WHERE issued_on > ? AND issued_on <= ?",
            args![after, last],
            |row| row.next::<Option<String>>(),
        )?
        .flatten())
}

/// The next moment with money.
pub(super) fn next_money(tx: &mut dyn Tx, from: Instant, before: Instant) -> Result<Option<Instant>> {
    Ok(tx
        .first("SELECT MIN(paid_at) FROM payments WHERE paid_at >= ? AND paid_at < ?", args![from, before], |row| {
            row.next::<Option<Instant>>()
        })?
        .flatten())
}
