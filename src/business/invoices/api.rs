//! `/invoices`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Credit, NewInvoice};
use super::model::{Invoice, InvoiceId, Kind, Line, LineInput, Party, Status, TaxRow};
use super::render::{Renderer, filename};
use crate::base::actor::{Access, Area};
use crate::base::error::{Error, Result};
use crate::base::money::{BasisPoints, Money};
use crate::base::page::Paging;
use crate::base::time::{Instant, Zone};
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::settings;
use crate::platform::db::Tx;
use crate::platform::http::{Asked, Call, Created, Download, FileReply, Json, List};
use crate::wire_words;

wire_words!(Kind, Status);

/// A line of an invoice.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceLineInput")]
struct LineForm {
    description: String,
    /// A decimal such as `1` or `2.5`.
    quantity: String,
    unit_price: Money,
    /// Basis points.
    tax_rate: Option<BasisPoints>,
}

/// A free invoice.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct InvoiceInput {
    client_id: ClientId,
    /// At most 100,000.
    lines: Vec<LineForm>,
    /// A day such as `2026-12-24`; by default as the business says.
    due_date: Option<String>,
    notes: Option<String>,
}

/// What is to be taken back; all that is left unless lines or an amount are given.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct CreditInput {
    lines: Option<Vec<LineForm>>,
    /// With tax.
    amount: Option<Money>,
    reason: Option<String>,
}

/// A line of an issued document.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceLine")]
struct LineView {
    description: String,
    quantity: String,
    unit_price: Money,
    tax_rate: BasisPoints,
    total: Money,
}

/// The tax of one rate.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceTax")]
struct TaxView {
    tax_rate: BasisPoints,
    net: Money,
    tax: Money,
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
    id: InvoiceId,
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
    /// Whether the lines' prices hold the tax.
    prices_include_tax: bool,
    /// The first 200 lines of a single document; none in lists.
    lines: Vec<LineView>,
    /// By rate; none in lists.
    taxes: Vec<TaxView>,
    net_total: Money,
    tax_total: Money,
    /// With tax.
    total: Money,
    paid: Money,
    credited: Money,
    balance_due: Money,
    notes: Option<String>,
    locale: String,
    pdf_url: String,
}

impl InvoiceView {
    /// The wire form on a day.
    pub fn of(invoice: Invoice, today: &str, lines: Vec<Line>, taxes: Vec<TaxRow>) -> Self {
        let money = |amount| Money::new(amount, invoice.currency);
        let (corrects_id, corrects_number) = invoice.corrects.clone().unzip();
        Self {
            status: invoice.status(today),
            balance_due: money(invoice.open()),
            lines: lines
                .into_iter()
                .map(|line| LineView {
                    description: line.description,
                    quantity: line.quantity.to_string(),
                    unit_price: money(line.unit_price),
                    tax_rate: line.tax_rate,
                    total: money(line.total),
                })
                .collect(),
            taxes: taxes
                .into_iter()
                .map(|row| TaxView { tax_rate: row.rate, net: money(row.net), tax: money(row.tax) })
                .collect(),
            net_total: money(invoice.net),
            tax_total: money(invoice.tax),
            total: money(invoice.gross),
            paid: money(invoice.paid),
            credited: money(invoice.credited),
            pdf_url: format!("/api/v1/invoices/{}/pdf", invoice.id),
            id: invoice.id,
            kind: invoice.kind,
            number: invoice.number,
            client_id: invoice.client_id,
            buyer: invoice.buyer.into(),
            seller: invoice.seller.into(),
            booking_id: invoice.booking_id,
            corrects_id,
            corrects_number,
            issued_at: invoice.issued_at,
            issue_date: invoice.issued_on,
            due_date: invoice.due_on,
            prices_include_tax: invoice.prices_include_tax,
            notes: invoice.notes,
            locale: invoice.locale,
        }
    }
}

/// Lines that the reply for a single document shows.
const SHOWN_LINES: i64 = 200;

/// A document with its first lines and its taxes.
fn whole(tx: &mut dyn Tx, invoice: Invoice, now: Instant) -> Result<InvoiceView> {
    let zone: Zone = settings::actions::get(tx)?.business.time_zone;
    let lines = actions::lines_of(tx, invoice.id, 0, SHOWN_LINES)?;
    let taxes = actions::taxes_of(tx, invoice.id)?;
    Ok(InvoiceView::of(invoice, &now.date_in(&zone), lines, taxes))
}

/// Lines of a form; each price in the currency of the business.
fn inputs(tx: &mut dyn Tx, lines: &[LineForm]) -> Result<Vec<LineInput>> {
    let business = settings::actions::get(tx)?.business;
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            if line.unit_price.currency != business.currency {
                let field = format!("lines[{index}].unit_price.currency");
                business.same_currency(&field, line.unit_price.currency)?;
            }
            Ok(LineInput {
                description: line.description.clone(),
                quantity: line.quantity.clone(),
                unit_price: line.unit_price.amount,
                tax_rate: line.tax_rate.unwrap_or(BasisPoints(0)),
            })
        })
        .collect()
}

