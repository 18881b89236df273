//! Statements of bookings. LEFT JOINs keep the order of the bookings' index on MariaDB too.

use super::model::{Balance, Booking, BookingId, Filter, Status};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::audit::model::Subject;
use crate::business::clients::model::{ClientId, after_prefix};
use crate::business::invoices::model::InvoiceId;
use crate::business::occurrences::model::OccurrenceId;
use crate::business::programs::model::ProgramId;
use crate::platform::db::{Columns, Tx, Value};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.reference, b.occurrence_id, b.client_id, c.name, b.seats, b.status, b.unit_price,
                b.currency, b.tax_rate, b.total, b.note, b.hold_expires_at, b.invoice_id, b.invoice_number, v.credited,
                (SELECT CAST(SUM(p.amount) AS SIGNED) FROM payments p WHERE p.booking_id = b.id),
                b.cancel_reason, b.checked_in_at, b.status_before, b.version, b.created_at, o.local_starts_at, o.time_zone, o.starts_at, o.program_id,
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
        checked_in_at: row.next()?,
        status_before: row.next()?,
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

/// Bookings of a plain filter behind one, newest first.
pub(super) fn page(tx: &mut dyn Tx, filter: &Filter, after: Option<BookingId>, limit: i64) -> Result<Vec<Booking>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let one = filter.statuses.first().copied();
    let status = one.map_or("", Status::as_str);
    match (&filter.occurrence_id, &filter.client_id, one) {
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

/// The bookings of these ids, newest first.
pub(super) fn of_ids(tx: &mut dyn Tx, ids: &[BookingId]) -> Result<Vec<Booking>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(10) {
        // A shorter rest names its last one again.
        let args: Vec<Value<'_>> =
            ids.iter().chain(std::iter::repeat_n(ids.last(), 10).flatten()).take(10).map(Value::from).collect();
        found.extend(tx.all(select!("b.id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ORDER BY b.id DESC"), &args, read)?);
    }
    Ok(found)
}

/// Moves a booking on, if nobody else has meanwhile; what it says of its check-in is as given.
pub(super) fn set_status(
    tx: &mut dyn Tx,
    b: &Booking,
    status: Status,
    reason: Option<&str>,
    at: Instant,
) -> Result<bool> {
    let rows = tx.run(
        "UPDATE bookings SET status = ?, cancel_reason = ?, hold_expires_at = NULL, status_before = ?,
            checked_in_at = ?, version = version + 1, updated_at = ?
         WHERE id = ? AND version = ?",
        args![status, reason, b.status_before.map(Status::as_str), b.checked_in_at, at, &b.id, b.version],
    )?;
    Ok(rows == 1)
}

pub(super) fn set_note(tx: &mut dyn Tx, b: &Booking, note: Option<&str>, at: Instant) -> Result<bool> {
    let rows = tx.run(
        "UPDATE bookings SET note = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
        args![note, at, &b.id, b.version],
    )?;
    Ok(rows == 1)
}

/// The spoken notes on a booking, which a room below this one keeps.
pub(super) fn audio_notes(tx: &mut dyn Tx, id: BookingId) -> Result<Vec<Id<Subject>>> {
    tx.all("SELECT id FROM audio_notes WHERE booking_id = ? ORDER BY id DESC LIMIT 200", args![&id], |row| row.next())
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

/// The bookings of one client become another's.
pub(super) fn set_client(tx: &mut dyn Tx, from: ClientId, to: ClientId, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE bookings SET client_id = ?, version = version + 1, updated_at = ? WHERE client_id = ?",
        args![&to, at, &from],
    )
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

/// Minor units that are still to be paid, as `Booking::balance_due` says it.
macro_rules! balance {
    () => {
        "(CASE WHEN b.invoice_id IS NOT NULL THEN b.total - COALESCE(
                (SELECT v.credited FROM invoice_balances v WHERE v.invoice_id = b.invoice_id), 0)
            WHEN b.status IN ('held', 'confirmed', 'checked_in', 'no_show') THEN b.total ELSE 0 END
          - COALESCE((SELECT CAST(SUM(p.amount) AS SIGNED) FROM payments p WHERE p.booking_id = b.id), 0))"
    };
}

