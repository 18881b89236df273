//! `/mails`, and how a letter looks to other nouns.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Filter, Invoice, Mail, MailId, Purpose, Status};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::platform::http::{Call, Json, List};
use crate::wire_words;

wire_words!(Purpose, Status);

/// A letter that waits to be sent, or what became of it.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Mail")]
pub struct MailView {
    /// Its id.
    pub id: MailId,
    client_id: ClientId,
    invoice_id: Option<Id<Invoice>>,
    purpose: Purpose,
    recipient: String,
    subject: String,
    /// Plain text.
    body: String,
    status: Status,
    created_at: Instant,
    sent_at: Option<Instant>,
}

impl From<Mail> for MailView {
    fn from(mail: Mail) -> Self {
        Self {
            id: mail.id,
            client_id: mail.client_id,
            invoice_id: mail.invoice_id,
            purpose: mail.purpose,
            recipient: mail.recipient,
            subject: mail.subject,
            body: mail.body,
            status: mail.status,
            created_at: mail.created_at,
            sent_at: mail.sent_at,
        }
    }
}

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[OpenApi(prefix_path = "/mails")]
impl Api {
    /// Letters, newest first
    #[oai(path = "/", method = "get", operation_id = "list_mails")]
    async fn list(
        &self,
        call: Call,
        status: Query<Option<Status>>,
        client_id: Query<Option<ClientId>>,
        invoice_id: Query<Option<Id<Invoice>>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<MailView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let filter = Filter { status: status.0, client_id: client_id.0, invoice_id: invoice_id.0 };
        let page = self
            .desk
            .read(&call, (Area::Invoices, Access::Read), move |tx, _| actions::page(tx, &filter, &paging))
            .await?;
        Ok(Json(List::of(page, MailView::from)))
    }

    /// One letter
    #[oai(path = "/:id", method = "get", operation_id = "get_mail")]
    async fn get(&self, call: Call, id: Path<MailId>) -> Result<Json<MailView>> {
        let mail = self.desk.read(&call, (Area::Invoices, Access::Read), move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Json(mail.into()))
    }

    /// Call off a letter that still waits
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancel_mail")]
    async fn cancel(&self, call: Call, id: Path<MailId>) -> Result<Json<MailView>> {
        let retry = call.retry(&())?;
        let view = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| actions::cancel(tx, actor, id.0).map(MailView::from))
            })
            .await?;
        Ok(Json(view))
    }
}
