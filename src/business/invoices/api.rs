//! `/invoices`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Credit};
use super::einvoice::Format;
use super::model::{Filter, Invoice, InvoiceId, Kind, Rendering, Status};
use super::render::{Renderer, filename};
pub use super::wire::{AdjustmentForm, Form, InvoiceInput, InvoiceView, LineForm, LineView, inputs};
use crate::base::actor::{Access, Area};
use crate::base::error::{Error, Result};
use crate::base::money::Money;
use crate::base::page::Paging;
use crate::base::time::{Instant, Local, Zone};
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::links::{self, model::Purpose};
use crate::business::{audit, settings};
use crate::platform::db::Tx;
use crate::platform::http::{Asked, Call, Created, Download, FileReply, Json, List};

/// What is to be taken back; all that is left unless lines or an amount are given.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct CreditInput {
    lines: Option<Vec<LineForm>>,
    /// With tax.
    amount: Option<Money>,
    reason: Option<String>,
}

/// What is owed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Owed")]
struct OwedView {
    open: Money,
    open_count: i64,
    /// Of that, what was due before today.
    overdue: Money,
    overdue_count: i64,
}

/// Minutes that a link of a client is valid: 90 days.
const LINK_MINUTES: i64 = 90 * 24 * 60;

/// A link for the client.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceLink")]
struct LinkView {
    /// Path on this desk; whoever has it can download the PDF.
    path: String,
    expires_at: Instant,
}

/// Lines that the reply for a single document shows.
const SHOWN_LINES: i64 = 200;

/// A document with its first lines and its sums.
///
/// # Errors
/// `database_unavailable`.
pub fn whole(tx: &mut dyn Tx, invoice: Invoice, now: Instant) -> Result<InvoiceView> {
    let zone: Zone = settings::actions::get(tx)?.business.time_zone;
    let lines = actions::lines_of(tx, invoice.id, 0, SHOWN_LINES)?;
    let document = actions::with_sums(tx, invoice)?;
    Ok(InvoiceView::of(document, &now.date_in(&zone), lines))
}

