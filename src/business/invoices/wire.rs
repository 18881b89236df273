//! How invoices look on the wire: what is sent in, and what is shown.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::actions::NewInvoice;
use super::einvoice::{Format, Gap, gaps};
use super::model::{
    Adjustment, AdjustmentInput, DiscountInput, Document, Invoice, InvoiceId, Kind, Line, LineInput, Party, Rendering,
    Status, TaxRow, Unit,
};
use crate::base::error::Result;
use crate::base::money::{BasisPoints, Currency, Money};
use crate::base::tax::{Category, Rounding};
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::business::settings::model::Business;
use crate::{wire_words, words};

wire_words!(Kind, Status, Unit, AdjustmentKind, Format, Form);

words! {
    /// How a document is sent.
    pub enum Form {
        /// For people.
        Pdf = "pdf",
        /// The e-invoice that the PDF carries.
        Xml = "xml",
        /// XRechnung as CII.
        Cii = "cii",
        /// XRechnung as UBL.
        Ubl = "ubl",
    }
}

impl From<Form> for Rendering {
    fn from(form: Form) -> Self {
        match form {
            Form::Pdf => Self::Pdf,
            Form::Xml => Self::FacturX,
            Form::Cii => Self::Cii,
            Form::Ubl => Self::Ubl,
        }
    }
}

/// A line of an invoice.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceLineInput")]
pub struct LineForm {
    /// What it is for; the first line stands out.
    pub description: String,
    /// A decimal such as `1` or `2.5`.
    pub quantity: String,
    /// What the quantity counts; `one` unless said.
    pub unit: Option<Unit>,
    /// With the tax, if the business prices so.
    pub unit_price: Money,
    /// Basis points.
    pub tax_rate: Option<BasisPoints>,
    /// As EN 16931 names it; by default as the settings say for the rate.
    pub tax_category: Option<Category>,
    /// Taken off the line.
    pub discount: Option<DiscountForm>,
}

/// A discount on a line: a share or an amount.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "DiscountInput")]
pub struct DiscountForm {
    /// Basis points.
    pub percent: Option<BasisPoints>,
    pub amount: Option<Money>,
    pub reason: Option<String>,
}

words! {
    /// Off the whole, or on top.
    pub enum AdjustmentKind {
        /// Off.
        Discount = "discount",
        /// On top.
        Charge = "charge",
    }
}

/// A discount or a charge on the whole document: a share or an amount.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "AdjustmentInput")]
pub struct AdjustmentForm {
    /// Off the whole, or on top.
    pub kind: AdjustmentKind,
    /// Shown on the document.
    pub reason: String,
    /// Basis points.
    pub percent: Option<BasisPoints>,
    /// With the tax, if the business prices so.
    pub amount: Option<Money>,
    /// Shared among the rates of the lines when not given.
    pub tax_rate: Option<BasisPoints>,
    /// As EN 16931 names it.
    pub tax_category: Option<Category>,
}

/// A free invoice.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub struct InvoiceInput {
    /// For whom.
    pub client_id: ClientId,
    /// At most 100,000.
    pub lines: Vec<LineForm>,
    /// Discounts and charges on the whole.
    pub adjustments: Option<Vec<AdjustmentForm>>,
    /// A day such as `2026-12-24`; by default as the business says.
    pub due_date: Option<String>,
    /// First day of what it is for.
    pub service_from: Option<String>,
    /// Last day of what it is for; the first unless said.
    pub service_to: Option<String>,
    /// What the buyer wants to read on it, such as a Leitweg-ID; by default as the client says.
    pub buyer_reference: Option<String>,
    /// The buyer's order.
    pub order_reference: Option<String>,
    /// Text below the totals; by default the business's.
    pub notes: Option<String>,
}

/// A line of an issued document.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceLine")]
pub struct LineView {
    description: String,
    quantity: String,
    unit: Unit,
    unit_price: Money,
    /// Taken off the line.
    discount: Money,
    discount_percent: Option<BasisPoints>,
    discount_reason: Option<String>,
    tax_rate: BasisPoints,
    tax_category: Category,
    /// With the tax, if the document's prices hold it.
    total: Money,
    /// Its part of the net.
    net: Money,
}

impl LineView {
    /// The wire form.
    pub fn of(line: Line, currency: Currency) -> Self {
        let money = |amount| Money::new(amount, currency);
        Self {
            description: line.description,
            quantity: line.quantity.to_string(),
            unit: line.unit,
            unit_price: money(line.unit_price),
            discount: money(line.discount),
            discount_percent: line.discount_percent,
            discount_reason: line.discount_reason,
            tax_rate: line.tax.rate,
            tax_category: line.tax.category,
            total: money(line.total),
            net: money(line.net),
        }
    }
}

