//! Statements of invoices. Rows of `invoices`, `invoice_lines` and `invoice_taxes` are only ever inserted.

use super::model::{Booking, Invoice, InvoiceId, Line, Rendered, TaxRow};
use crate::args;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::platform::db::{Columns, Tx, Value, changed_meanwhile};
use crate::platform::files::Known;

/// The next number of a series. The row is locked until the commit, so numbers have no gap and no double.
pub(super) fn next_seq(tx: &mut dyn Tx, series: &str) -> Result<i64> {
    if tx.run("UPDATE counters SET value = value + 1 WHERE series = ?", args![series])? == 0 {
        tx.run("INSERT INTO counters (series, value) VALUES (?, 1)", args![series]).map_err(|error| {
            match error.code {
                // Another transaction began the series at the same moment.
                Code::AlreadyExists => changed_meanwhile(),
                _ => error,
            }
        })?;
        return Ok(1);
    }
    tx.number("SELECT value FROM counters WHERE series = ?", args![series])
}

pub(super) fn insert(tx: &mut dyn Tx, invoice: &Invoice) -> Result<()> {
    let seller = serde_json::to_string(&invoice.seller).map_err(Error::internal)?;
    let buyer = serde_json::to_string(&invoice.buyer).map_err(Error::internal)?;
    let corrects = invoice.corrects.as_ref().map(|(id, _)| *id);
    tx.run(
        "INSERT INTO invoices (id, kind, series, seq, number, client_id, booking_id, corrects_id, issued_at,
            issued_on, due_on, currency, prices_include_tax, net, tax, gross, seller, buyer, notes, locale)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &invoice.id,
            invoice.kind,
            &invoice.series,
            invoice.seq,
            &invoice.number,
            &invoice.client_id,
            &invoice.booking_id,
            &corrects,
            invoice.issued_at,
            &invoice.issued_on,
            &invoice.due_on,
            &invoice.currency,
            invoice.prices_include_tax,
            invoice.net,
            invoice.tax,
            invoice.gross,
            &seller,
            &buyer,
            &invoice.notes,
            &invoice.locale
        ],
    )?;
    tx.run("INSERT INTO invoice_balances (invoice_id, paid, credited) VALUES (?, 0, 0)", args![&invoice.id]).map(|_| ())
}

macro_rules! insert_lines {
    ($($row:literal)+) => {
        concat!(
            "INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_price, tax_rate, total)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            $($row),+
        )
    };
}

macro_rules! ten_rows {
    ($more:literal) => {
        insert_lines!(
            ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)"
            ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)"
            ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)" ", (?, ?, ?, ?, ?, ?, ?)" $more
        )
    };
}

/// Lines go in by tens: a hundred thousand of them by ones are as many round trips.
pub(super) fn insert_document_lines(tx: &mut dyn Tx, id: InvoiceId, lines: &[Line]) -> Result<()> {
    for (chunk, first) in lines.chunks(10).zip((1_i64..).step_by(10)) {
        let values: Vec<Value<'_>> = chunk
            .iter()
            .zip(first..)
            .flat_map(|(line, position)| {
                [
                    Value::from(&id),
                    Value::from(position),
                    Value::from(&line.description),
                    Value::from(line.quantity.to_string()),
                    Value::from(line.unit_price),
                    Value::from(line.tax_rate),
                    Value::from(line.total),
                ]
            })
            .collect();
        if chunk.len() == 10 {
            tx.run(ten_rows!(""), &values)?;
        } else {
            for one in values.chunks(7) {
                tx.run(insert_lines!(""), one)?;
            }
        }
    }
    Ok(())
}

