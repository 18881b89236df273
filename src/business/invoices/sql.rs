//! Statements of invoices. Rows of `invoices`, `invoice_lines`, `invoice_taxes`, `invoice_adjustments` and
//! `invoice_chain` are only ever inserted.

use super::chain::Link;
use super::model::{
    Adjustment, Booking, Corrected, Document, Filter, Invoice, InvoiceId, Line, Owed, Rendered, Rendering,
    SeriesReport, TaxRow,
};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::tax::Tax;
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx, Value, others_first};
use crate::platform::files::Known;

/// The next number of a series. The row is locked until the commit, so numbers have no gap and no double.
pub(super) fn next_seq(tx: &mut dyn Tx, series: &str) -> Result<i64> {
    if tx.run("UPDATE counters SET value = value + 1 WHERE series = ?", args![series])? == 0 {
        tx.run("INSERT INTO counters (series, value) VALUES (?, 1)", args![series]).map_err(others_first)?;
        return Ok(1);
    }
    tx.number("SELECT value FROM counters WHERE series = ?", args![series])
}

/// What a counter says; 0 before it counted.
pub(super) fn counter(tx: &mut dyn Tx, series: &str) -> Result<i64> {
    Ok(tx.first("SELECT value FROM counters WHERE series = ?", args![series], |row| row.next())?.unwrap_or(0))
}

pub(super) fn insert(tx: &mut dyn Tx, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    let seller = serde_json::to_string(&invoice.seller).map_err(Error::internal)?;
    let buyer = serde_json::to_string(&invoice.buyer).map_err(Error::internal)?;
    let corrects = invoice.corrects.as_ref().map(|corrected| corrected.id);
    tx.run(
        "INSERT INTO invoices (id, kind, series, seq, number, client_id, booking_id, corrects_id, issued_at,
            issued_on, due_on, service_from, service_to, buyer_reference, order_reference, currency,
            prices_include_tax, rounding_way, lines_net, net, tax, gross, rounding, prepaid, seller, buyer, notes, locale)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            &invoice.service_from,
            &invoice.service_to,
            &invoice.buyer_reference,
            &invoice.order_reference,
            &invoice.currency,
            invoice.prices_include_tax,
            invoice.rounding_way,
            invoice.lines_net,
            invoice.net,
            invoice.tax,
            invoice.gross,
            invoice.rounding,
            invoice.prepaid,
            &seller,
            &buyer,
            &invoice.notes,
            &invoice.locale
        ],
    )?;
    insert_taxes(tx, invoice.id, &document.taxes)?;
    insert_adjustments(tx, invoice.id, &document.adjustments)?;
    tx.run(
        "INSERT INTO invoice_balances (invoice_id, paid, credited, owes, due_on) VALUES (?, 0, 0, ?, ?)",
        args![&invoice.id, invoice.open() > 0, &invoice.due_on],
    )
    .map(|_| ())
}

macro_rules! insert_lines {
    ($($row:literal)+) => {
        concat!(
            "INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit, unit_price, discount,
                discount_percent, discount_reason, tax_category, tax_rate, total, net)
             VALUES ",
            $($row),+
        )
    };
}

macro_rules! ten_rows {
    () => {
        insert_lines!(
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), " "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), " "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), " "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), " "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), " "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
                    Value::from(line.unit),
                    Value::from(line.unit_price),
                    Value::from(line.discount),
                    Value::from(line.discount_percent),
                    Value::from(&line.discount_reason),
                    Value::from(line.tax.category),
                    Value::from(line.tax.rate),
                    Value::from(line.total),
                    Value::from(line.net),
                ]
            })
            .collect();
        if chunk.len() == 10 {
            tx.run(ten_rows!(), &values)?;
        } else {
            for one in values.chunks(13) {
                tx.run(insert_lines!("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), one)?;
            }
        }
    }
    Ok(())
}

fn insert_taxes(tx: &mut dyn Tx, id: InvoiceId, taxes: &[TaxRow]) -> Result<()> {
    for row in taxes {
        tx.run(
            "INSERT INTO invoice_taxes (invoice_id, tax_category, tax_rate, net, amount, rounding, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            args![&id, row.tax.category, row.tax.rate, row.net, row.amount, row.rounding, &row.reason],
        )?;
    }
    Ok(())
}

fn insert_adjustments(tx: &mut dyn Tx, id: InvoiceId, adjustments: &[Adjustment]) -> Result<()> {
    for (position, a) in (1_i64..).zip(adjustments) {
        tx.run(
            "INSERT INTO invoice_adjustments (invoice_id, position, charge, reason, percent, tax_category, tax_rate,
                amount, net)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args![&id, position, a.charge, &a.reason, a.percent, a.tax.category, a.tax.rate, a.amount, a.net],
        )?;
    }
    Ok(())
}