/// A way to candidates: newest first, those behind an id, so many at once. Each is one table, cut, so that no planner
/// begins anywhere else.
macro_rules! lead {
    ($from:literal) => {
        concat!(
            "(SELECT x.id, x.occurrence_id, x.client_id, x.status, x.total, x.invoice_id, x.invoice_number, x.reference
              FROM ",
            $from,
            " AND x.id < ? ORDER BY x.id DESC LIMIT ?) b"
        )
    };
}

/// The two questions to a way: which of its candidates fit, and how far they reach. `COALESCE` keeps planners from
/// beginning with the occurrences.
macro_rules! way {
    ($from:literal) => {
        Way {
            fitting: concat!(
                "SELECT b.id FROM ",
                lead!($from),
                " LEFT JOIN occurrences o ON o.id = b.occurrence_id
                 WHERE (? = 1 OR b.status IN (?, ?, ?, ?, ?, ?, ?))
                    AND (? = 1 OR b.occurrence_id = ?) AND (? = 1 OR b.client_id = ?)
                    AND (? = 1 OR COALESCE(o.program_id, '') = ?)
                    AND COALESCE(o.local_starts_at, '') >= ? AND COALESCE(o.local_starts_at, '') < ?
                    AND CASE ? WHEN '' THEN 1 WHEN 'due' THEN ",
                balance!(),
                " > 0 WHEN 'overpaid' THEN ",
                balance!(),
                " < 0 ELSE ",
                balance!(),
                " = 0 END
                    AND (? = '' OR b.invoice_number = ? OR (b.reference >= ? AND b.reference < ?) OR (
                        EXISTS (SELECT 1 FROM client_terms w WHERE w.client_id = b.client_id
                            AND w.term >= ? AND w.term < ?)
                        AND EXISTS (SELECT 1 FROM client_terms w WHERE w.client_id = b.client_id
                            AND w.term >= ? AND w.term < ?)))
                 ORDER BY b.id DESC LIMIT ?"
            ),
            reach: concat!("SELECT COUNT(*), MIN(b.id) FROM ", lead!($from)),
        }
    };
}

/// Texts of a way.
struct Way {
    fitting: &'static str,
    reach: &'static str,
}

/// Where a search begins.
#[derive(Clone, Debug)]
pub(super) enum Lead {
    /// With all.
    All,
    /// With those of one state.
    Status(Status),
    /// With those of one occurrence.
    Occurrence(OccurrenceId),
    /// With those of one client.
    Client(ClientId),
    /// With those of a program's occurrences within wall-clock times.
    Program(ProgramId, String, String),
    /// With those of occurrences within wall-clock times.
    Days(String, String),
    /// With those whose invoice is not paid.
    Owing,
    /// With those of the clients that have a word with this beginning.
    Word(String),
    /// With those whose reference begins so.
    Reference(String),
    /// With that of an invoice.
    Number(String),
}

/// So many clients at most lead to their bookings.
const CLIENTS: i64 = 200;

impl Lead {
    fn way(&self) -> Way {
        match self {
            Self::All => way!("bookings x WHERE 1 = 1"),
            Self::Status(_) => way!("bookings x WHERE x.status = ?"),
            Self::Occurrence(_) => way!("bookings x WHERE x.occurrence_id = ?"),
            Self::Client(_) => way!("bookings x WHERE x.client_id = ?"),
            Self::Program(..) => way!(
                "occurrences d JOIN bookings x ON x.occurrence_id = d.id
                 WHERE d.program_id = ? AND d.local_starts_at >= ? AND d.local_starts_at < ?"
            ),
            Self::Days(..) => way!(
                "occurrences d JOIN bookings x ON x.occurrence_id = d.id
                 WHERE d.local_starts_at >= ? AND d.local_starts_at < ?"
            ),
            Self::Owing => {
                way!("invoice_balances d JOIN bookings x ON x.invoice_id = d.invoice_id WHERE d.owes = 1")
            }
            Self::Word(_) => way!(
                "(SELECT DISTINCT w.client_id FROM client_terms w WHERE w.term >= ? AND w.term < ? LIMIT 201) d
                    JOIN bookings x ON x.client_id = d.client_id WHERE 1 = 1"
            ),
            Self::Reference(_) => way!("bookings x WHERE x.reference >= ? AND x.reference < ?"),
            Self::Number(_) => way!("bookings x WHERE x.invoice_number = ?"),
        }
    }

