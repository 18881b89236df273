//! `/invoices/{id}/payments` and `/invoices/{id}/refunds`, and how a payment looks to other nouns.

use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, For};
use super::model::{Method, NewPayment, Payment, PaymentId};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::Money;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::invoices::model::{Booking, InvoiceId};
use crate::platform::http::{Call, Created, Json, List};
use crate::wire_words;

wire_words!(Method);

/// A payment to note.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub struct PaymentInput {
    amount: Money,
    method: Method,
    reference: Option<String>,
    /// Now unless said.
    paid_at: Option<Instant>,
}

impl From<PaymentInput> for NewPayment {
    fn from(input: PaymentInput) -> Self {
        Self { amount: input.amount, method: input.method, reference: input.reference, paid_at: input.paid_at }
    }
}

/// Money received, or given back when negative.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Payment")]
pub struct PaymentView {
    id: PaymentId,
    invoice_id: Option<InvoiceId>,
    booking_id: Option<Id<Booking>>,
    amount: Money,
    method: Method,
    reference: Option<String>,
    paid_at: Instant,
    recorded_by: String,
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        Self {
            id: payment.id,
            invoice_id: payment.invoice_id,
            booking_id: payment.booking_id,
            amount: payment.amount,
            method: payment.method,
            reference: payment.reference,
            paid_at: payment.paid_at,
            recorded_by: payment.recorded_by,
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

#[OpenApi]
impl Api {
    /// Payments of an invoice, oldest first
    #[oai(path = "/invoices/:id/payments", method = "get", operation_id = "list_invoice_payments")]
    async fn list(&self, call: Call, id: Path<InvoiceId>) -> Result<Json<List<PaymentView>>> {
        let payments =
            self.desk.read(&call, (Area::Invoices, Access::Read), move |tx, _| actions::of_invoice(tx, id.0)).await?;
        Ok(Json(List { items: payments.into_iter().map(PaymentView::from).collect(), next_cursor: None }))
    }

    /// Note money received for an invoice
    #[oai(path = "/invoices/:id/payments", method = "post", operation_id = "pay_invoice")]
    async fn pay(&self, call: Call, id: Path<InvoiceId>, body: Json<PaymentInput>) -> Result<Created<PaymentView>> {
        let retry = call.retry(&body.0)?;
        let payment = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let what = For { invoice_id: Some(id.0), booking_id: None };
                    actions::receive(tx, actor, what, body.0.clone().into()).map(PaymentView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}/payments", id.0), payment))
    }

    /// Note money given back on an invoice, never more than was paid
    #[oai(path = "/invoices/:id/refunds", method = "post", operation_id = "refund_invoice")]
    async fn refund(&self, call: Call, id: Path<InvoiceId>, body: Json<PaymentInput>) -> Result<Created<PaymentView>> {
        let retry = call.retry(&body.0)?;
        let payment = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::refund(tx, actor, id.0, body.0.clone().into()).map(PaymentView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/invoices/{}/payments", id.0), payment))
    }
}
