//! A booking, and which state may follow which.

use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency};
use crate::base::time::{Instant, Local, Zone};
use crate::business::clients::model::ClientId;
use crate::business::invoices::model::InvoiceId;
use crate::business::occurrences::model::OccurrenceId;
use crate::business::programs::model::ProgramId;
use crate::{word_column, words};

/// The id of a booking.
pub type BookingId = Id<Booking>;

words! {
    /// How a booking stands.
    pub enum Status {
        /// Seats are kept for a while.
        Held = "held",
        /// Seats are promised, and invoiced.
        Confirmed = "confirmed",
        /// No seats yet.
        Waitlisted = "waitlisted",
        /// They are here.
        CheckedIn = "checked_in",
        /// They did not come.
        NoShow = "no_show",
        /// Called off.
        Cancelled = "cancelled",
        /// Held for too long.
        Expired = "expired",
    }
}
word_column!(Status);

words! {
    /// What can be done with a booking.
    pub enum Verb {
        /// Promise the seats.
        Confirm = "confirm",
        /// Call it off.
        Cancel = "cancel",
        /// Move it to another occurrence.
        Reschedule = "reschedule",
        /// They have come.
        CheckIn = "check_in",
        /// They did not.
        NoShow = "no_show",
        /// Its time is over.
        Expire = "expire",
    }
}

impl Status {
    /// Whether its seats are taken.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed | Self::CheckedIn | Self::NoShow)
    }

    /// The state after `verb`.
    ///
    /// # Errors
    /// `invalid_state` when that cannot be done now.
    pub fn after(self, verb: Verb) -> Result<Self> {
        match (self, verb) {
            (Self::Held | Self::Waitlisted, Verb::Confirm) | (Self::Confirmed, Verb::Reschedule) => Ok(Self::Confirmed),
            (Self::Held, Verb::Reschedule) => Ok(Self::Held),
            (Self::Held | Self::Confirmed | Self::Waitlisted | Self::NoShow, Verb::Cancel) => Ok(Self::Cancelled),
            (Self::Confirmed | Self::NoShow, Verb::CheckIn) => Ok(Self::CheckedIn),
            (Self::Confirmed, Verb::NoShow) => Ok(Self::NoShow),
            (Self::Held, Verb::Expire) => Ok(Self::Expired),
            (_, verb) => {
                let verb = verb.as_str().replace('_', " ");
                Err(Error::new(Code::InvalidState, format!("This booking is {self}; one cannot {verb} it now.")))
            }
        }
    }
}

/// Seats that somebody has.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// What people read aloud.
    pub reference: String,
    /// Of what.
    pub occurrence_id: OccurrenceId,
    /// By whom.
    pub client_id: ClientId,
    /// Their name.
    pub client_name: String,
    /// How many.
    pub seats: i64,
    /// How it stands.
    pub status: Status,
    /// Minor units a seat.
    pub unit_price: i64,
    /// ISO 4217.
    pub currency: Currency,
    /// Basis points.
    pub tax_rate: BasisPoints,
    /// Minor units, with tax.
    pub total: i64,
    /// What they said.
    pub note: Option<String>,
    /// Until when seats are held.
    pub hold_expires_at: Option<Instant>,
    /// Its invoice.
    pub invoice_id: Option<InvoiceId>,
    /// What people call that.
    pub invoice_number: Option<String>,
    /// Minor units taken back.
    pub credited: i64,
    /// Minor units paid, refunds taken off.
    pub paid: i64,
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// What the wall shows.
    pub local_starts_at: Local,
    /// Where.
    pub time_zone: Zone,
    /// The instant.
    pub starts_at: Instant,
    /// Of which program.
    pub program_id: ProgramId,
    /// Its title.
    pub program_title: String,
}

impl Booking {
    /// What is still to be paid, in minor units; negative when money is to be given back.
    pub fn balance_due(&self) -> i64 {
        let owed = match self.invoice_id {
            Some(_) => self.total - self.credited,
            None if self.status.is_live() => self.total,
            None => 0,
        };
        owed - self.paid
    }
}

/// A booking as it is asked for.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// Of what.
    pub occurrence_id: OccurrenceId,
    /// By whom.
    pub client_id: ClientId,
    /// How many.
    pub seats: i64,
    /// What they said.
    pub note: Option<String>,
    /// Wait when there are no seats.
    pub waitlist: bool,
}

/// Which bookings a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of one state.
    pub status: Option<Status>,
    /// Of one occurrence.
    pub occurrence_id: Option<OccurrenceId>,
    /// Of one client.
    pub client_id: Option<ClientId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over() {
        for over in [Status::Cancelled, Status::Expired] {
            for verb in Verb::ALL {
                assert_eq!(over.after(*verb).expect_err("over").code, Code::InvalidState, "{over} {verb}");
            }
        }
    }

    #[test]
    fn nobody_checks_in_twice_or_confirms_twice() {
        assert_eq!(Status::Confirmed.after(Verb::CheckIn).expect("possible"), Status::CheckedIn);
        assert!(Status::CheckedIn.after(Verb::CheckIn).is_err());
        assert!(Status::Confirmed.after(Verb::Confirm).is_err());
        assert!(Status::CheckedIn.after(Verb::Cancel).is_err());
    }

    #[test]
    fn only_held_seats_expire() {
        for status in Status::ALL {
            assert_eq!(status.after(Verb::Expire).is_ok(), *status == Status::Held);
        }
    }
}