pub(super) fn insert_taxes(tx: &mut dyn Tx, id: InvoiceId, taxes: &[TaxRow]) -> Result<()> {
    for row in taxes {
        tx.run(
            "INSERT INTO invoice_taxes (invoice_id, tax_rate, net, tax) VALUES (?, ?, ?, ?)",
            args![&id, row.rate, row.net, row.tax],
        )?;
    }
    Ok(())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT i.id, i.kind, i.series, i.seq, i.number, i.client_id, i.booking_id, i.corrects_id, c.number,
                i.issued_at, i.issued_on, i.due_on, i.currency, i.prices_include_tax, i.net, i.tax, i.gross, i.seller,
                i.buyer, i.notes, i.locale, b.paid, b.credited
             FROM invoices i LEFT JOIN invoice_balances b ON b.invoice_id = i.id
                LEFT JOIN invoices c ON c.id = i.corrects_id WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Invoice> {
    Ok(Invoice {
        id: row.next()?,
        kind: row.next()?,
        series: row.next()?,
        seq: row.next()?,
        number: row.next()?,
        client_id: row.next()?,
        booking_id: row.next()?,
        corrects: row.next::<Option<InvoiceId>>()?.zip(row.next::<Option<String>>()?),
        issued_at: row.next()?,
        issued_on: row.next()?,
        due_on: row.next()?,
        currency: row.next()?,
        prices_include_tax: row.next()?,
        net: row.next()?,
        tax: row.next()?,
        gross: row.next()?,
        seller: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
        buyer: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
        notes: row.next()?,
        locale: row.next()?,
        paid: row.next()?,
        credited: row.next()?,
    })
}

pub(super) fn find(tx: &mut dyn Tx, id: InvoiceId) -> Result<Option<Invoice>> {
    tx.first(select!("i.id = ?"), args![&id], read)
}

pub(super) fn page(
    tx: &mut dyn Tx,
    client: Option<ClientId>,
    after: Option<InvoiceId>,
    limit: i64,
) -> Result<Vec<Invoice>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    match client {
        None => tx.all(select!("i.id < ? ORDER BY i.id DESC LIMIT ?"), args![&after, limit], read),
        Some(client) => tx.all(
            select!("i.client_id = ? AND i.id < ? ORDER BY i.id DESC LIMIT ?"),
            args![&client, &after, limit],
            read,
        ),
    }
}

/// The documents of a booking, oldest first.
pub(super) fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Invoice>> {
    tx.all(select!("i.booking_id = ? ORDER BY i.id"), args![&booking], read)
}

/// Lines behind a position, in order.
pub(super) fn lines(tx: &mut dyn Tx, id: InvoiceId, after: i64, limit: i64) -> Result<Vec<Line>> {
    tx.all(
        "SELECT description, quantity, unit_price, tax_rate, total FROM invoice_lines
         WHERE invoice_id = ? AND position > ? ORDER BY position LIMIT ?",
        args![&id, after, limit],
        |row| {
            Ok(Line {
                description: row.next()?,
                quantity: row.next::<String>()?.parse().map_err(Error::internal)?,
                unit_price: row.next()?,
                tax_rate: row.next()?,
                total: row.next()?,
            })
        },
    )
}

pub(super) fn taxes(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<TaxRow>> {
    tx.all(
        "SELECT tax_rate, net, tax FROM invoice_taxes WHERE invoice_id = ? ORDER BY tax_rate DESC",
        args![&id],
        |row| Ok(TaxRow { rate: row.next()?, net: row.next()?, tax: row.next()? }),
    )
}

/// Adds to what was taken back, if that stays within the invoice.
pub(super) fn credit(tx: &mut dyn Tx, id: InvoiceId, amount: i64, gross: i64) -> Result<bool> {
    let rows = tx.run(
        "UPDATE invoice_balances SET credited = credited + ? WHERE invoice_id = ? AND credited + ? <= ?",
        args![amount, &id, amount, gross],
    )?;
    Ok(rows == 1)
}

pub(super) fn pay(tx: &mut dyn Tx, id: InvoiceId, amount: i64) -> Result<()> {
    tx.run("UPDATE invoice_balances SET paid = paid + ? WHERE invoice_id = ?", args![amount, &id]).map(|_| ())
}

pub(super) fn rendered(tx: &mut dyn Tx, id: InvoiceId) -> Result<Option<Rendered>> {
    tx.first("SELECT file_key, size, sha256, rendered_at FROM invoice_files WHERE invoice_id = ?", args![&id], |row| {
        Ok(Rendered { file_key: row.next()?, size: row.next()?, sha256: row.next()?, rendered_at: row.next()? })
    })
}

pub(super) fn insert_rendered(tx: &mut dyn Tx, id: InvoiceId, file: &Rendered, at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO invoice_files (invoice_id, file_key, size, sha256, rendered_at) VALUES (?, ?, ?, ?, ?)",
        args![&id, &file.file_key, file.size, &file.sha256, at],
    )
    .map(|_| ())
}

pub(super) fn has_key(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM invoice_files WHERE file_key = ?", args![key])? > 0)
}

/// PDFs in the order of their keys, behind one.
pub(super) fn files_after(tx: &mut dyn Tx, key: &str, limit: i64) -> Result<Vec<(String, Known)>> {
    tx.all(
        "SELECT file_key, size, sha256 FROM invoice_files WHERE file_key > ? ORDER BY file_key LIMIT ?",
        args![key, limit],
        |row| {
            let key = row.next()?;
            let size = u64::try_from(row.next::<i64>()?).map_err(Error::internal)?;
            Ok((key, Known { size, sha256: row.next()? }))
        },
    )
}
