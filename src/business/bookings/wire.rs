//! The forms of `/bookings`.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::model::{Balance, Booking, BookingId, Status};
use crate::base::actor::StaffId;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Money};
use crate::base::time::{Instant, Local, Zone};
use crate::business::audit::model::{Entry, Subject};
use crate::business::clients::api::ClientInput;
use crate::business::clients::model::ClientId;
use crate::business::invoices;
use crate::business::invoices::model::{InvoiceId, Kind};
use crate::business::occurrences::model::OccurrenceId;
use crate::business::programs::model::ProgramId;
use crate::platform::db::Tx;
use crate::wire_words;

wire_words!(Status, Balance);

/// A booking as it is asked for: of an occurrence, by a known client or a new one.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub(super) struct BookingInput {
    pub(super) occurrence_id: OccurrenceId,
    pub(super) client_id: Option<ClientId>,
    /// A client with the same e-mail is the same client.
    pub(super) client: Option<ClientInput>,
    /// 1 unless said.
    pub(super) seats: Option<i64>,
    pub(super) note: Option<String>,
    /// Join the waiting list when no seats are left.
    pub(super) waitlist: Option<bool>,
    /// Confirm, and issue the invoice, at once.
    pub(super) confirm: Option<bool>,
}

/// Why a booking is called off, and whether money goes back.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
pub(super) struct CancelInput {
    pub(super) reason: Option<String>,
    /// Issue a refund invoice and give back what was paid, or leave both; as the settings say unless said.
    pub(super) refund: Option<bool>,
}

/// Where a booking is moved to.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub(super) struct RescheduleInput {
    pub(super) occurrence_id: OccurrenceId,
}

/// What is refunded: all that is left unless an amount is given.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
pub(super) struct RefundInput {
    pub(super) amount: Option<Money>,
    pub(super) reason: Option<String>,
}

/// Seats that somebody has.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Booking")]
pub(super) struct BookingView {
    pub(super) id: BookingId,
    /// What people read aloud.
    pub(super) reference: String,
    pub(super) status: Status,
    pub(super) seats: i64,
    pub(super) client_id: ClientId,
    pub(super) client_name: String,
    pub(super) occurrence_id: OccurrenceId,
    pub(super) program_id: ProgramId,
    pub(super) program_title: String,
    pub(super) local_starts_at: Local,
    pub(super) time_zone: Zone,
    pub(super) starts_at: Instant,
    pub(super) unit_price: Money,
    pub(super) tax_rate: BasisPoints,
    /// With tax.
    pub(super) total: Money,
    /// Refunds taken off.
    pub(super) paid: Money,
    /// Negative when money is to be given back.
    pub(super) balance_due: Money,
    pub(super) note: Option<String>,
    pub(super) hold_expires_at: Option<Instant>,
    pub(super) cancel_reason: Option<String>,
    pub(super) checked_in_at: Option<Instant>,
    pub(super) invoice_id: Option<InvoiceId>,
    pub(super) invoice_number: Option<String>,
    /// The latest refund invoice; in the reply for a single booking.
    pub(super) refund_invoice_id: Option<InvoiceId>,
    pub(super) created_at: Instant,
    pub(super) version: i64,
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
            checked_in_at: b.checked_in_at,
            invoice_id: b.invoice_id,
            invoice_number: b.invoice_number,
            refund_invoice_id: None,
            created_at: b.created_at,
            version: b.version,
        }
    }
}

/// A single booking, with its refund invoice.
pub(super) fn whole(tx: &mut dyn Tx, booking: Booking) -> Result<BookingView> {
    let refund = match booking.credited {
        0 => None,
        _ => invoices::actions::of_booking(tx, booking.id.cast())?
            .into_iter()
            .rfind(|document| document.kind == Kind::CreditNote)
            .map(|document| document.id),
    };
    Ok(BookingView { refund_invoice_id: refund, ..booking.into() })
}

/// What may be changed of a booking.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
pub(super) struct BookingChange {
    pub(super) note: Option<String>,
}

/// One deed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub(super) struct TimelineEntry {
    id: Id<Entry>,
    at: Instant,
    /// Name of the one who acted.
    actor: String,
    actor_id: Option<StaffId>,
    /// The verb: `confirm`, `receive`, `issue`.
    action: String,
    /// The noun: `booking`, `payment`, `invoice`, `credit_note`, `audio_note`.
    noun: String,
    subject_id: Id<Subject>,
    detail: Option<String>,
}

/// What happened to a booking and all that belongs to it, newest first.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub(super) struct Timeline {
    items: Vec<TimelineEntry>,
}

impl From<Vec<Entry>> for Timeline {
    fn from(entries: Vec<Entry>) -> Self {
        let view = |entry: Entry| TimelineEntry {
            id: entry.id,
            at: entry.at,
            actor: entry.actor,
            actor_id: entry.actor_id,
            action: entry.action,
            noun: entry.noun,
            subject_id: entry.subject_id,
            detail: entry.detail,
        };
        Self { items: entries.into_iter().map(view).collect() }
    }
}