/// A discount or a charge on the whole document, for one tax.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Adjustment")]
struct AdjustmentView {
    kind: AdjustmentKind,
    reason: String,
    percent: Option<BasisPoints>,
    tax_rate: BasisPoints,
    tax_category: Category,
    /// With the tax, if the document's prices hold it.
    amount: Money,
    net: Money,
}

impl AdjustmentView {
    fn of(a: Adjustment, currency: Currency) -> Self {
        Self {
            kind: if a.charge { AdjustmentKind::Charge } else { AdjustmentKind::Discount },
            reason: a.reason,
            percent: a.percent,
            tax_rate: a.tax.rate,
            tax_category: a.tax.category,
            amount: Money::new(a.amount, currency),
            net: Money::new(a.net, currency),
        }
    }
}

/// The tax of one rate.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceTax")]
struct TaxView {
    tax_rate: BasisPoints,
    tax_category: Category,
    net: Money,
    tax: Money,
    /// What net and tax miss the agreed price by.
    rounding: Money,
    /// Why no tax is charged.
    reason: Option<String>,
}

impl TaxView {
    fn of(row: TaxRow, currency: Currency) -> Self {
        Self {
            tax_rate: row.tax.rate,
            tax_category: row.tax.category,
            net: Money::new(row.net, currency),
            tax: Money::new(row.amount, currency),
            rounding: Money::new(row.rounding, currency),
            reason: row.reason,
        }
    }
}

/// Seller or buyer as they were.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Party")]
struct PartyView {
    name: String,
    street: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    country: Option<String>,
    vat_id: Option<String>,
    email: Option<String>,
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        Self {
            name: party.name,
            street: party.street,
            postcode: party.postcode,
            city: party.city,
            country: party.country,
            vat_id: party.vat_id,
            email: party.email,
        }
    }
}

/// An issued document.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Invoice")]
pub struct InvoiceView {
    /// Its id.
    pub id: InvoiceId,
    kind: Kind,
    number: String,
    status: Status,
    client_id: ClientId,
    buyer: PartyView,
    seller: PartyView,
    booking_id: Option<crate::base::id::Id<super::model::Booking>>,
    /// The invoice that a credit note takes back.
    corrects_id: Option<InvoiceId>,
    corrects_number: Option<String>,
    issued_at: Instant,
    issue_date: String,
    due_date: Option<String>,
    service_from: Option<String>,
    service_to: Option<String>,
    buyer_reference: Option<String>,
    order_reference: Option<String>,
    /// Whether the lines' prices hold the tax.
    prices_include_tax: bool,
    /// How its taxes were rounded.
    rounding: Rounding,
    /// The first 200 lines of a single document; none in lists.
    lines: Vec<LineView>,
    /// Discounts and charges on the whole; none in lists.
    adjustments: Vec<AdjustmentView>,
    /// By rate; none in lists.
    taxes: Vec<TaxView>,
    /// Nets of the lines.
    lines_net: Money,
    net_total: Money,
    tax_total: Money,
    /// What brings net and tax to the prices as agreed.
    rounding_amount: Money,
    /// What it asks for, or gives back: with tax and rounding amount.
    total: Money,
    /// What had been paid when it was issued.
    prepaid: Money,
    /// Paid so far, refunds taken off; with what had been paid before.
    paid: Money,
    credited: Money,
    balance_due: Money,
    notes: Option<String>,
    locale: String,
    pdf_url: String,
    /// What is missing for a legal e-invoice; none in lists.
    einvoice: Option<EInvoiceView>,
}

/// What is missing for a legal e-invoice.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "EInvoice")]
struct EInvoiceView {
    /// Whether nothing is missing for EN 16931.
    complete: bool,
    /// For EN 16931 (Factur-X, ZUGFeRD).
    missing: Vec<GapView>,
    /// For XRechnung.
    missing_for_xrechnung: Vec<GapView>,
}

/// One thing that is missing.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "EInvoiceGap")]
struct GapView {
    /// What to fill, such as `settings.vat_id`.
    field: String,
    /// The term of EN 16931, such as `BT-31`.
    term: String,
    message: String,
}

impl EInvoiceView {
    fn of(document: &Document) -> Self {
        let gaps = |format| {
            let view = |gap: Gap| GapView { field: gap.field, term: gap.term.to_owned(), message: gap.message };
            gaps(document, format).into_iter().map(view).collect::<Vec<_>>()
        };
        let (missing, missing_for_xrechnung) = (gaps(Format::Facturx), gaps(Format::Ubl));
        Self { complete: missing.is_empty(), missing, missing_for_xrechnung }
    }
}

impl InvoiceView {
    /// The wire form of a list's row on a day.
    pub fn row(invoice: Invoice, today: &str) -> Self {
        let document = Document { invoice, adjustments: Vec::new(), taxes: Vec::new() };
        Self::seen(document, today, Vec::new(), None)
    }

