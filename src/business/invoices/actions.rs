//! Issuing and crediting. One transaction each: number, lines, totals, seller and buyer as they are now, and the
//! document's place in the chain.

use super::chain::{BEGINNING, Content, Link, link};
use super::model::{
    Adjustment, AdjustmentInput, Booking, Corrected, Document, Filter, Invoice, InvoiceId, Kind, Line, LineInput, Owed,
    Party, Rendered, Rendering,
};
use super::{asked, sql, sums};
use crate::base::actor::Actor;
use crate::base::error::{Check, Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::Currency;
use crate::base::page::{Cursor, Page, Paging};
use crate::base::tax::Rounding;
use crate::base::text;
use crate::business::clients::model::{Client, ClientId};
use crate::business::events::{self, model::Kind as Event};
use crate::business::settings::model::{Business, Numbers};
use crate::business::{audit, clients, settings};
use crate::platform::db::{Tx, others_first};
use crate::platform::files::Known;

pub use super::credit::{Credit, credit};
pub use super::paper::numbers::Numbers as Writing;
pub use super::proof::{Fault, Proof, adopt, adopted, series, verify};
pub use super::sums::price;

/// What is to be issued.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    /// For whom.
    pub client_id: ClientId,
    /// For which booking.
    pub booking_id: Option<Id<Booking>>,
    /// Its lines; prices with or without tax as the business prices.
    pub lines: Vec<LineInput>,
    /// Discounts and charges on the whole.
    pub adjustments: Vec<AdjustmentInput>,
    /// Until which day it is to be paid; by default as the business says.
    pub due_on: Option<String>,
    /// First and last day of what it is for.
    pub service: (Option<String>, Option<String>),
    /// What the buyer wants to read on it; by default as the client says.
    pub buyer_reference: Option<String>,
    /// The buyer's order.
    pub order_reference: Option<String>,
    /// Text below the totals; by default the business's.
    pub notes: Option<String>,
    /// Minor units paid before.
    pub prepaid: i64,
}

impl NewInvoice {
    /// An invoice over lines, and nothing else said.
    pub fn of(client_id: ClientId, lines: Vec<LineInput>) -> Self {
        Self {
            client_id,
            booking_id: None,
            lines,
            adjustments: Vec::new(),
            due_on: None,
            service: (None, None),
            buyer_reference: None,
            order_reference: None,
            notes: None,
            prepaid: 0,
        }
    }
}

/// One document.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: InvoiceId) -> Result<Invoice> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("invoice"))
}

/// One document with all but its lines.
///
/// # Errors
/// `not_found`.
pub fn document(tx: &mut dyn Tx, id: InvoiceId) -> Result<Document> {
    let invoice = get(tx, id)?;
    with_sums(tx, invoice)
}

/// The same document with all but its lines.
///
/// # Errors
/// `database_unavailable`.
pub fn with_sums(tx: &mut dyn Tx, invoice: Invoice) -> Result<Document> {
    let (adjustments, taxes) = (sql::adjustments(tx, invoice.id)?, sql::taxes(tx, invoice.id)?);
    Ok(Document { invoice, adjustments, taxes })
}

/// Documents of a filter, newest first.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Invoice>> {
    let after = paging.after_id("invoices")?;
    let limit = paging.limit.probe();
    let family = filter.client_id.map(|id| clients::actions::family(tx, id)).transpose()?.unwrap_or_default();
    let rows = match family.as_slice() {
        [] | [_] => sql::page(tx, &Filter { client_id: family.first().copied(), ..filter.clone() }, after, limit)?,
        // A document names for good whom it was issued to, also when they were merged since.
        many => {
            let mut rows = Vec::new();
            for one in many {
                rows.extend(sql::page(tx, &Filter { client_id: Some(*one), ..filter.clone() }, after, limit)?);
            }
            rows.sort_by_key(|invoice| std::cmp::Reverse(invoice.id));
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            rows
        }
    };
    Ok(Page::by_id(rows, paging.limit, "invoices", |last| last.id))
}