    fn args(&self) -> Vec<Value<'_>> {
        match self {
            Self::All | Self::Owing => vec![],
            Self::Status(status) => vec![Value::from(status.as_str())],
            Self::Occurrence(id) => vec![id.into()],
            Self::Client(id) => vec![id.into()],
            Self::Program(id, from, to) => vec![id.into(), from.into(), to.into()],
            Self::Days(from, to) => vec![from.into(), to.into()],
            Self::Word(text) | Self::Reference(text) => vec![text.into(), after_prefix(text).into()],
            Self::Number(number) => vec![number.into()],
        }
    }

    /// Whether at most `most` rows are behind this lead, which is then a short way.
    pub(super) fn is_short(&self, tx: &mut dyn Tx, most: i64) -> Result<bool> {
        let limit = most + 1;
        let mut args = self.args();
        let counted = match self {
            Self::Program(..) => {
                "SELECT COUNT(*) FROM (SELECT x.id FROM occurrences d JOIN bookings x ON x.occurrence_id = d.id
                    WHERE d.program_id = ? AND d.local_starts_at >= ? AND d.local_starts_at < ? LIMIT ?) c"
            }
            Self::Days(..) => {
                "SELECT COUNT(*) FROM (SELECT x.id FROM occurrences d JOIN bookings x ON x.occurrence_id = d.id
                    WHERE d.local_starts_at >= ? AND d.local_starts_at < ? LIMIT ?) c"
            }
            Self::Owing => {
                "SELECT COUNT(*) FROM (SELECT d.invoice_id FROM invoice_balances d WHERE d.owes = 1 LIMIT ?) c"
            }
            Self::Word(_) => {
                "SELECT COUNT(*) FROM (SELECT DISTINCT w.client_id FROM client_terms w
                    WHERE w.term >= ? AND w.term < ? LIMIT ?) c"
            }
            _ => return Ok(true),
        };
        let most = if matches!(self, Self::Word(_)) { CLIENTS } else { most };
        args.push(Value::from(limit.min(most + 1)));
        Ok(tx.number(counted, &args)? <= most)
    }
}

/// Which of the next `step` bookings of a lead fit a filter, newest first, `limit` at most.
pub(super) fn fitting(
    tx: &mut dyn Tx,
    lead: &Lead,
    filter: &Filter,
    before: BookingId,
    step: i64,
    limit: i64,
) -> Result<Vec<BookingId>> {
    let zero = Id::from_bytes([0; 16]);
    let (from, to) = filter.walls();
    let occurrence = filter.occurrence_id.unwrap_or(zero);
    let (client, program) = (filter.client_id.unwrap_or(zero.cast()), filter.program_id.unwrap_or(zero.cast()));
    let mut args = lead.args();
    args.extend([Value::from(&before), step.into(), filter.statuses.is_empty().into()]);
    // There are seven states; a shorter list is filled up with what is none.
    let names = filter.statuses.iter().map(|status| status.as_str()).chain(std::iter::repeat("")).take(7);
    args.extend(names.map(Value::from));
    args.extend([filter.occurrence_id.is_none().into(), Value::from(&occurrence)]);
    args.extend([filter.client_id.is_none().into(), Value::from(&client)]);
    args.extend([filter.program_id.is_none().into(), Value::from(&program)]);
    args.extend([Value::from(&from), Value::from(&to)]);
    args.push(filter.balance.map_or("", Balance::as_str).into());
    let nothing = String::new();
    let (number, reference, words) = match &filter.search {
        Some(search) => (&search.number, search.reference.as_ref(), search.words.each_ref()),
        None => (&nothing, None, [&nothing; 2]),
    };
    args.extend([Value::from(number), Value::from(number)]);
    match reference {
        Some(reference) => args.extend([Value::from(reference), after_prefix(reference).into()]),
        // Nothing stands between the same two texts.
        None => args.extend([Value::from(&nothing), Value::from(&nothing)]),
    }
    for word in words {
        args.extend([Value::from(word), after_prefix(word).into()]);
    }
    args.push(limit.into());
    tx.all(lead.way().fitting, &args, |row| row.next())
}

/// The last of the next `step` bookings of a lead; none when there are fewer.
pub(super) fn reach(tx: &mut dyn Tx, lead: &Lead, before: BookingId, step: i64) -> Result<Option<BookingId>> {
    let mut args = lead.args();
    args.extend([Value::from(&before), step.into()]);
    let found = tx.first(lead.way().reach, &args, |row| Ok((row.next::<i64>()?, row.next::<Option<BookingId>>()?)))?;
    Ok(found.and_then(|(count, last)| last.filter(|_| count >= step)))
}