    /// The wire form on a day.
    pub fn of(document: Document, today: &str, lines: Vec<Line>) -> Self {
        let einvoice = EInvoiceView::of(&document);
        Self::seen(document, today, lines, Some(einvoice))
    }

    fn seen(document: Document, today: &str, lines: Vec<Line>, einvoice: Option<EInvoiceView>) -> Self {
        let Document { invoice, adjustments, taxes } = document;
        let currency = invoice.currency;
        let money = |amount| Money::new(amount, currency);
        let corrects = invoice.corrects.as_ref();
        Self {
            status: invoice.status(today),
            einvoice,
            balance_due: money(invoice.open()),
            lines: lines.into_iter().map(|line| LineView::of(line, currency)).collect(),
            adjustments: adjustments.into_iter().map(|a| AdjustmentView::of(a, currency)).collect(),
            taxes: taxes.into_iter().map(|row| TaxView::of(row, currency)).collect(),
            lines_net: money(invoice.lines_net),
            net_total: money(invoice.net),
            tax_total: money(invoice.tax),
            rounding_amount: money(invoice.rounding),
            total: money(invoice.payable()),
            prepaid: money(invoice.prepaid),
            paid: money(invoice.paid),
            credited: money(invoice.credited),
            pdf_url: format!("/api/v1/invoices/{}/pdf", invoice.id),
            id: invoice.id,
            kind: invoice.kind,
            corrects_id: corrects.map(|corrected| corrected.id),
            corrects_number: corrects.map(|corrected| corrected.number.clone()),
            number: invoice.number,
            client_id: invoice.client_id,
            buyer: invoice.buyer.into(),
            seller: invoice.seller.into(),
            booking_id: invoice.booking_id,
            issued_at: invoice.issued_at,
            issue_date: invoice.issued_on,
            due_date: invoice.due_on,
            service_from: invoice.service_from,
            service_to: invoice.service_to,
            buyer_reference: invoice.buyer_reference,
            order_reference: invoice.order_reference,
            prices_include_tax: invoice.prices_include_tax,
            rounding: invoice.rounding_way,
            notes: invoice.notes,
            locale: invoice.locale,
        }
    }
}

/// Lines of a form; each price in the currency of the business.
///
/// # Errors
/// `invalid_field` naming a price in another currency.
pub fn inputs(business: &Business, lines: &[LineForm]) -> Result<Vec<LineInput>> {
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let discount = line.discount.as_ref();
            // Names are made only for what is wrong: there may be a hundred thousand lines.
            for (field, money) in
                [("unit_price", Some(line.unit_price)), ("discount.amount", discount.and_then(|d| d.amount))]
            {
                if let Some(money) = money.filter(|money| money.currency != business.currency) {
                    business.same_currency(&format!("lines[{index}].{field}.currency"), money.currency)?;
                }
            }
            Ok(LineInput {
                description: line.description.clone(),
                quantity: line.quantity.clone(),
                unit: line.unit.unwrap_or(Unit::One),
                unit_price: line.unit_price.amount,
                discount: discount.map(|d| DiscountInput {
                    percent: d.percent,
                    amount: d.amount.map(|money| money.amount),
                    reason: d.reason.clone(),
                }),
                tax: business.tax(line.tax_rate.unwrap_or_default(), line.tax_category),
            })
        })
        .collect()
}

impl InvoiceInput {
    /// What is to be issued.
    ///
    /// # Errors
    /// `invalid_field` naming a price in another currency.
    pub fn new_invoice(&self, business: &Business) -> Result<NewInvoice> {
        let adjustment = |(index, form): (usize, &AdjustmentForm)| {
            if let Some(money) = form.amount {
                business.same_currency(&format!("adjustments[{index}].amount.currency"), money.currency)?;
            }
            let named = form.tax_rate.is_some() || form.tax_category.is_some();
            Ok(AdjustmentInput {
                charge: form.kind == AdjustmentKind::Charge,
                reason: form.reason.clone(),
                percent: form.percent,
                amount: form.amount.map(|money| money.amount),
                tax: named.then(|| business.tax(form.tax_rate.unwrap_or_default(), form.tax_category)),
            })
        };
        let asked = self.adjustments.as_deref().unwrap_or_default();
        Ok(NewInvoice {
            adjustments: asked.iter().enumerate().map(adjustment).collect::<Result<_>>()?,
            due_on: self.due_date.clone(),
            service: (self.service_from.clone(), self.service_to.clone()),
            buyer_reference: self.buyer_reference.clone(),
            order_reference: self.order_reference.clone(),
            notes: self.notes.clone(),
            ..NewInvoice::of(self.client_id, inputs(business, &self.lines)?)
        })
    }
}