/// What is owed in all, and how much of it since before a day.
///
/// # Errors
/// `database_unavailable`.
pub fn owed(tx: &mut dyn Tx, today: &str) -> Result<Owed> {
    sql::owed(tx, today)
}

/// The first `limit` lines behind `after`.
///
/// # Errors
/// `database_unavailable`.
pub fn lines_of(tx: &mut dyn Tx, id: InvoiceId, after: i64, limit: i64) -> Result<Vec<Line>> {
    sql::lines(tx, id, after, limit)
}

/// Lines with their places, in order.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn lines_page(tx: &mut dyn Tx, id: InvoiceId, paging: &Paging) -> Result<Page<(i64, Line)>> {
    let after = match &paging.after {
        Some(cursor) => {
            let [place] = cursor.keys("lines")?;
            place.parse().map_err(|_| Error::new(Code::BadRequest, "This cursor is not of this list."))?
        }
        None => 0,
    };
    let rows = (after + 1..).zip(sql::lines(tx, id, after, paging.limit.probe())?).collect();
    Ok(Page::cut(rows, paging.limit, |(place, _)| Cursor::new("lines", &[&place.to_string()])))
}

/// The credit notes of an invoice, oldest first.
///
/// # Errors
/// `database_unavailable`.
pub fn credit_notes(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Invoice>> {
    sql::credit_notes(tx, id)
}

/// What would be issued now, without a number, and nothing stored: for drafts and their preview.
///
/// # Errors
/// As [`issue`].
pub fn prepare(tx: &mut dyn Tx, actor: &Actor, new: &NewInvoice) -> Result<(Document, Vec<Line>)> {
    let lines = asked::lines(&new.lines)?;
    let adjustments = asked::adjustments(&new.adjustments, &lines)?;
    let client = clients::actions::get(tx, new.client_id)?;
    let business = settings::actions::get(tx)?.business;
    let issued_on = actor.at.date_in(&business.time_zone);
    let mut check = Check::new();
    let due_on = match &new.due_on {
        Some(due) => check.take("due_date", day("due_date", due)).unwrap_or_default(),
        None => actor.at.plus_minutes(business.payment_days * 24 * 60).date_in(&business.time_zone),
    };
    check.that(due_on.is_empty() || due_on >= issued_on, "due_date", "must not lie before today");
    let mut service =
        |field: &str, value: &Option<String>| value.as_deref().and_then(|value| check.take(field, day(field, value)));
    let from = service("service_from", &new.service.0);
    let to = service("service_to", &new.service.1).or_else(|| from.clone());
    check.that(from <= to, "service_to", "must not lie before service_from");
    let wanted = new.buyer_reference.as_deref().or(client.details.buyer_reference.as_deref());
    let buyer_reference = check.take("buyer_reference", text::optional_line("buyer_reference", wanted, 100)).flatten();
    let order = text::optional_line("order_reference", new.order_reference.as_deref(), 100);
    let order_reference = check.take("order_reference", order).flatten();
    let notes = match &new.notes {
        Some(notes) => check.take("notes", text::block("notes", notes, 4000)).filter(|notes| !notes.is_empty()),
        None => business.invoice_notes.clone(),
    };
    check.done()?;
    let draft = Draft {
        kind: Kind::Invoice,
        client_id: client.id,
        booking_id: new.booking_id,
        corrects: None,
        due_on: Some(due_on),
        service: (from, to),
        buyer_reference,
        order_reference,
        prices_include_tax: business.prices_include_tax,
        rounding_way: business.rounding(),
        currency: business.currency,
        prepaid: new.prepaid,
        notes,
        locale: client.details.locale.clone().unwrap_or_else(|| business.locale.clone()),
        buyer: buyer(&client),
    };
    draft.document(actor, &business, lines, adjustments)
}

/// Issues an invoice. Its number is taken in this transaction, so a failure leaves no gap.
///
/// # Errors
/// `not_found` for the client, `invalid_field` for lines and days.
pub fn issue(tx: &mut dyn Tx, actor: &Actor, new: &NewInvoice) -> Result<Invoice> {
    let (document, lines) = prepare(tx, actor, new)?;
    if document.invoice.payable() < 0 {
        return Err(Error::field("lines", "add up to less than nothing; credit an invoice instead"));
    }
    store(tx, actor, document, &lines)
}

/// What the two kinds of document do not share.
pub(super) struct Draft {
    pub kind: Kind,
    pub client_id: ClientId,
    pub booking_id: Option<Id<Booking>>,
    pub corrects: Option<Corrected>,
    pub due_on: Option<String>,
    pub service: (Option<String>, Option<String>),
    pub buyer_reference: Option<String>,
    pub order_reference: Option<String>,
    pub prices_include_tax: bool,
    pub rounding_way: Rounding,
    pub currency: Currency,
    pub prepaid: i64,
    pub notes: Option<String>,
    pub locale: String,
    pub buyer: Party,
}

impl Draft {
    /// The document, still without a number.
    pub fn document(
        self,
        actor: &Actor,
        business: &Business,
        mut lines: Vec<Line>,
        mut adjustments: Vec<Adjustment>,
    ) -> Result<(Document, Vec<Line>)> {
        let mut totals = sums::totals(&mut lines, &mut adjustments, self.prices_include_tax, self.rounding_way)?;
        for row in &mut totals.taxes {
            row.reason = business.tax_reason(row.tax, &self.locale);
        }
        let invoice = Invoice {
            id: actor.new_id()?,
            kind: self.kind,
            series: String::new(),
            seq: 0,
            number: String::new(),
            client_id: self.client_id,
            booking_id: self.booking_id,
            corrects: self.corrects,
            issued_at: actor.at,
            issued_on: actor.at.date_in(&business.time_zone),
            due_on: self.due_on,
            service_from: self.service.0,
            service_to: self.service.1,
            buyer_reference: self.buyer_reference,
            order_reference: self.order_reference,
            currency: self.currency,
            prices_include_tax: self.prices_include_tax,
            rounding_way: self.rounding_way,
            lines_net: totals.lines,
            net: totals.net,
            tax: totals.tax,
            gross: totals.gross,
            rounding: totals.rounding,
            prepaid: self.prepaid,
            seller: seller(business),
            buyer: self.buyer,
            notes: self.notes,
            locale: self.locale,
            paid: 0,
            credited: 0,
        };
        Ok((Document { invoice, adjustments, taxes: totals.taxes }, lines))
    }
}

/// Counts the places of the chain; no series can be named so.
pub(super) const CHAIN: &str = "##chain";

/// Stores a document under the next number of its series.
pub(super) fn store(tx: &mut dyn Tx, actor: &Actor, mut document: Document, lines: &[Line]) -> Result<Invoice> {
    // The chain's counter first: everybody who issues locks in the same order.
    let place = sql::next_seq(tx, CHAIN)?;
    let business = settings::actions::get(tx)?.business;
    let invoice = &mut document.invoice;
    let (pattern, prefix) = match invoice.kind {
        Kind::Invoice => (&business.invoicing.invoice_pattern, &business.invoice_prefix),
        Kind::CreditNote => (&business.invoicing.credit_note_pattern, &business.credit_note_prefix),
    };
    let series = Numbers::parse("invoice_pattern", pattern)?.series(prefix, &invoice.issued_on);
    invoice.series = series.key();
    invoice.seq = sql::next_seq(tx, &invoice.series)?;
    invoice.number = series.number(invoice.seq);
    sql::insert(tx, &document)?;
    sql::insert_document_lines(tx, document.invoice.id, lines)?;
    let mut content = Content::begin(&document)?;
    lines.iter().try_for_each(|line| content.line(line))?;
    chain(tx, place, &document, content.finish())?;
    let invoice = document.invoice;
    events::actions::note(tx, actor, Event::RenderInvoice, invoice.id, None)?;
    audit::actions::note(tx, actor, "issue", invoice.kind.as_str(), invoice.id, Some(invoice.number.clone()))?;
    Ok(invoice)
}

/// Gives a document its place in the chain.
pub(super) fn chain(tx: &mut dyn Tx, place: i64, document: &Document, content: [u8; 32]) -> Result<()> {
    let previous = match place {
        1 => BEGINNING,
        _ => sql::chain_hash(tx, place - 1)?.ok_or_else(|| Error::internal("the chain of documents has a gap"))?,
    };
    let hash = link(place, &previous, &content);
    sql::insert_link(tx, document.invoice.id, &Link { place, content, hash }).map_err(others_first)
}

/// Notes that money came in (positive) or went back (negative) for an invoice.
///
/// # Errors
/// `not_found`; `invalid_state` for a credit note.
pub fn settle(tx: &mut dyn Tx, id: InvoiceId, amount: i64) -> Result<Invoice> {
    let invoice = get(tx, id)?;
    if invoice.kind == Kind::CreditNote {
        return Err(Error::new(Code::InvalidState, "Money is recorded on the invoice, not on its credit note."));
    }
    sql::pay(tx, id, amount)?;
    sql::set_owes(tx, id, invoice.payable())?;
    Ok(Invoice { paid: invoice.paid + amount, ..invoice })
}

/// The documents of a booking, oldest first.
///
/// # Errors
/// `database_unavailable`.
pub fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Invoice>> {
    sql::of_booking(tx, booking)
}

/// A document as a file, if it was rendered.
///
/// # Errors
/// `database_unavailable`.
pub fn rendered(tx: &mut dyn Tx, id: InvoiceId, what: Rendering) -> Result<Option<Rendered>> {
    sql::rendered(tx, id, what)
}

/// Records a rendered file; when another was faster, theirs is the one, and ours is not recorded.
///
/// # Errors
/// `database_unavailable`.
pub fn record_rendered(tx: &mut dyn Tx, id: InvoiceId, what: Rendering, file: &Rendered) -> Result<Rendered> {
    if let Some(theirs) = sql::rendered(tx, id, what)? {
        return Ok(theirs);
    }
    sql::insert_rendered(tx, id, what, file, file.rendered_at).map_err(others_first)?;
    Ok(file.clone())
}

/// Whether a file of the store belongs to a row here.
///
/// # Errors
/// `database_unavailable`.
pub fn knows_file(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    sql::has_key(tx, key)
}

/// Stored files and what they must be, in the order of their keys, behind one.
///
/// # Errors
/// `database_unavailable`.
pub fn files_after(tx: &mut dyn Tx, key: &str, limit: i64) -> Result<Vec<(String, Known)>> {
    sql::files_after(tx, key, limit)
}

fn seller(business: &Business) -> Party {
    let b = business.clone();
    Party {
        name: b.name,
        street: b.street,
        postcode: b.postcode,
        city: b.city,
        country: Some(b.country),
        vat_id: b.vat_id,
        tax_number: b.invoicing.tax_number,
        registration: b.invoicing.registration,
        contact: b.invoicing.contact,
        email: b.email,
        phone: b.phone,
        qr_iban: b.invoicing.qr_iban,
        bank_holder: b.bank_holder,
        iban: b.iban,
        bic: b.bic,
    }
}

fn buyer(client: &Client) -> Party {
    let d = client.details.clone();
    Party {
        name: d.name,
        street: d.street,
        postcode: d.postcode,
        city: d.city,
        country: d.country,
        vat_id: d.vat_id,
        email: d.email,
        ..Party::default()
    }
}

/// A calendar day such as `2026-12-24`.
fn day(field: &str, text: &str) -> Result<String> {
    let wrong = || Error::field(field, "must be a day such as 2026-12-24");
    if text.len() != 10 {
        return Err(wrong());
    }
    format!("{text}T00:00").parse::<crate::base::time::Local>().map_err(|_| wrong())?;
    Ok(text.to_owned())
}
