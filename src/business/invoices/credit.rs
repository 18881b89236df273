//! Taking invoices back: never beyond what is left, in all and of each tax.

use super::actions::{Draft, document, store};
use super::model::{Corrected, Document, Invoice, InvoiceId, Kind, Line, LineInput, Unit};
use super::{asked, sql, sums};
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::money::Currency;
use crate::base::tax::{Rounding, Tax};
use crate::base::text;
use crate::business::settings;
use crate::platform::db::Tx;

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
/// `not_found`; `invalid_state` for a credit note; `exceeds_balance` when more would be credited than is left, in all
/// or of one tax; `invalid_field` for lines.
pub fn credit(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId, what: &Credit, reason: Option<&str>) -> Result<Invoice> {
    // The balance first: its row is the lock, so that of two who credit at once the second reads what the first took.
    sql::credit(tx, id, 0, i64::MAX)?;
    let invoice = document(tx, id)?;
    if invoice.invoice.kind == Kind::CreditNote {
        return Err(Error::new(Code::InvalidState, "A credit note cannot be credited. Issue an invoice instead."));
    }
    let reason = text::optional_line("reason", reason, 500)?;
    let left = left(tx, &invoice)?;
    let in_all = invoice.invoice.payable() - invoice.invoice.credited;
    if in_all <= 0 {
        return Err(Error::new(Code::ExceedsBalance, "This invoice has been credited as a whole already."));
    }
    let untouched = invoice.invoice.credited == 0;
    let as_invoiced = (invoice.invoice.prices_include_tax, invoice.invoice.rounding_way);
    let (lines, adjustments, (with_tax, way)) = match what {
        Credit::Lines(inputs) => (asked::lines(inputs)?, Vec::new(), as_invoiced),
        Credit::Whole if untouched => (sql::lines(tx, id, 0, i64::MAX)?, invoice.adjustments.clone(), as_invoiced),
        Credit::Amount(amount) if untouched && *amount == in_all => {
            (sql::lines(tx, id, 0, i64::MAX)?, invoice.adjustments.clone(), as_invoiced)
        }
        // What is left of each tax, or a share of it: amounts with tax, so that they stay as they are.
        Credit::Whole => (amount_lines(&invoice, left.clone(), reason.as_deref()), Vec::new(), (true, Rounding::Gross)),
        Credit::Amount(amount) if *amount <= 0 => return Err(Error::field("amount", "must be more than nothing")),
        Credit::Amount(amount) if *amount > in_all => return Err(too_much(in_all, invoice.invoice.currency)),
        Credit::Amount(amount) => (
            amount_lines(&invoice, sums::share(*amount, &left)?, reason.as_deref()),
            Vec::new(),
            (true, Rounding::Gross),
        ),
    };
    let draft = Draft {
        kind: Kind::CreditNote,
        client_id: invoice.invoice.client_id,
        booking_id: invoice.invoice.booking_id,
        corrects: Some(Corrected {
            id,
            number: invoice.invoice.number.clone(),
            issued_on: invoice.invoice.issued_on.clone(),
        }),
        due_on: None,
        service: (invoice.invoice.service_from.clone(), invoice.invoice.service_to.clone()),
        buyer_reference: invoice.invoice.buyer_reference.clone(),
        order_reference: invoice.invoice.order_reference.clone(),
        prices_include_tax: with_tax,
        rounding_way: way,
        currency: invoice.invoice.currency,
        prepaid: 0,
        notes: reason,
        locale: invoice.invoice.locale.clone(),
        buyer: invoice.invoice.buyer.clone(),
    };
    let business = settings::actions::get(tx)?.business;
    let (mut note, lines) = draft.document(actor, &business, lines, adjustments)?;
    // Why a tax was none is as it was.
    for row in &mut note.taxes {
        let theirs = invoice.taxes.iter().find(|invoiced| invoiced.tax == row.tax);
        row.reason = theirs.and_then(|row| row.reason.clone());
    }
    let back = note.invoice.payable();
    if back <= 0 {
        return Err(Error::field("amount", "must be more than nothing"));
    }
    for row in &note.taxes {
        let rest = left.iter().find(|(tax, _)| *tax == row.tax).map_or(0, |(_, rest)| *rest);
        // Nor may a note charge: what it charged of one tax could never be taken back of another.
        if !(rest.min(0)..=rest.max(0)).contains(&row.payable()) {
            return Err(too_much(in_all.min(rest.max(0)), invoice.invoice.currency));
        }
    }
    if !sql::credit(tx, id, back, invoice.invoice.payable())? {
        return Err(too_much(in_all, invoice.invoice.currency));
    }
    sql::set_owes(tx, id, invoice.invoice.payable())?;
    store(tx, actor, note, &lines)
}

fn too_much(left: i64, currency: Currency) -> Error {
    Error::new(Code::ExceedsBalance, format!("Only {} can still be credited.", decimal(left, currency)))
}

/// What can still be credited of each tax, in minor units with tax.
fn left(tx: &mut dyn Tx, invoice: &Document) -> Result<Vec<(Tax, i64)>> {
    let credited = match invoice.invoice.credited {
        0 => Vec::new(),
        _ => sql::credited_taxes(tx, invoice.invoice.id)?,
    };
    let back = |tax: Tax| credited.iter().find(|(other, _)| *other == tax).map_or(0, |(_, sum)| *sum);
    Ok(invoice.taxes.iter().map(|row| (row.tax, row.payable() - back(row.tax))).collect())
}

/// One line for each tax.
fn amount_lines(invoice: &Document, amounts: Vec<(Tax, i64)>, reason: Option<&str>) -> Vec<Line> {
    let number = &invoice.invoice.number;
    let description = reason.map_or_else(|| number.clone(), |reason| format!("{number}: {reason}"));
    amounts
        .into_iter()
        .filter(|(_, amount)| *amount != 0)
        .map(|(tax, amount)| Line {
            description: description.clone(),
            quantity: rust_decimal::Decimal::ONE,
            unit: Unit::One,
            unit_price: amount,
            discount: 0,
            discount_percent: None,
            discount_reason: None,
            tax,
            total: amount,
            net: 0,
        })
        .collect()
}

fn decimal(amount: i64, currency: Currency) -> String {
    let value = rust_decimal::Decimal::new(amount, u32::from(currency.decimals()));
    format!("{value} {currency}")
}
