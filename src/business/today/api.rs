//! `/today`.

use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Arrival, Due, OpenBooking, Overdue, Today};
use crate::base::actor::{Access, Actor, Area};
use crate::base::day::Day;
use crate::base::error::Result;
use crate::base::money::{Currency, Money};
use crate::base::time::{Instant, Local, Zone};
use crate::business::bookings::model::{BookingId, Status};
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::invoices::model::InvoiceId;
use crate::business::occurrences::model::{OccurrenceId, Status as Takes};
use crate::business::programs::model::ProgramId;
use crate::platform::db::Tx;
use crate::platform::files::Usage;
use crate::platform::http::{Call, Json};

/// What takes place on a day.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct TodayOccurrence {
    id: OccurrenceId,
    program_id: ProgramId,
    program_title: String,
    local_starts_at: Local,
    time_zone: Zone,
    starts_at: Instant,
    ends_at: Instant,
    duration_minutes: i64,
    status: Takes,
    capacity: i64,
    seats_taken: i64,
    seats_held: i64,
    seats_left: i64,
    /// Seats of those who are here.
    checked_in: i64,
}

impl From<Due> for TodayOccurrence {
    fn from(due: Due) -> Self {
        let left = if due.status == Takes::Scheduled { due.capacity - due.seats_taken } else { 0 };
        Self {
            id: due.id,
            program_id: due.program_id,
            program_title: due.program_title,
            local_starts_at: due.local_starts_at,
            time_zone: due.time_zone,
            starts_at: due.starts_at,
            ends_at: due.ends_at,
            duration_minutes: due.duration_minutes,
            status: due.status,
            capacity: due.capacity,
            seats_taken: due.seats_taken,
            seats_held: due.seats_held,
            seats_left: left.max(0),
            checked_in: due.checked_in,
        }
    }
}

/// Somebody who is expected, or is here, or did not come.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Arrival")]
struct ArrivalView {
    booking_id: BookingId,
    reference: String,
    client_id: ClientId,
    client_name: String,
    seats: i64,
    status: Status,
    occurrence_id: OccurrenceId,
    program_title: String,
    local_starts_at: Local,
    /// Negative when money is to be given back.
    balance_due: Money,
    /// Of the booking, for `If-Match`.
    version: i64,
}

fn arrival(a: Arrival, currency: Currency) -> ArrivalView {
    ArrivalView {
        booking_id: a.booking_id,
        reference: a.reference,
        client_id: a.client_id,
        client_name: a.client_name,
        seats: a.seats,
        status: a.status,
        occurrence_id: a.occurrence_id,
        program_title: a.program_title,
        local_starts_at: a.local_starts_at,
        balance_due: Money::new(a.balance_due, currency),
        version: a.version,
    }
}

/// A booking on which something is owed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OpenBalance {
    booking_id: BookingId,
    reference: String,
    client_id: ClientId,
    client_name: String,
    program_title: String,
    local_starts_at: Local,
    balance_due: Money,
}

fn open(o: OpenBooking, currency: Currency) -> OpenBalance {
    OpenBalance {
        booking_id: o.booking_id,
        reference: o.reference,
        client_id: o.client_id,
        client_name: o.client_name,
        program_title: o.program_title,
        local_starts_at: o.local_starts_at,
        balance_due: Money::new(o.balance_due, currency),
    }
}

/// Bookings on which something is owed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OpenBalances {
    count: i64,
    amount: Money,
    /// Ten of them, by the time of their occurrence.
    first: Vec<OpenBalance>,
}

/// An invoice whose day has passed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OverdueInvoice {
    id: InvoiceId,
    number: String,
    client_id: ClientId,
    client_name: String,
    due_on: String,
    balance_due: Money,
}

fn overdue(o: Overdue, currency: Currency) -> OverdueInvoice {
    OverdueInvoice {
        id: o.id,
        number: o.number,
        client_id: o.client_id,
        client_name: o.client_name,
        due_on: o.due_on,
        balance_due: Money::new(o.balance_due, currency),
    }
}

/// Invoices whose day has passed.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OverdueInvoices {
    count: i64,
    amount: Money,
    /// Ten of them, by their day.
    first: Vec<OverdueInvoice>,
}

/// What is done beside the requests.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct JobCounts {
    waiting: i64,
    failed: i64,
}

/// The disk of the data directory.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct DiskState {
    free_bytes: u64,
    reserve_bytes: u64,
    /// Whether less than twice the reserve is free; below it, nothing more is stored.
    low: bool,
}

/// A day at the desk.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Today")]
struct TodayView {
    /// In the desk's zone, such as `2026-11-24`.
    date: String,
    time_zone: Zone,
    occurrences: Vec<TodayOccurrence>,
    arrivals: Vec<ArrivalView>,
    open_balances: OpenBalances,
    overdue: OverdueInvoices,
    jobs: JobCounts,
    disk: DiskState,
}

fn view(today: Today, usage: &Usage) -> TodayView {
    let currency = today.currency;
    TodayView {
        date: today.date.to_string(),
        time_zone: today.time_zone,
        occurrences: today.occurrences.into_iter().map(TodayOccurrence::from).collect(),
        arrivals: today.arrivals.into_iter().map(|one| arrival(one, currency)).collect(),
        open_balances: OpenBalances {
            count: today.open.count,
            amount: Money::new(today.open.amount, currency),
            first: today.open.first.into_iter().map(|one| open(one, currency)).collect(),
        },
        overdue: OverdueInvoices {
            count: today.overdue.count,
            amount: Money::new(today.overdue.amount, currency),
            first: today.overdue.first.into_iter().map(|one| overdue(one, currency)).collect(),
        },
        jobs: JobCounts { waiting: today.waiting, failed: today.failed },
        disk: DiskState {
            free_bytes: usage.free,
            reserve_bytes: usage.reserve,
            low: usage.free < usage.reserve.saturating_mul(2),
        },
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
    /// A day at the desk: what takes place, who comes, what is owed, what has failed
    #[oai(path = "/today", method = "get", operation_id = "get_today")]
    async fn today(
        &self,
        call: Call,
        /// Today in the desk's zone unless said.
        date: Query<Option<String>>,
    ) -> Result<Json<TodayView>> {
        let date = date.0.as_deref().map(|day| Day::read("date", day)).transpose()?;
        let look = move |tx: &mut dyn Tx, actor: &Actor| {
            actor.may(Area::Invoices, Access::Read)?;
            actions::look(tx, date, actor.at)
        };
        let today = self.desk.read(&call, (Area::Bookings, Access::Read), look).await?;
        Ok(Json(view(today, &self.desk.files.usage())))
    }
}
