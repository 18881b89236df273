//! Issuing and crediting. One transaction each: number, lines, totals, seller and buyer as they are now.

use super::model::{
    Booking, Invoice, InvoiceId, Kind, Line, LineInput, Party, Rendered, TaxRow, lines, number, share, totals,
};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::Currency;
use crate::base::page::{Page, Paging};
use crate::base::text;
use crate::business::clients::model::{Client, ClientId};
use crate::business::events::{self, model::Kind as Event};
use crate::business::settings::model::Business;
use crate::business::{audit, clients, settings};
use crate::platform::db::Tx;
use crate::platform::files::Known;

/// What is to be issued.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    /// For whom.
    pub client_id: ClientId,
    /// For which booking.
    pub booking_id: Option<Id<Booking>>,
    /// Its lines; prices with or without tax as the business prices.
    pub lines: Vec<LineInput>,
    /// Until which day it is to be paid; by default as the business says.
    pub due_on: Option<String>,
    /// Text below the totals; by default the business's.
    pub notes: Option<String>,
}

/// One document.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: InvoiceId) -> Result<Invoice> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("invoice"))
}

/// Documents, newest first; of one client, when it is named.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, client: Option<ClientId>, paging: &Paging) -> Result<Page<Invoice>> {
    let after = paging.after_id("invoices")?;
    let rows = sql::page(tx, client, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "invoices", |last| last.id))
}

/// The first `limit` lines behind `after`.
///
/// # Errors
/// `database_unavailable`.
pub fn lines_of(tx: &mut dyn Tx, id: InvoiceId, after: i64, limit: i64) -> Result<Vec<Line>> {
    sql::lines(tx, id, after, limit)
}

