//! `/drafts`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Content};
use super::model::{Draft, DraftId};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Error, Result};
use crate::base::money::Money;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::invoices::api::{AdjustmentForm, InvoiceInput, InvoiceView, LineForm, whole};
use crate::business::invoices::render::Renderer;
use crate::business::settings::model::Business;
use crate::business::{invoices, settings};
use crate::platform::db::Tx;
use crate::platform::http::{Call, Created, FileReply, Json, List, Made, NoContent, Patch, Tagged};

/// An invoice that is being written; anything may be missing yet.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct DraftInput {
    client_id: Option<ClientId>,
    lines: Option<Vec<LineForm>>,
    adjustments: Option<Vec<AdjustmentForm>>,
    due_date: Option<String>,
    service_from: Option<String>,
    service_to: Option<String>,
    buyer_reference: Option<String>,
    order_reference: Option<String>,
    notes: Option<String>,
}

impl DraftInput {
    /// The invoice it says.
    fn invoice(self) -> Result<InvoiceInput> {
        Ok(InvoiceInput {
            client_id: self.client_id.ok_or_else(|| Error::field("client_id", "is missing"))?,
            lines: self.lines.unwrap_or_default(),
            adjustments: self.adjustments,
            due_date: self.due_date,
            service_from: self.service_from,
            service_to: self.service_to,
            buyer_reference: self.buyer_reference,
            order_reference: self.order_reference,
            notes: self.notes,
        })
    }

    fn content(self, tx: &mut dyn Tx, actor: &Actor, business: &Business) -> Result<Content> {
        let json = serde_json::to_string(&self).map_err(Error::internal)?;
        let client_id = self.client_id;
        // What cannot be added up yet comes to nothing; issuing says what is wrong.
        let invoice = self.invoice().and_then(|form| form.new_invoice(business));
        let document = invoice.and_then(|new| invoices::actions::prepare(tx, actor, &new));
        Ok(Content { client_id, json, total: document.map_or(0, |(document, _)| document.invoice.payable()) })
    }
}

/// An invoice that is being written.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Draft")]
struct DraftView {
    id: DraftId,
    client_name: Option<String>,
    /// What it says.
    content: DraftInput,
    /// What it comes to so far; 0 while that cannot be said.
    total: Money,
    created_at: Instant,
    updated_at: Instant,
}

impl DraftView {
    fn of(draft: Draft, business: &Business) -> Result<Self> {
        Ok(Self {
            id: draft.id,
            client_name: draft.client_name,
            content: serde_json::from_str(&draft.content).map_err(Error::internal)?,
            total: Money::new(draft.total, business.currency),
            created_at: draft.created_at,
            updated_at: draft.updated_at,
        })
    }
}

/// Lines that a preview adds up.
const MOST_SHOWN: usize = 2_000;

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

#[OpenApi(prefix_path = "/drafts")]
impl Api {
    /// Drafts of invoices, newest first
    #[oai(path = "/", method = "get", operation_id = "list_drafts")]
    async fn list(
        &self,
        call: Call,
        client_id: Query<Option<ClientId>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<DraftView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let (page, business) = self
            .desk
            .read(&call, READ, move |tx, _| {
                Ok((actions::page(tx, client_id.0, &paging)?, settings::actions::get(tx)?.business))
            })
            .await?;
        let next_cursor = page.next.map(|cursor| cursor.encode());
        let items = page.items.into_iter().map(|draft| DraftView::of(draft, &business)).collect::<Result<_>>()?;
        Ok(Json(List { items, next_cursor }))
    }