const READ: (Area, Access) = (Area::Invoices, Access::Read);
const WRITE: (Area, Access) = (Area::Invoices, Access::Write);

/// The handlers.
pub struct Api {
    desk: Desk,
    renderer: Renderer,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk, renderer: Renderer) -> Self {
        Self { desk, renderer }
    }
}

/// Sends the PDF of a document, rendering it first if need be.
///
/// # Errors
/// `not_found`, `insufficient_storage`, `precondition_failed`.
pub(crate) async fn serve(desk: &Desk, renderer: &Renderer, invoice: &Invoice, asked: &Asked) -> Result<FileReply> {
    let file = renderer.ensure(invoice.id).await?;
    let reader = desk.files.reader(&file.file_key).await?.ok_or_else(|| {
        tracing::error!(invoice = %invoice.id, "the rendered file of an invoice is gone");
        Error::not_found("file")
    })?;
    let download = Download {
        reader,
        sha256: file.sha256,
        modified: file.rendered_at.seconds(),
        content_type: "application/pdf".into(),
        filename: filename(invoice),
        public: false,
    };
    download.answer(asked)
}

#[OpenApi(prefix_path = "/invoices")]
impl Api {
    /// Invoices and credit notes, newest first
    #[oai(path = "/", method = "get", operation_id = "list_invoices")]
    async fn list(
        &self,
        call: Call,
        client_id: Query<Option<ClientId>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<InvoiceView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let (page, today) = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let zone = settings::actions::get(tx)?.business.time_zone;
                Ok((actions::page(tx, client_id.0, &paging)?, actor.at.date_in(&zone)))
            })
            .await?;
        Ok(Json(List::of(page, |invoice| InvoiceView::of(invoice, &today, Vec::new(), Vec::new()))))
    }

    /// Issue a free invoice
    #[oai(path = "/", method = "post", operation_id = "issue_invoice")]
    async fn issue(&self, call: Call, body: Json<InvoiceInput>) -> Result<Created<InvoiceView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = &body.0;
                once(tx, actor, retry.as_ref(), |tx| {
                    let new = NewInvoice {
                        client_id: form.client_id,
                        booking_id: None,
                        lines: inputs(tx, &form.lines)?,
                        due_on: form.due_date.clone(),
                        notes: form.notes.clone(),
                    };
                    let invoice = actions::issue(tx, actor, &new)?;
                    whole(tx, invoice, actor.at)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}", view.id), view))
    }

    /// One document
    #[oai(path = "/:id", method = "get", operation_id = "get_invoice")]
    async fn get(&self, call: Call, id: Path<InvoiceId>) -> Result<Json<InvoiceView>> {
        let view = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let invoice = actions::get(tx, id.0)?;
                whole(tx, invoice, actor.at)
            })
            .await?;
        Ok(Json(view))
    }

    /// Take an invoice back, wholly or in part
    #[oai(path = "/:id/credit-notes", method = "post", operation_id = "credit_invoice")]
    async fn credit(&self, call: Call, id: Path<InvoiceId>, body: Json<CreditInput>) -> Result<Created<InvoiceView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = &body.0;
                once(tx, actor, retry.as_ref(), |tx| {
                    let what = match (&form.lines, form.amount) {
                        (Some(_), Some(_)) => {
                            return Err(Error::field("amount", "cannot be given together with lines"));
                        }
                        (Some(lines), None) => Credit::Lines(inputs(tx, lines)?),
                        (None, Some(amount)) => {
                            let business = settings::actions::get(tx)?.business;
                            business.same_currency("amount.currency", amount.currency)?;
                            Credit::Amount(amount.amount)
                        }
                        (None, None) => Credit::Whole,
                    };
                    let note = actions::credit(tx, actor, id.0, &what, form.reason.as_deref())?;
                    whole(tx, note, actor.at)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}", view.id), view))
    }

    /// The PDF of a document
    #[oai(path = "/:id/pdf", method = "get", operation_id = "download_invoice")]
    async fn pdf(&self, call: Call, id: Path<InvoiceId>, asked: Asked) -> Result<FileReply> {
        let invoice = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        serve(&self.desk, &self.renderer, &invoice, &asked).await
    }

    /// The head of the PDF of a document
    #[oai(path = "/:id/pdf", method = "head", operation_id = "head_invoice")]
    async fn pdf_head(&self, call: Call, id: Path<InvoiceId>, asked: Asked) -> Result<FileReply> {
        self.pdf(call, id, asked).await
    }
}
