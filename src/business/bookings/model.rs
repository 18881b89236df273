//! A booking, and which state may follow which.

use crate::base::day::Day;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency};
use crate::base::time::{Instant, Local, Zone};
use crate::business::clients::model::{ClientId, terms};
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

words! {
    /// How a booking's money stands.
    pub enum Balance {
        /// Something is still to be paid.
        Due = "due",
        /// Something is to be given back.
        Overpaid = "overpaid",
        /// Neither.
        Settled = "settled",
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
    /// When they came.
    pub checked_in_at: Option<Instant>,
    /// What it was before its check-in or no-show, which can be taken back.
    pub status_before: Option<Status>,
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
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one of these states; of any when there is none.
    pub statuses: Vec<Status>,
    /// Of one occurrence.
    pub occurrence_id: Option<OccurrenceId>,
    /// Of one client.
    pub client_id: Option<ClientId>,
    /// Of one program.
    pub program_id: Option<ProgramId>,
    /// Of occurrences on this day or later.
    pub from: Option<Day>,
    /// Of occurrences on this day or earlier.
    pub to: Option<Day>,
    /// By their money.
    pub balance: Option<Balance>,
    /// By what people know of them.
    pub search: Option<Search>,
}

impl Filter {
    /// States from their names, with commas between.
    ///
    /// # Errors
    /// `invalid_field` naming `status`.
    pub fn statuses(names: &str) -> Result<Vec<Status>> {
        let mut found = Vec::new();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let status = name.parse().map_err(|error: Error| {
                let why = error.fields.first().map_or_else(String::new, |wrong| wrong.message.clone());
                Error::field("status", why)
            })?;
            if !found.contains(&status) {
                found.push(status);
            }
        }
        Ok(found)
    }

    /// Itself.
    ///
    /// # Errors
    /// `invalid_field` naming `to` when it lies before `from`.
    pub fn checked(self) -> Result<Self> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => Err(Error::field("to", "must not lie before from")),
            _ => Ok(self),
        }
    }

    /// Whether one index finds it: at most one state, and nothing that only other tables know.
    pub fn is_plain(&self) -> bool {
        let plain = self.program_id.is_none() && self.balance.is_none() && self.search.is_none();
        plain && !self.has_days() && self.statuses.len() <= 1
    }

    /// Whether it names days.
    pub const fn has_days(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Its days as texts around the wall-clock times of occurrences: from the first on, and before the second.
    pub fn walls(&self) -> (String, String) {
        // A wall-clock time goes on with a T behind its day.
        let to = self.to.map_or_else(|| "~".to_owned(), |day| format!("{day}U"));
        (self.from.map_or_else(String::new, |day| day.to_string()), to)
    }
}

/// What people know of a booking: the beginning of its reference, words of its client, the number of its invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// As it was typed, tidied: the number of an invoice.
    pub number: String,
    /// In capitals, when it may be the beginning of a reference.
    pub reference: Option<String>,
    /// The two longest beginnings of words of the client; the same twice when there is one.
    pub words: [String; 2],
}

impl Search {
    /// From what was typed; none when that is empty.
    ///
    /// # Errors
    /// `invalid_field` naming `q` when it holds no letter or digit.
    pub fn read(q: &str) -> Result<Option<Self>> {
        let q = q.trim();
        if q.is_empty() {
            return Ok(None);
        }
        let words = terms(q)?;
        let first = words.first().cloned().unwrap_or_default();
        let second = words.get(1).unwrap_or(&first).clone();
        // One or two letters begin too many references to be one.
        let may_be = (3..=16).contains(&q.len()) && q.chars().all(|c| c.is_ascii_alphanumeric());
        Ok(Some(Self {
            number: q.chars().take(190).collect(),
            reference: may_be.then(|| q.to_ascii_uppercase()),
            words: [first, second],
        }))
    }
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
    fn a_list_may_name_several_states_once_each() {
        assert_eq!(Filter::statuses("held, no_show,held").expect("states"), [Status::Held, Status::NoShow]);
        assert_eq!(Filter::statuses("held,boat").expect_err("no state").fields[0].field, "status");
    }

    #[test]
    fn what_is_typed_may_be_a_reference_a_name_or_a_number() {
        let found = |q: &str| Search::read(q).expect("words").expect("something");
        assert_eq!(found("k7q").reference.as_deref(), Some("K7Q"));
        assert_eq!(found("grace h").reference, None);
        assert_eq!(found("grace h").words, ["grace", "h"]);
        assert_eq!(found(" 2026-00001 ").number, "2026-00001");
        assert!(Search::read(" ").expect("nothing").is_none() && Search::read("--").is_err());
    }

    #[test]
    fn only_held_seats_expire() {
        for status in Status::ALL {
            assert_eq!(status.after(Verb::Expire).is_ok(), *status == Status::Held);
        }
    }
}
