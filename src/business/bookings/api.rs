//! `/bookings`.

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use serde::Serialize;

use super::actions;
use super::model::{Balance, Booking, BookingId, Filter, NewBooking, Search, Status, Verb};
use super::wire::{
    BookingChange, BookingInput, BookingView, CancelInput, RefundInput, RescheduleInput, Timeline, whole,
};
use crate::base::actor::{Access, Actor, Area};
use crate::base::day::Day;
use crate::base::error::{Error, Result};
use crate::base::page::Paging;
use crate::base::version::Expected;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::invoices::api::{Form, InvoiceView, serve};
use crate::business::invoices::model::Kind;
use crate::business::invoices::render::Renderer;
use crate::business::occurrences::model::OccurrenceId;
use crate::business::payments::api::{PaymentInput, PaymentView};
use crate::business::programs::model::ProgramId;
use crate::business::settings::model::OnCancel;
use crate::business::{clients, invoices, payments};
use crate::platform::db::Tx;
use crate::platform::http::{Asked, Call, Created, FileReply, Json, List, Patch, Tagged};

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
    #[allow(clippy::too_many_arguments)] // one for each of the query's words
    async fn list(
        &self,
        call: Call,
        /// One state, or several with commas between.
        status: Query<Option<String>>,
        occurrence_id: Query<Option<OccurrenceId>>,
        client_id: Query<Option<ClientId>>,
        program_id: Query<Option<ProgramId>>,
        /// The first day of the occurrence, such as `2026-12-01`.
        from: Query<Option<String>>,
        /// The last day of the occurrence.
        to: Query<Option<String>>,
        balance: Query<Option<Balance>>,
        /// The beginning of a reference, beginnings of words of the client, or the number of an invoice.
        q: Query<Option<String>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<BookingView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let filter = Filter {
            statuses: Filter::statuses(status.0.as_deref().unwrap_or_default())?,
            occurrence_id: occurrence_id.0,
            client_id: client_id.0,
            program_id: program_id.0,
            from: from.0.as_deref().map(|day| Day::read("from", day)).transpose()?,
            to: to.0.as_deref().map(|day| Day::read("to", day)).transpose()?,
            balance: balance.0,
            search: Search::read(q.0.as_deref().unwrap_or_default())?,
        }
        .checked()?;
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

    /// Change the note
    #[oai(path = "/:id", method = "patch", operation_id = "change_booking")]
    async fn patch(&self, call: Call, id: Path<BookingId>, patch: Patch<BookingChange>) -> Result<Tagged<BookingView>> {
        let expected = call.expected.clone();
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = patch.apply(&BookingChange { note: actions::get(tx, id.0)?.note })?;
                let booking = actions::change(tx, actor, id.0, &expected, form.note.as_deref())?;
                whole(tx, booking)
            })
            .await?;
        Ok(Tagged::new(view.version, view))
    }

    /// Take the latest check-in or no-show back
    #[oai(path = "/:id/undo", method = "post", operation_id = "undo_booking")]
    async fn undo(&self, call: Call, id: Path<BookingId>) -> Result<Tagged<BookingView>> {
        self.change(&call, (), move |tx, actor, expected, ()| actions::undo(tx, actor, id.0, expected)).await
    }

    /// Who did what with a booking and all that belongs to it, newest first
    #[oai(path = "/:id/timeline", method = "get", operation_id = "read_booking_timeline")]
    async fn timeline(&self, call: Call, id: Path<BookingId>) -> Result<Json<Timeline>> {
        let entries = self.desk.read(&call, READ, move |tx, _| actions::timeline(tx, id.0)).await?;
        Ok(Json(entries.into()))
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