/// Where the ids of a day begin, or of so many days later.
fn beginning(field: &str, day: &str, later: i64, zone: &Zone) -> Result<InvoiceId> {
    let wrong = || Error::field(field, "must be a day such as 2026-12-24");
    let local: Local = format!("{day}T00:00").parse().map_err(|_| wrong())?;
    Ok(InvoiceId::floor(local.plus_days(later).in_zone(zone)?))
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

/// Sends a document as a file, rendering it first if need be.
///
/// # Errors
/// `not_found`, `insufficient_storage`, `precondition_failed`.
pub(crate) async fn serve(
    desk: &Desk,
    renderer: &Renderer,
    invoice: &Invoice,
    what: Rendering,
    asked: &Asked,
) -> Result<FileReply> {
    let file = renderer.ensure(invoice.id, what).await?;
    let reader = desk.files.reader(&file.file_key).await?.ok_or_else(|| {
        tracing::error!(invoice = %invoice.id, "the rendered file of an invoice is gone");
        Error::not_found("file")
    })?;
    let download = Download {
        reader,
        sha256: file.sha256,
        modified: file.rendered_at.seconds(),
        content_type: what.content_type().into(),
        filename: filename(invoice, what),
        public: false,
    };
    download.answer(asked)
}

/// What clients see through a signed link.
pub struct PublicApi {
    desk: Desk,
    renderer: Renderer,
}

impl PublicApi {
    /// Handlers over this desk.
    pub fn new(desk: Desk, renderer: Renderer) -> Self {
        Self { desk, renderer }
    }
}

#[OpenApi(prefix_path = "/public/invoices")]
impl PublicApi {
    /// The PDF that a signed link opens
    #[oai(path = "/:link", method = "get", operation_id = "download_linked_invoice")]
    async fn pdf(&self, link: Path<String>, asked: Asked) -> Result<FileReply> {
        let now = self.desk.clock.now();
        let invoice = self
            .desk
            .db
            .read(move |tx| {
                let id = links::actions::open(tx, Purpose::Invoice, &link.0, now)?;
                actions::get(tx, id)
            })
            .await?;
        serve(&self.desk, &self.renderer, &invoice, Rendering::Pdf, &asked).await
    }

    /// The head of the PDF that a signed link opens
    #[oai(path = "/:link", method = "head", operation_id = "head_linked_invoice")]
    async fn pdf_head(&self, link: Path<String>, asked: Asked) -> Result<FileReply> {
        self.pdf(link, asked).await
    }
}

#[OpenApi(prefix_path = "/invoices")]
impl Api {
    /// A link by which the client can download the PDF, valid for 90 days
    #[oai(path = "/:id/link", method = "post", operation_id = "link_invoice")]
    async fn link(&self, call: Call, id: Path<InvoiceId>) -> Result<Json<LinkView>> {
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let invoice = actions::get(tx, id.0)?;
                let expires_at = actor.at.plus_minutes(LINK_MINUTES);
                let link = links::actions::make(tx, actor, Purpose::Invoice, invoice.id, expires_at)?;
                audit::actions::note(tx, actor, "link", invoice.kind.as_str(), invoice.id, None)?;
                Ok(LinkView { path: format!("/api/v1/public/invoices/{link}"), expires_at })
            })
            .await?;
        Ok(Json(view))
    }

    /// Invoices and credit notes, newest first
    #[oai(path = "/", method = "get", operation_id = "list_invoices")]
    #[allow(clippy::too_many_arguments)] // one for each of the query's words
    async fn list(
        &self,
        call: Call,
        client_id: Query<Option<ClientId>>,
        kind: Query<Option<Kind>>,
        /// `open` or `overdue`.
        status: Query<Option<Status>>,
        /// How its number begins.
        q: Query<Option<String>>,
        /// Issued on this day or later, such as `2026-12-24`.
        from: Query<Option<String>>,
        /// Issued on this day or earlier.
        to: Query<Option<String>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<InvoiceView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let owes = match status.0 {
            None => false,
            Some(Status::Open | Status::Overdue) => true,
            Some(_) => return Err(Error::field("status", "can be open or overdue here")),
        };
        let filter = Filter { client_id: client_id.0, kind: kind.0, number: q.0.clone(), owes, ..Filter::default() };
        let (page, today) = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let zone = settings::actions::get(tx)?.business.time_zone;
                let today = actor.at.date_in(&zone);
                let mut filter = filter.clone();
                if status.0 == Some(Status::Overdue) {
                    filter.due_before = Some(today.clone());
                }
                filter.from = from.0.as_deref().map(|day| beginning("from", day, 0, &zone)).transpose()?;
                filter.before = to.0.as_deref().map(|day| beginning("to", day, 1, &zone)).transpose()?;
                Ok((actions::page(tx, &filter, &paging)?, today))
            })
            .await?;
        Ok(Json(List::of(page, |invoice| InvoiceView::row(invoice, &today))))
    }

    /// What is owed in all, and how much of it is overdue
    #[oai(path = "/summary", method = "get", operation_id = "summarise_invoices")]
    async fn summary(&self, call: Call) -> Result<Json<OwedView>> {
        let view = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let business = settings::actions::get(tx)?.business;
                let owed = actions::owed(tx, &actor.at.date_in(&business.time_zone))?;
                Ok(OwedView {
                    open: Money::new(owed.open, business.currency),
                    open_count: owed.open_count,
                    overdue: Money::new(owed.overdue, business.currency),
                    overdue_count: owed.overdue_count,
                })
            })
            .await?;
        Ok(Json(view))
    }

    /// The credit notes of an invoice, oldest first
    #[oai(path = "/:id/credit-notes", method = "get", operation_id = "list_credit_notes")]
    async fn credit_notes(&self, call: Call, id: Path<InvoiceId>) -> Result<Json<List<InvoiceView>>> {
        let notes = self
            .desk
            .read(&call, READ, move |tx, _| {
                actions::get(tx, id.0)?;
                actions::credit_notes(tx, id.0)
            })
            .await?;
        // A credit note has no due day, so that the day does not matter.
        Ok(Json(List { items: notes.into_iter().map(|note| InvoiceView::row(note, "")).collect(), next_cursor: None }))
    }

    /// Lines of a document behind the ones that it shows itself
    #[oai(path = "/:id/lines", method = "get", operation_id = "list_invoice_lines")]
    async fn lines(
        &self,
        call: Call,
        id: Path<InvoiceId>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<LineView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let (invoice, page) = self
            .desk
            .read(&call, READ, move |tx, _| Ok((actions::get(tx, id.0)?, actions::lines_page(tx, id.0, &paging)?)))
            .await?;
        Ok(Json(List::of(page, |(_, line)| LineView::of(line, invoice.currency))))
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
                    let business = settings::actions::get(tx)?.business;
                    let invoice = actions::issue(tx, actor, &form.new_invoice(&business)?)?;
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
                        (Some(lines), None) => Credit::Lines(inputs(&settings::actions::get(tx)?.business, lines)?),
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
        serve(&self.desk, &self.renderer, &invoice, Rendering::Pdf, &asked).await
    }

    /// The e-invoice of a document
    #[oai(path = "/:id/xml", method = "get", operation_id = "download_einvoice")]
    async fn xml(
        &self,
        call: Call,
        id: Path<InvoiceId>,
        /// `facturx` (EN 16931 as CII, as in the PDF) unless said; `cii` and `ubl` are XRechnung.
        format: Query<Option<Format>>,
        asked: Asked,
    ) -> Result<FileReply> {
        let invoice = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        let what = format.0.unwrap_or(Format::Facturx).into();
        serve(&self.desk, &self.renderer, &invoice, what, &asked).await
    }

    /// The head of the e-invoice of a document
    #[oai(path = "/:id/xml", method = "head", operation_id = "head_einvoice")]
    async fn xml_head(
        &self,
        call: Call,
        id: Path<InvoiceId>,
        format: Query<Option<Format>>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.xml(call, id, format, asked).await
    }

    /// The head of the PDF of a document
    #[oai(path = "/:id/pdf", method = "head", operation_id = "head_invoice")]
    async fn pdf_head(&self, call: Call, id: Path<InvoiceId>, asked: Asked) -> Result<FileReply> {
        self.pdf(call, id, asked).await
    }
}