macro_rules! select {
    ($($rest:tt)+) => {
        concat!(
            "SELECT i.id, i.kind, i.series, i.seq, i.number, i.client_id, i.booking_id, i.corrects_id, c.number,
                c.issued_on, i.issued_at, i.issued_on, i.due_on, i.service_from, i.service_to, i.buyer_reference,
                i.order_reference, i.currency, i.prices_include_tax, i.rounding_way, i.lines_net, i.net, i.tax,
                i.gross, i.rounding, i.prepaid, i.seller, i.buyer, i.notes, i.locale, b.paid, b.credited
             FROM ",
            $($rest)+
        )
    };
}

macro_rules! by_invoice {
    ($condition:literal) => {
        select!(
            "invoices i LEFT JOIN invoice_balances b ON b.invoice_id = i.id
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
        corrects: corrected(row.next()?, row.next()?, row.next()?),
        issued_at: row.next()?,
        issued_on: row.next()?,
        due_on: row.next()?,
        service_from: row.next()?,
        service_to: row.next()?,
        buyer_reference: row.next()?,
        order_reference: row.next()?,
        currency: row.next()?,
        prices_include_tax: row.next()?,
        rounding_way: row.next()?,
        lines_net: row.next()?,
        net: row.next()?,
        tax: row.next()?,
        gross: row.next()?,
        rounding: row.next()?,
        prepaid: row.next()?,
        seller: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
        buyer: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
        notes: row.next()?,
        locale: row.next()?,
        paid: row.next()?,
        credited: row.next()?,
    })
}

fn corrected(id: Option<InvoiceId>, number: Option<String>, issued_on: Option<String>) -> Option<Corrected> {
    Some(Corrected { id: id?, number: number?, issued_on: issued_on? })
}

pub(super) fn find(tx: &mut dyn Tx, id: InvoiceId) -> Result<Option<Invoice>> {
    tx.first(by_invoice!("i.id = ?"), args![&id], read)
}

/// Documents of a filter behind one, newest first. Days are ranges of ids, since ids follow the time of issue.
pub(super) fn page(tx: &mut dyn Tx, filter: &Filter, after: Option<InvoiceId>, limit: i64) -> Result<Vec<Invoice>> {
    let last = Id::from_bytes([0xff; 16]);
    let after = after.unwrap_or(last).min(filter.before.unwrap_or(last));
    let from = filter.from.unwrap_or(Id::from_bytes([0; 16]));
    let kind = filter.kind.map(super::model::Kind::as_str);
    let (owes, due) = (filter.owes, &filter.due_before);
    let number = filter.number.as_deref().unwrap_or_default();
    let beyond = format!("{number}\u{10ffff}");
    match (filter.client_id, number, owes) {
        (Some(client), _, _) => tx.all(
            by_invoice!(
                "i.client_id = ? AND i.id < ? AND i.id >= ? AND i.number >= ? AND i.number < ?
                 AND (? IS NULL OR i.kind = ?) AND (? = 0 OR b.owes = 1) AND (? IS NULL OR b.due_on < ?)
                 ORDER BY i.id DESC LIMIT ?"
            ),
            args![&client, &after, &from, number, &beyond, kind, kind, owes, due, due, limit],
            read,
        ),
        // Those who owe are few among the many: their index leads.
        (None, _, true) => tx.all(
            select!(
                "invoice_balances b JOIN invoices i ON i.id = b.invoice_id LEFT JOIN invoices c ON c.id = i.corrects_id
                 WHERE b.owes = 1 AND b.invoice_id < ? AND b.invoice_id >= ? AND i.number >= ? AND i.number < ?
                    AND (? IS NULL OR i.kind = ?) AND (? IS NULL OR b.due_on < ?)
                 ORDER BY b.invoice_id DESC LIMIT ?"
            ),
            args![&after, &from, number, &beyond, kind, kind, due, due, limit],
            read,
        ),
        (None, "", false) => tx.all(
            by_invoice!("i.id < ? AND i.id >= ? AND (? IS NULL OR i.kind = ?) ORDER BY i.id DESC LIMIT ?"),
            args![&after, &from, kind, kind, limit],
            read,
        ),
        (None, _, false) => tx.all(
            by_invoice!(
                "i.number >= ? AND i.number < ? AND i.id < ? AND i.id >= ? AND (? IS NULL OR i.kind = ?)
                 ORDER BY i.id DESC LIMIT ?"
            ),
            args![number, &beyond, &after, &from, kind, kind, limit],
            read,
        ),
    }
}