    /// Begin a draft
    #[oai(path = "/", method = "post", operation_id = "create_draft")]
    async fn create(&self, call: Call, body: Json<DraftInput>) -> Result<Created<DraftView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let business = settings::actions::get(tx)?.business;
                    let content = body.0.clone().content(tx, actor, &business)?;
                    DraftView::of(actions::create(tx, actor, content)?, &business)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/drafts/{}", view.id), view))
    }

    /// What a draft would come to: the invoice without a number, nothing stored
    #[oai(path = "/preview", method = "post", operation_id = "preview_draft")]
    async fn preview(&self, call: Call, body: Json<DraftInput>) -> Result<Json<InvoiceView>> {
        // Looked at with each pause of typing, so that it must be quick.
        if body.0.lines.as_ref().is_some_and(|lines| lines.len() > MOST_SHOWN) {
            return Err(Error::field("lines", "are too many to be added up at each change; issue the invoice at once"));
        }
        let view = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let business = settings::actions::get(tx)?.business;
                let new = body.0.clone().invoice()?.new_invoice(&business)?;
                let (document, lines) = invoices::actions::prepare(tx, actor, &new)?;
                Ok(InvoiceView::of(document, &actor.at.date_in(&business.time_zone), lines))
            })
            .await?;
        Ok(Json(view))
    }

    /// One draft
    #[oai(path = "/:id", method = "get", operation_id = "get_draft")]
    async fn get(&self, call: Call, id: Path<DraftId>) -> Result<Tagged<DraftView>> {
        self.desk
            .read(&call, READ, move |tx, _| {
                let draft = actions::get(tx, id.0)?;
                Ok(Tagged::new(draft.version, DraftView::of(draft, &settings::actions::get(tx)?.business)?))
            })
            .await
    }

    /// Change a draft
    #[oai(path = "/:id", method = "patch", operation_id = "change_draft")]
    async fn change(&self, call: Call, id: Path<DraftId>, patch: Patch<DraftInput>) -> Result<Tagged<DraftView>> {
        let expected = call.expected.clone();
        self.desk
            .write(&call, WRITE, move |tx, actor| {
                let business = settings::actions::get(tx)?.business;
                let current = actions::get(tx, id.0)?.content;
                let form = patch.apply(&serde_json::from_str(&current).map_err(Error::internal)?)?;
                let content = form.content(tx, actor, &business)?;
                let draft = actions::change(tx, actor, id.0, &expected, content)?;
                Ok(Tagged::new(draft.version, DraftView::of(draft, &business)?))
            })
            .await
    }

    /// Drop a draft
    #[oai(path = "/:id", method = "delete", operation_id = "delete_draft")]
    async fn delete(&self, call: Call, id: Path<DraftId>) -> Result<NoContent> {
        let expected = call.expected.clone();
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0, &expected)).await?;
        Ok(NoContent::default())
    }

    /// How a draft would look on paper
    #[oai(path = "/:id/pdf", method = "get", operation_id = "preview_draft_pdf")]
    async fn pdf(&self, call: Call, id: Path<DraftId>) -> Result<FileReply> {
        let (document, lines) = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let business = settings::actions::get(tx)?.business;
                let form: DraftInput =
                    serde_json::from_str(&actions::get(tx, id.0)?.content).map_err(Error::internal)?;
                let new = form.invoice()?.new_invoice(&business)?;
                invoices::actions::prepare(tx, actor, &new)
            })
            .await?;
        let bytes = self.renderer.draft(document, lines).await?;
        Ok(Made { bytes, content_type: "application/pdf", filename: "draft.pdf".into() }.answer())
    }

    /// Issue what a draft says; the draft is gone then
    #[oai(path = "/:id/issue", method = "post", operation_id = "issue_draft")]
    async fn issue(&self, call: Call, id: Path<DraftId>) -> Result<Created<InvoiceView>> {
        let (expected, retry) = (call.expected.clone(), call.retry(&())?);
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let business = settings::actions::get(tx)?.business;
                    let form: DraftInput =
                        serde_json::from_str(&actions::get(tx, id.0)?.content).map_err(Error::internal)?;
                    let new = form.invoice()?.new_invoice(&business)?;
                    let invoice = actions::issue(tx, actor, id.0, &expected, &new)?;
                    whole(tx, invoice, actor.at)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}", view.id), view))
    }
}
