//! What is seen of a day.

use crate::base::day::Day;
use crate::base::money::Currency;
use crate::base::time::{Instant, Local, Zone};
use crate::business::bookings::model::{BookingId, Status};
use crate::business::clients::model::ClientId;
use crate::business::invoices::model::InvoiceId;
use crate::business::occurrences::model::{OccurrenceId, Status as Takes};
use crate::business::programs::model::ProgramId;

/// An occurrence of the day.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its id.
    pub id: OccurrenceId,
    /// Of which program.
    pub program_id: ProgramId,
    /// Its title.
    pub program_title: String,
    /// What the wall shows.
    pub local_starts_at: Local,
    /// Where.
    pub time_zone: Zone,
    /// The instant.
    pub starts_at: Instant,
    /// The instant of the end.
    pub ends_at: Instant,
    /// Minutes.
    pub duration_minutes: i64,
    /// Whether it takes place.
    pub status: Takes,
    /// Seats there are.
    pub capacity: i64,
    /// Seats of live bookings, held ones among them.
    pub seats_taken: i64,
    /// Of these, held.
    pub seats_held: i64,
    /// Seats of those who are here.
    pub checked_in: i64,
}

/// Somebody who is expected, or is here, or did not come.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Their booking.
    pub booking_id: BookingId,
    /// What people read aloud.
    pub reference: String,
    /// Who.
    pub client_id: ClientId,
    /// Their name.
    pub client_name: String,
    /// Seats.
    pub seats: i64,
    /// How the booking stands.
    pub status: Status,
    /// Of what.
    pub occurrence_id: OccurrenceId,
    /// Of which program.
    pub program_title: String,
    /// When, on the wall.
    pub local_starts_at: Local,
    /// Minor units still to be paid; negative when money is to be given back.
    pub balance_due: i64,
    /// Of the booking.
    pub version: i64,
}

/// A booking on which something is owed.
#[derive(Clone, Debug)]
pub struct OpenBooking {
    /// Which.
    pub booking_id: BookingId,
    /// What people read aloud.
    pub reference: String,
    /// Who owes.
    pub client_id: ClientId,
    /// Their name.
    pub client_name: String,
    /// For what.
    pub program_title: String,
    /// When, on the wall.
    pub local_starts_at: Local,
    /// Minor units.
    pub balance_due: i64,
}

/// An invoice whose day has passed.
#[derive(Clone, Debug)]
pub struct Overdue {
    /// Which.
    pub id: InvoiceId,
    /// What people call it.
    pub number: String,
    /// Who owes.
    pub client_id: ClientId,
    /// Their name.
    pub client_name: String,
    /// The day.
    pub due_on: String,
    /// Minor units.
    pub balance_due: i64,
}

/// How many, how much in minor units, and the first of them.
#[derive(Clone, Debug)]
pub struct Open<T> {
    /// How many.
    pub count: i64,
    /// Minor units.
    pub amount: i64,
    /// The oldest ten.
    pub first: Vec<T>,
}

/// A day at the desk.
#[derive(Clone, Debug)]
pub struct Today {
    /// Which day.
    pub date: Day,
    /// The desk's zone.
    pub time_zone: Zone,
    /// Of every amount.
    pub currency: Currency,
    /// What begins on the day, in its order.
    pub occurrences: Vec<Due>,
    /// Who comes, in the order of their time and name.
    pub arrivals: Vec<Arrival>,
    /// Bookings on which something is owed.
    pub open: Open<OpenBooking>,
    /// Invoices whose day had passed.
    pub overdue: Open<Overdue>,
    /// Events that wait.
    pub waiting: i64,
    /// Events that were given up.
    pub failed: i64,
}
