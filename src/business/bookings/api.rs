//! `/bookings`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Booking, BookingId, Filter, NewBooking, Status, Verb};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Error, Result};
use crate::base::money::{BasisPoints, Money};
use crate::base::page::Paging;
use crate::base::time::{Instant, Local, Zone};
use crate::base::version::Expected;
use crate::business::clients::api::ClientInput;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::invoices::api::{Form, InvoiceView, serve};
use crate::business::invoices::model::{InvoiceId, Kind};
use crate::business::invoices::render::Renderer;
use crate::business::occurrences::model::OccurrenceId;
use crate::business::payments::api::{PaymentInput, PaymentView};
use crate::business::programs::model::ProgramId;
use crate::business::settings::model::OnCancel;
use crate::business::{clients, invoices, payments};
use crate::platform::db::Tx;
use crate::platform::http::{Asked, Call, Created, FileReply, Json, List, Tagged};
use crate::wire_words;

wire_words!(Status);

/// A booking as it is asked for: of an occurrence, by a known client or a new one.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct BookingInput {
    occurrence_id: OccurrenceId,
    client_id: Option<ClientId>,
    /// A client with the same e-mail is the same client.
    client: Option<ClientInput>,
    /// 1 unless said.
    seats: Option<i64>,
    note: Option<String>,
    /// Join the waiting list when no seats are left.
    waitlist: Option<bool>,
    /// Confirm, and issue the invoice, at once.
    confirm: Option<bool>,
}

/// Why a booking is called off, and whether money goes back.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct CancelInput {
    reason: Option<String>,
    /// Issue a refund invoice and give back what was paid, or leave both; as the settings say unless said.
    refund: Option<bool>,
}

/// Where a booking is moved to.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct RescheduleInput {
    occurrence_id: OccurrenceId,
}

/// What is refunded: all that is left unless an amount is given.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
struct RefundInput {
    amount: Option<Money>,
    reason: Option<String>,
}

/// Seats that somebody has.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Booking")]
struct BookingView {
    id: BookingId,
    /// What people read aloud.
    reference: String,
    status: Status,
    seats: i64,
    client_id: ClientId,
    client_name: String,
    occurrence_id: OccurrenceId,
    program_id: ProgramId,
    program_title: String,
    local_starts_at: Local,
    time_zone: Zone,
    starts_at: Instant,
    unit_price: Money,
    tax_rate: BasisPoints,
    /// With tax.
    total: Money,
    /// Refunds taken off.
    paid: Money,
    /// Negative when money is to be given back.
    balance_due: Money,
    note: Option<String>,
    hold_expires_at: Option<Instant>,
    cancel_reason: Option<String>,
    invoice_id: Option<InvoiceId>,
    invoice_number: Option<String>,
    /// The latest refund invoice; in the reply for a single booking.
    refund_invoice_id: Option<InvoiceId>,
    created_at: Instant,
    version: i64,
}

impl From<Booking> for BookingView {
    fn from(b: Booking) -> Self {
        let money = |amount| Money::new(amount, b.currency);
        Self {
            unit_price: money(b.unit_price),
            total: money(b.total),
            paid: money(b.paid),
            balance_due: money(b.balance_due()),
            id: b.id,
            reference: b.reference,
            status: b.status,
            seats: b.seats,
            client_id: b.client_id,
            client_name: b.client_name,
            occurrence_id: b.occurrence_id,
            program_id: b.program_id,
            program_title: b.program_title,
            local_starts_at: b.local_starts_at,
            time_zone: b.time_zone,
            starts_at: b.starts_at,
            tax_rate: b.tax_rate,
            note: b.note,
            hold_expires_at: b.hold_expires_at,
            cancel_reason: b.cancel_reason,
            invoice_id: b.invoice_id,
            invoice_number: b.invoice_number,
            refund_invoice_id: None,
            created_at: b.created_at,
            version: b.version,
        }
    }
}

/// A single booking, with its refund invoice.
fn whole(tx: &mut dyn Tx, booking: Booking) -> Result<BookingView> {
    let refund = match booking.credited {
        0 => None,
        _ => invoices::actions::of_booking(tx, booking.id.cast())?
            .into_iter()
            .rfind(|document| document.kind == Kind::CreditNote)
            .map(|document| document.id),
    };
    Ok(BookingView { refund_invoice_id: refund, ..booking.into() })
}

