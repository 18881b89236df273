//! `/invoices/{id}/send` and `/invoices/{id}/reminders`.

use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Wishes};
use super::model::Reminder;
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::invoices::model::InvoiceId;
use crate::business::mails::api::MailView;
use crate::business::mails::model::MailId;
use crate::platform::http::{Call, Created, Json, List};

/// What is said otherwise than usual in a letter to a client.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct LetterInput {
    /// Where it goes; the client's e-mail address unless said.
    to: Option<String>,
    /// One line; as usual in the document's language unless said.
    subject: Option<String>,
    /// Plain text; as usual in the document's language unless said.
    message: Option<String>,
}

impl From<LetterInput> for Wishes {
    fn from(input: LetterInput) -> Self {
        Self { to: input.to, subject: input.subject, message: input.message }
    }
}

/// A reminder that was written.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceReminder")]
struct ReminderView {
    invoice_id: InvoiceId,
    /// 1 to 3.
    level: i64,
    /// Until which day it is to be paid now, such as `2026-12-24`.
    due_date: String,
    reminded_at: Instant,
    mail_id: Option<MailId>,
    /// The letter; none in lists.
    mail: Option<MailView>,
}

impl ReminderView {
    fn of(reminder: Reminder, mail: Option<MailView>) -> Self {
        Self {
            invoice_id: reminder.invoice_id,
            level: reminder.level,
            due_date: reminder.due_on,
            reminded_at: reminder.reminded_at,
            mail_id: reminder.mail_id,
            mail,
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

#[OpenApi(prefix_path = "/invoices")]
impl Api {
    /// Send a document to its client by e-mail
    #[oai(path = "/:id/send", method = "post", operation_id = "send_invoice")]
    async fn send(&self, call: Call, id: Path<InvoiceId>, body: Json<LetterInput>) -> Result<Created<MailView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::send(tx, actor, id.0, &body.0.clone().into()).map(MailView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/mails/{}", view.id), view))
    }

    /// The reminders of an invoice, first level first
    #[oai(path = "/:id/reminders", method = "get", operation_id = "list_invoice_reminders")]
    async fn list(&self, call: Call, id: Path<InvoiceId>) -> Result<Json<List<ReminderView>>> {
        let written =
            self.desk.read(&call, (Area::Invoices, Access::Read), move |tx, _| actions::of_invoice(tx, id.0)).await?;
        let items = written.into_iter().map(|reminder| ReminderView::of(reminder, None)).collect();
        Ok(Json(List { items, next_cursor: None }))
    }

    /// Remind of an overdue invoice at the next level, now
    #[oai(path = "/:id/reminders", method = "post", operation_id = "remind_of_invoice")]
    async fn remind(&self, call: Call, id: Path<InvoiceId>, body: Json<LetterInput>) -> Result<Created<ReminderView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let (reminder, mail) = actions::remind_now(tx, actor, id.0, &body.0.clone().into())?;
                    Ok(ReminderView::of(reminder, Some(mail.into())))
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}/reminders", id.0), view))
    }
}