/// Taxes by rate.
///
/// # Errors
/// `database_unavailable`.
pub fn taxes_of(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<TaxRow>> {
    sql::taxes(tx, id)
}

/// Issues an invoice. Its number is taken in this transaction, so a failure leaves no gap.
///
/// # Errors
/// `not_found` for the client, `invalid_field` for lines and due day.
pub fn issue(tx: &mut dyn Tx, actor: &Actor, new: &NewInvoice) -> Result<Invoice> {
    let lines = lines(&new.lines)?;
    let client = clients::actions::get(tx, new.client_id)?;
    let business = settings::actions::get(tx)?.business;
    let issued_on = actor.at.date_in(&business.time_zone);
    let due_on = match &new.due_on {
        Some(due) => day("due_date", due)?,
        None => actor.at.plus_minutes(business.payment_days * 24 * 60).date_in(&business.time_zone),
    };
    if due_on < issued_on {
        return Err(Error::field("due_date", "must not lie before today"));
    }
    let notes = match &new.notes {
        Some(notes) => Some(text::block("notes", notes, 4000)?).filter(|notes| !notes.is_empty()),
        None => business.invoice_notes.clone(),
    };
    let draft = Draft {
        kind: Kind::Invoice,
        booking_id: new.booking_id,
        corrects: None,
        due_on: Some(due_on),
        prices_include_tax: business.prices_include_tax,
        currency: business.currency,
        notes,
        locale: client.details.locale.clone().unwrap_or_else(|| business.locale.clone()),
    };
    store(tx, actor, draft, &business, buyer(&client), client.id, &lines)
}

/// What the two kinds of document do not share.
struct Draft {
    kind: Kind,
    booking_id: Option<Id<Booking>>,
    corrects: Option<(InvoiceId, String)>,
    due_on: Option<String>,
    prices_include_tax: bool,
    currency: Currency,
    notes: Option<String>,
    locale: String,
}

fn store(
    tx: &mut dyn Tx,
    actor: &Actor,
    draft: Draft,
    business: &Business,
    buyer: Party,
    client_id: ClientId,
    lines: &[Line],
) -> Result<Invoice> {
    let totals = totals(lines, draft.prices_include_tax)?;
    let issued_on = actor.at.date_in(&business.time_zone);
    let prefix = match draft.kind {
        Kind::Invoice => &business.invoice_prefix,
        Kind::CreditNote => &business.credit_note_prefix,
    };
    let series = prefix.replace("{year}", issued_on.get(..4).unwrap_or_default());
    let seq = sql::next_seq(tx, &series)?;
    let invoice = Invoice {
        id: actor.new_id()?,
        kind: draft.kind,
        number: number(&series, seq),
        series,
        seq,
        client_id,
        booking_id: draft.booking_id,
        corrects: draft.corrects,
        issued_at: actor.at,
        issued_on,
        due_on: draft.due_on,
        currency: draft.currency,
        prices_include_tax: draft.prices_include_tax,
        net: totals.net,
        tax: totals.tax,
        gross: totals.gross,
        seller: seller(business),
        buyer,
        notes: draft.notes,
        locale: draft.locale,
        paid: 0,
        credited: 0,
    };
    sql::insert(tx, &invoice)?;
    sql::insert_document_lines(tx, invoice.id, lines)?;
    sql::insert_taxes(tx, invoice.id, &totals.taxes)?;
    events::actions::note(tx, actor, Event::RenderInvoice, invoice.id, None)?;
    audit::actions::note(tx, actor, "issue", invoice.kind.as_str(), invoice.id, Some(invoice.number.clone()))?;
    Ok(invoice)
}

/// What is to be taken back of an invoice.
#[derive(Clone, Debug)]
pub enum Credit {
    /// All that is left.
    Whole,
    /// This much, with tax, in minor units.
    Amount(i64),
    /// These lines, priced as on the invoice.
    Lines(Vec<LineInput>),
}

/// Takes an invoice back, wholly or in part, by a document of its own that points to it.
///
/// # Errors
/// `not_found`; `invalid_state` for a credit note; `exceeds_balance` when more would be credited than is left;
/// `invalid_field` for lines.
pub fn credit(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId, what: &Credit, reason: Option<&str>) -> Result<Invoice> {
    let invoice = get(tx, id)?;
    if invoice.kind == Kind::CreditNote {
        return Err(Error::new(Code::InvalidState, "A credit note cannot be credited. Issue an invoice instead."));
    }
    let reason = text::optional_line("reason", reason, 500)?;
    let left = invoice.gross - invoice.credited;
    if left <= 0 {
        return Err(Error::new(Code::ExceedsBalance, "This invoice has been credited as a whole already."));
    }
    let (lines, with_tax) = match what {
        Credit::Lines(inputs) => (lines(inputs)?, invoice.prices_include_tax),
        Credit::Whole if invoice.credited == 0 => (all_lines(tx, id)?, invoice.prices_include_tax),
        Credit::Whole => (amount_lines(tx, &invoice, left, reason.as_deref())?, true),
        Credit::Amount(amount) if *amount == left && invoice.credited == 0 => {
            (all_lines(tx, id)?, invoice.prices_include_tax)
        }
        Credit::Amount(amount) => (amount_lines(tx, &invoice, *amount, reason.as_deref())?, true),
    };
    let gross = totals(&lines, with_tax)?.gross;
    if gross <= 0 {
        return Err(Error::field("amount", "must be more than nothing"));
    }
    if !sql::credit(tx, id, gross, invoice.gross)? {
        return Err(Error::new(
            Code::ExceedsBalance,
            format!("Only {} can still be credited.", decimal(left, invoice.currency)),
        ));
    }
    let business = settings::actions::get(tx)?.business;
    let draft = Draft {
        kind: Kind::CreditNote,
        booking_id: invoice.booking_id,
        corrects: Some((id, invoice.number.clone())),
        due_on: None,
        prices_include_tax: with_tax,
        currency: invoice.currency,
        notes: reason,
        locale: invoice.locale.clone(),
    };
    store(tx, actor, draft, &business, invoice.buyer, invoice.client_id, &lines)
}

fn all_lines(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Line>> {
    sql::lines(tx, id, 0, i64::MAX)
}

/// One line for each rate, together the amount.
fn amount_lines(tx: &mut dyn Tx, invoice: &Invoice, amount: i64, reason: Option<&str>) -> Result<Vec<Line>> {
    if amount <= 0 {
        return Err(Error::field("amount", "must be more than nothing"));
    }
    let description = match reason {
        Some(reason) => format!("{}: {reason}", invoice.number),
        None => invoice.number.clone(),
    };
    let shares = share(amount, &sql::taxes(tx, invoice.id)?)?;
    Ok(shares
        .into_iter()
        .map(|(tax_rate, share)| Line {
            description: description.clone(),
            quantity: rust_decimal::Decimal::ONE,
            unit_price: share,
            tax_rate,
            total: share,
        })
        .collect())
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
    Ok(Invoice { paid: invoice.paid + amount, ..invoice })
}

/// The documents of a booking, oldest first.
///
/// # Errors
/// `database_unavailable`.
pub fn of_booking(tx: &mut dyn Tx, booking: Id<Booking>) -> Result<Vec<Invoice>> {
    sql::of_booking(tx, booking)
}

/// The rendered PDF, if there is one.
///
/// # Errors
/// `database_unavailable`.
pub fn rendered(tx: &mut dyn Tx, id: InvoiceId) -> Result<Option<Rendered>> {
    sql::rendered(tx, id)
}

/// Records the rendered PDF; when another was faster, theirs is the one, and ours is not recorded.
///
/// # Errors
/// `database_unavailable`.
pub fn record_rendered(tx: &mut dyn Tx, id: InvoiceId, file: &Rendered) -> Result<Rendered> {
    if let Some(theirs) = sql::rendered(tx, id)? {
        return Ok(theirs);
    }
    sql::insert_rendered(tx, id, file, file.rendered_at)?;
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
        email: b.email,
        phone: b.phone,
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

fn decimal(amount: i64, currency: Currency) -> String {
    let value = rust_decimal::Decimal::new(amount, u32::from(currency.decimals()));
    format!("{value} {currency}")
}