const READ: (Area, Access) = (Area::Bookings, Access::Read);
const WRITE: (Area, Access) = (Area::Bookings, Access::Write);

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

    /// A change of state: the same five beats for each verb.
    async fn change<B, F>(&self, call: &Call, body: B, change: F) -> Result<Tagged<BookingView>>
    where
        B: Serialize + Send + Sync + 'static,
        F: Fn(&mut dyn Tx, &Actor, &Expected, &B) -> Result<Booking> + Send + Sync + 'static,
    {
        let (retry, expected) = (call.retry(&body)?, call.expected.clone());
        let view = self
            .desk
            .write(call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let booking = change(tx, actor, &expected, &body)?;
                    whole(tx, booking)
                })
            })
            .await?;
        Ok(Tagged::new(view.version, view))
    }

    async fn document(
        &self,
        call: &Call,
        id: BookingId,
        kind: Kind,
        form: Option<Form>,
        asked: &Asked,
    ) -> Result<FileReply> {
        let invoice = self.desk.read(call, READ, move |tx, _| actions::document(tx, id, kind)).await?;
        serve(&self.desk, &self.renderer, &invoice, form.unwrap_or(Form::Pdf).into(), asked).await
    }
}

#[OpenApi(prefix_path = "/bookings")]
impl Api {
    /// Bookings, newest first
    #[oai(path = "/", method = "get", operation_id = "list_bookings")]
    async fn list(
        &self,
        call: Call,
        status: Query<Option<Status>>,
        occurrence_id: Query<Option<OccurrenceId>>,
        client_id: Query<Option<ClientId>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<BookingView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let filter = Filter { status: status.0, occurrence_id: occurrence_id.0, client_id: client_id.0 };
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, &filter, &paging)).await?;
        Ok(Json(List::of(page, BookingView::from)))
    }

    /// Book seats
    #[oai(path = "/", method = "post", operation_id = "create_booking")]
    async fn create(&self, call: Call, body: Json<BookingInput>) -> Result<Created<BookingView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = &body.0;
                once(tx, actor, retry.as_ref(), |tx| {
                    let client_id = match (form.client_id, &form.client) {
                        (Some(id), None) => id,
                        (None, Some(new)) => clients::actions::find_or_create(tx, actor, new.clone().into())?.id,
                        _ => return Err(Error::field("client_id", "give either client_id or client")),
                    };
                    let new = NewBooking {
                        occurrence_id: form.occurrence_id,
                        client_id,
                        seats: form.seats.unwrap_or(1),
                        note: form.note.clone(),
                        waitlist: form.waitlist.unwrap_or(false),
                    };
                    let mut booking = actions::hold(tx, actor, &new)?;
                    if form.confirm.unwrap_or(false) && booking.status == Status::Held {
                        booking = actions::confirm(tx, actor, booking.id, &Expected::Anything)?;
                    }
                    whole(tx, booking)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/bookings/{}", view.id), view.clone()).tagged(view.version))
    }

    /// One booking
    #[oai(path = "/:id", method = "get", operation_id = "get_booking")]
    async fn get(&self, call: Call, id: Path<BookingId>) -> Result<Tagged<BookingView>> {
        let view = self
            .desk
            .read(&call, READ, move |tx, _| {
                let booking = actions::get(tx, id.0)?;
                whole(tx, booking)
            })
            .await?;
        Ok(Tagged::new(view.version, view))
    }

    /// Promise the seats and issue the invoice
    #[oai(path = "/:id/confirm", method = "post", operation_id = "confirm_booking")]
    async fn confirm(&self, call: Call, id: Path<BookingId>) -> Result<Tagged<BookingView>> {
        self.change(&call, (), move |tx, actor, expected, ()| actions::confirm(tx, actor, id.0, expected)).await
    }

    /// Call a booking off
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancel_booking")]
    async fn cancel(&self, call: Call, id: Path<BookingId>, body: Json<CancelInput>) -> Result<Tagged<BookingView>> {
        self.change(&call, body.0, move |tx, actor, expected, form: &CancelInput| {
            let rule = form.refund.map(|refund| if refund { OnCancel::Refund } else { OnCancel::Keep });
            actions::cancel(tx, actor, id.0, expected, form.reason.as_deref(), rule)
        })
        .await
    }

    /// Move a booking to another occurrence
    #[oai(path = "/:id/reschedule", method = "post", operation_id = "reschedule_booking")]
    async fn reschedule(
        &self,
        call: Call,
        id: Path<BookingId>,
        body: Json<RescheduleInput>,
    ) -> Result<Tagged<BookingView>> {
        self.change(&call, body.0, move |tx, actor, expected, form: &RescheduleInput| {
            actions::reschedule(tx, actor, id.0, expected, form.occurrence_id)
        })
        .await
    }

    /// They have come
    #[oai(path = "/:id/check-in", method = "post", operation_id = "check_in_booking")]
    async fn check_in(&self, call: Call, id: Path<BookingId>) -> Result<Tagged<BookingView>> {
        self.change(&call, (), move |tx, actor, expected, ()| actions::attend(tx, actor, id.0, expected, Verb::CheckIn))
            .await
    }

    /// They did not come
    #[oai(path = "/:id/no-show", method = "post", operation_id = "no_show_booking")]
    async fn no_show(&self, call: Call, id: Path<BookingId>) -> Result<Tagged<BookingView>> {
        self.change(&call, (), move |tx, actor, expected, ()| actions::attend(tx, actor, id.0, expected, Verb::NoShow))
            .await
    }

    /// Payments of a booking, oldest first
    #[oai(path = "/:id/payments", method = "get", operation_id = "list_booking_payments")]
    async fn payments(&self, call: Call, id: Path<BookingId>) -> Result<Json<List<PaymentView>>> {
        let payments = self
            .desk
            .read(&call, READ, move |tx, _| {
                actions::get(tx, id.0)?;
                payments::actions::of_booking(tx, id.0.cast())
            })
            .await?;
        Ok(Json(List { items: payments.into_iter().map(PaymentView::from).collect(), next_cursor: None }))
    }

    /// Note money received for a booking
    #[oai(path = "/:id/payments", method = "post", operation_id = "pay_booking")]
    async fn pay(&self, call: Call, id: Path<BookingId>, body: Json<PaymentInput>) -> Result<Created<PaymentView>> {
        let retry = call.retry(&body.0)?;
        let payment = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::pay(tx, actor, id.0, body.0.clone().into()).map(PaymentView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/bookings/{}/payments", id.0), payment))
    }

    /// Refund a booking by a refund invoice
    #[oai(path = "/:id/refunds", method = "post", operation_id = "refund_booking")]
    async fn refund(&self, call: Call, id: Path<BookingId>, body: Json<RefundInput>) -> Result<Created<InvoiceView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, (Area::Invoices, Access::Write), move |tx, actor| {
                let form = &body.0;
                once(tx, actor, retry.as_ref(), |tx| {
                    let note = actions::refund(tx, actor, id.0, form.amount, form.reason.as_deref())?;
                    invoices::api::whole(tx, note, actor.at)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/bookings/{}/refund-invoice", id.0), view))
    }

    /// The invoice, as a PDF or as an e-invoice
    #[oai(path = "/:id/invoice", method = "get", operation_id = "download_booking_invoice")]
    async fn invoice(
        &self,
        call: Call,
        id: Path<BookingId>,
        format: Query<Option<Form>>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.document(&call, id.0, Kind::Invoice, format.0, &asked).await
    }

    /// The head of the invoice
    #[oai(path = "/:id/invoice", method = "head", operation_id = "head_booking_invoice")]
    async fn invoice_head(
        &self,
        call: Call,
        id: Path<BookingId>,
        format: Query<Option<Form>>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.document(&call, id.0, Kind::Invoice, format.0, &asked).await
    }

    /// The latest refund invoice, as a PDF or as an e-invoice
    #[oai(path = "/:id/refund-invoice", method = "get", operation_id = "download_booking_refund_invoice")]
    async fn refund_invoice(
        &self,
        call: Call,
        id: Path<BookingId>,
        format: Query<Option<Form>>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.document(&call, id.0, Kind::CreditNote, format.0, &asked).await
    }

    /// The head of the latest refund invoice
    #[oai(path = "/:id/refund-invoice", method = "head", operation_id = "head_booking_refund_invoice")]
    async fn refund_invoice_head(
        &self,
        call: Call,
        id: Path<BookingId>,
        format: Query<Option<Form>>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.document(&call, id.0, Kind::CreditNote, format.0, &asked).await
    }
}