/// What is owed in all, and how much of it since before a day.
pub(super) fn owed(tx: &mut dyn Tx, today: &str) -> Result<Owed> {
    let found = tx.first(
        "SELECT COUNT(*), CAST(COALESCE(SUM(i.gross + i.rounding - b.paid - b.credited), 0) AS SIGNED),
            CAST(COALESCE(SUM(CASE WHEN b.due_on < ? THEN 1 ELSE 0 END), 0) AS SIGNED),
            CAST(COALESCE(SUM(CASE WHEN b.due_on < ? THEN i.gross + i.rounding - b.paid - b.credited ELSE 0 END), 0)
                AS SIGNED)
         FROM invoice_balances b JOIN invoices i ON i.id = b.invoice_id WHERE b.owes = 1",
        args![today, today],
        |row| Ok(Owed { open_count: row.next()?, open: row.next()?, overdue_count: row.next()?, overdue: row.next()? }),
    )?;
    Ok(found.unwrap_or_default())
}

/// The documents of a booking, oldest first.
pub(super) fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Invoice>> {
    tx.all(by_invoice!("i.booking_id = ? ORDER BY i.id"), args![&booking], read)
}

/// The credit notes of an invoice, oldest first.
pub(super) fn credit_notes(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Invoice>> {
    tx.all(by_invoice!("i.corrects_id = ? ORDER BY i.id"), args![&id], read)
}

/// Lines behind a position, in order.
pub(super) fn lines(tx: &mut dyn Tx, id: InvoiceId, after: i64, limit: i64) -> Result<Vec<Line>> {
    tx.all(
        "SELECT description, quantity, unit, unit_price, discount, discount_percent, discount_reason, tax_category,
            tax_rate, total, net
         FROM invoice_lines WHERE invoice_id = ? AND position > ? ORDER BY position LIMIT ?",
        args![&id, after, limit],
        |row| {
            Ok(Line {
                description: row.next()?,
                quantity: row.next::<String>()?.parse().map_err(Error::internal)?,
                unit: row.next()?,
                unit_price: row.next()?,
                discount: row.next()?,
                discount_percent: row.next()?,
                discount_reason: row.next()?,
                tax: Tax { category: row.next()?, rate: row.next()? },
                total: row.next()?,
                net: row.next()?,
            })
        },
    )
}

pub(super) fn taxes(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<TaxRow>> {
    tx.all(
        "SELECT tax_category, tax_rate, net, amount, rounding, reason FROM invoice_taxes
         WHERE invoice_id = ? ORDER BY tax_rate DESC, tax_category",
        args![&id],
        |row| {
            Ok(TaxRow {
                tax: Tax { category: row.next()?, rate: row.next()? },
                net: row.next()?,
                amount: row.next()?,
                rounding: row.next()?,
                reason: row.next()?,
            })
        },
    )
}

/// What credit notes took back of each tax of an invoice.
pub(super) fn credited_taxes(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<(Tax, i64)>> {
    tx.all(
        "SELECT t.tax_category, t.tax_rate, CAST(SUM(t.net + t.amount + t.rounding) AS SIGNED)
         FROM invoices i JOIN invoice_taxes t ON t.invoice_id = i.id WHERE i.corrects_id = ?
         GROUP BY t.tax_category, t.tax_rate",
        args![&id],
        |row| Ok((Tax { category: row.next()?, rate: row.next()? }, row.next()?)),
    )
}

pub(super) fn adjustments(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Adjustment>> {
    tx.all(
        "SELECT charge, reason, percent, tax_category, tax_rate, amount, net FROM invoice_adjustments
         WHERE invoice_id = ? ORDER BY position",
        args![&id],
        |row| {
            Ok(Adjustment {
                charge: row.next()?,
                reason: row.next()?,
                percent: row.next()?,
                tax: Tax { category: row.next()?, rate: row.next()? },
                amount: row.next()?,
                net: row.next()?,
            })
        },
    )
}

/// Adds to what was taken back, if that stays within the invoice.
pub(super) fn credit(tx: &mut dyn Tx, id: InvoiceId, amount: i64, payable: i64) -> Result<bool> {
    let rows = tx.run(
        "UPDATE invoice_balances SET credited = credited + ? WHERE invoice_id = ? AND credited + ? <= ?",
        args![amount, &id, amount, payable],
    )?;
    Ok(rows == 1)
}

pub(super) fn pay(tx: &mut dyn Tx, id: InvoiceId, amount: i64) -> Result<()> {
    tx.run("UPDATE invoice_balances SET paid = paid + ? WHERE invoice_id = ?", args![amount, &id]).map(|_| ())
}

/// Notes whether something is still owed. A statement of its own: within one, MySQL would see `paid` already changed
/// and SQLite not yet.
pub(super) fn set_owes(tx: &mut dyn Tx, id: InvoiceId, payable: i64) -> Result<()> {
    tx.run(
        "UPDATE invoice_balances SET owes = CASE WHEN paid + credited < ? THEN 1 ELSE 0 END WHERE invoice_id = ?",
        args![payable, &id],
    )
    .map(|_| ())
}

pub(super) fn rendered(tx: &mut dyn Tx, id: InvoiceId, what: Rendering) -> Result<Option<Rendered>> {
    tx.first(
        "SELECT file_key, size, sha256, rendered_at FROM invoice_files WHERE invoice_id = ? AND format = ?",
        args![&id, what],
        |row| Ok(Rendered { file_key: row.next()?, size: row.next()?, sha256: row.next()?, rendered_at: row.next()? }),
    )
}

pub(super) fn insert_rendered(
    tx: &mut dyn Tx,
    id: InvoiceId,
    what: Rendering,
    file: &Rendered,
    at: Instant,
) -> Result<()> {
    tx.run(
        "INSERT INTO invoice_files (invoice_id, format, file_key, size, sha256, rendered_at) VALUES (?, ?, ?, ?, ?, ?)",
        args![&id, what, &file.file_key, file.size, &file.sha256, at],
    )
    .map(|_| ())
}

pub(super) fn has_key(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM invoice_files WHERE file_key = ?", args![key])? > 0)
}

/// Rendered files in the order of their keys, behind one.
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

/// The hash at a place of the chain.
pub(super) fn chain_hash(tx: &mut dyn Tx, place: i64) -> Result<Option<[u8; 32]>> {
    tx.first("SELECT hash FROM invoice_chain WHERE place = ?", args![place], |row| row.next())
}

pub(super) fn insert_link(tx: &mut dyn Tx, id: InvoiceId, link: &Link) -> Result<()> {
    tx.run(
        "INSERT INTO invoice_chain (place, invoice_id, content, hash) VALUES (?, ?, ?, ?)",
        args![link.place, &id, &link.content, &link.hash],
    )
    .map(|_| ())
}

/// Places of the chain behind one, in order.
pub(super) fn links_after(tx: &mut dyn Tx, place: i64, limit: i64) -> Result<Vec<(Link, InvoiceId)>> {
    tx.all(
        "SELECT place, content, hash, invoice_id FROM invoice_chain WHERE place > ? ORDER BY place LIMIT ?",
        args![place, limit],
        |row| Ok((Link { place: row.next()?, content: row.next()?, hash: row.next()? }, row.next()?)),
    )
}

/// Documents without a place in the chain, oldest first: those from before there was one, or slipped in.
pub(super) fn unchained(tx: &mut dyn Tx, limit: i64) -> Result<Vec<InvoiceId>> {
    tx.all(
        "SELECT i.id FROM invoices i LEFT JOIN invoice_chain c ON c.invoice_id = i.id WHERE c.place IS NULL
         ORDER BY i.id LIMIT ?",
        args![limit],
        |row| row.next(),
    )
}

/// Each series with its first, last and number of documents, and what its counter says.
pub(super) fn series(tx: &mut dyn Tx) -> Result<Vec<SeriesReport>> {
    tx.all(
        "SELECT i.series, i.kind, MIN(i.seq), MAX(i.seq), COUNT(*), c.value
         FROM invoices i LEFT JOIN counters c ON c.series = i.series
         GROUP BY i.series, i.kind, c.value ORDER BY i.series",
        args![],
        |row| {
            Ok(SeriesReport {
                series: row.next()?,
                kind: row.next()?,
                first: row.next()?,
                last: row.next()?,
                count: row.next()?,
                counter: row.next::<Option<i64>>()?.unwrap_or(0),
                missing: Vec::new(),
            })
        },
    )
}

/// Places of a series that no document has, up to `limit` gaps: each as the last one before and the first one after.
pub(super) fn gaps(tx: &mut dyn Tx, series: &str, limit: i64) -> Result<Vec<(i64, i64)>> {
    tx.all(
        "SELECT a.seq, (SELECT MIN(b.seq) FROM invoices b WHERE b.series = a.series AND b.seq > a.seq)
         FROM invoices a WHERE a.series = ?
            AND NOT EXISTS (SELECT 1 FROM invoices n WHERE n.series = a.series AND n.seq = a.seq + 1)
            AND EXISTS (SELECT 1 FROM invoices m WHERE m.series = a.series AND m.seq > a.seq)
         ORDER BY a.seq LIMIT ?",
        args![series, limit],
        |row| Ok((row.next()?, row.next()?)),
    )
}
