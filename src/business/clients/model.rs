//! A client, and what is known about them.

use crate::base::error::{Check, FieldError, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;
use crate::words;

/// The id of a client.
pub type ClientId = Id<Client>;

/// A person or firm that books.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// What is known.
    pub details: Details,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Bookings of any state.
    pub bookings: i64,
}

/// What is known about a client.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Name of the person or firm.
    pub name: String,
    /// Where mails go.
    pub email: Option<String>,
    /// As they wrote it.
    pub phone: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// VAT id, for firms.
    pub vat_id: Option<String>,
    /// Language of mails and invoices.
    pub locale: Option<String>,
    /// Words to group by.
    pub tags: Vec<String>,
    /// Written notes.
    pub notes: Option<String>,
    /// What they want to read on invoices (BT-10), such as a Leitweg-ID.
    pub buyer_reference: Option<String>,
}

impl Details {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(mut self) -> Result<Self> {
        let mut check = Check::new();
        self.name = check.take("name", text::line("name", &self.name, 120)).unwrap_or_default();
        self.email = match self.email.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(email) => check.take("email", text::email("email", email)),
        };
        for (field, value, most) in [
            ("phone", &mut self.phone, 40),
            ("address.street", &mut self.street, 160),
            ("address.postcode", &mut self.postcode, 20),
            ("address.city", &mut self.city, 80),
            ("vat_id", &mut self.vat_id, 30),
            ("locale", &mut self.locale, 20),
            ("buyer_reference", &mut self.buyer_reference, 100),
        ] {
            *value = check.take(field, text::optional_line(field, value.as_deref(), most)).flatten();
        }
        if let Some(country) = self.country.take().filter(|country| !country.trim().is_empty()) {
            let country = country.trim().to_ascii_uppercase();
            let good = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
            check.that(good, "address.country", "must be an ISO 3166-1 code of two letters such as DE");
            self.country = Some(country);
        }
        check.that(self.tags.len() <= 30, "tags", "must be at most 30");
        let tags: Vec<_> = self.tags.iter().map(|tag| check.take("tags", text::line("tags", tag, 40))).collect();
        self.tags = tags.into_iter().flatten().collect();
        self.tags.dedup();
        self.notes = match &self.notes {
            Some(notes) => check.take("notes", text::block("notes", notes, 20_000)).filter(|notes| !notes.is_empty()),
            None => None,
        };
        check.done()?;
        Ok(self)
    }
}

impl Details {
    /// Itself with what it lacks taken from another: an address as a whole, tags united, written notes joined.
    #[must_use]
    pub fn completed_by(mut self, other: Self) -> Self {
        if self.street.is_none() && self.postcode.is_none() && self.city.is_none() {
            (self.street, self.postcode, self.city) = (other.street, other.postcode, other.city);
            self.country = other.country.clone().or(self.country);
        }
        self.email = self.email.or(other.email);
        self.phone = self.phone.or(other.phone);
        self.country = self.country.or(other.country);
        self.vat_id = self.vat_id.or(other.vat_id);
        self.locale = self.locale.or(other.locale);
        self.buyer_reference = self.buyer_reference.or(other.buyer_reference);
        for tag in other.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        self.notes = match (self.notes, other.notes) {
            (Some(own), Some(more)) if own.contains(&more) => Some(own),
            (Some(own), Some(more)) => Some(format!("{own}\n\n{more}")),
            (own, more) => own.or(more),
        };
        self
    }

    /// Itself with what another says in its place; tags united, written notes joined, so that nothing is lost.
    #[must_use]
    pub fn corrected_by(self, newer: Self) -> Self {
        let had = self.street.is_some() || self.postcode.is_some() || self.city.is_some();
        let has = newer.street.is_some() || newer.postcode.is_some() || newer.city.is_some();
        let (own, tags, notes) = (self.clone(), self.tags, self.notes);
        let own = match had && has {
            true => Self { street: None, postcode: None, city: None, country: None, ..own },
            false => own,
        };
        let said = Self { tags, notes, ..newer.clone() };
        let joined = said.completed_by(Self { tags: newer.tags, notes: newer.notes, ..Self::default() });
        joined.completed_by(Self { tags: Vec::new(), notes: None, ..own })
    }
}

words! {
    /// Why clients may be one.
    pub enum Likeness {
        /// The same e-mail.
        Email = "email",
        /// The same digits of a telephone number.
        Phone = "phone",
        /// The same name; case and marks make no difference.
        Name = "name",
    }
}

/// Clients of a group that are shown at most.
pub const MOST_SHOWN: i64 = 20;

/// Clients who may be one.
#[derive(Clone, Debug)]
pub struct Group {
    /// Why.
    pub likeness: Likeness,
    /// What they have in common.
    pub value: String,
    /// Who; 20 at most.
    pub clients: Vec<Client>,
}

words! {
    /// What becomes of a row that is somebody already.
    pub enum OnDuplicate {
        /// Nothing.
        Skip = "skip",
        /// What it says is taken over.
        Update = "update",
        /// Another client.
        Create = "create",
    }
}

words! {
    /// What became of a row.
    pub enum Outcome {
        /// A client.
        Created = "created",
        /// A client there was is changed.
        Updated = "updated",
        /// Nothing: the client is there.
        Skipped = "skipped",
        /// Nothing: it cannot be taken in.
        Wrong = "wrong",
    }
}

/// A row of an import and what became of it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Which one, from 0.
    pub row: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// Whom it became or was already.
    pub client_id: Option<ClientId>,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

/// What a client has in all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Bookings of any state.
    pub bookings: i64,
    /// Held or confirmed ones of what is still to come.
    pub upcoming: i64,
    /// How often they did not come.
    pub no_shows: i64,
    /// Invoices and credit notes.
    pub invoices: i64,
    /// Spoken notes.
    pub audio_notes: i64,
    /// Files.
    pub files: i64,
    /// Minor units invoiced, credit notes taken off.
    pub invoiced: i64,
    /// Minor units owed on invoices.
    pub balance_due: i64,
    /// When what they last came to began.
    pub last_visit_at: Option<Instant>,
}

words! {
    /// In which order clients are listed.
    pub enum Order {
        /// The newest first.
        Newest = "newest",
        /// By name; case and marks make no difference.
        Name = "name",
    }
}

/// Which clients a list shows, and how.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Beginnings of words.
    pub query: Option<String>,
    /// A tag, as it is written.
    pub tag: Option<String>,
    /// In which order.
    pub order: Order,
}

/// Where a client stands in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key of the name.
    pub name_key: String,
    /// The client.
    pub id: ClientId,
}

impl Order {
    /// What stands before everything, or the place itself.
    pub fn start(self, after: Option<&Place>) -> (&str, ClientId) {
        match (after, self) {
            (Some(place), _) => (place.name_key.as_str(), place.id),
            (None, Self::Newest) => ("", Id::from_bytes([0xff; 16])),
            (None, Self::Name) => ("", Id::from_bytes([0; 16])),
        }
    }
}

/// The beginnings of terms in `client_terms` that a search means; the longest first, since it leaves the fewest.
///
/// # Errors
/// `invalid_field` when nothing to search for is left.
pub fn terms(query: &str) -> Result<Vec<String>> {
    Ok(super::search::wanted(query)?.into_iter().map(|wanted| wanted.term).collect())
}

/// A text behind every text that begins with `term`.
pub fn after_prefix(term: &str) -> String {
    format!("{term}\u{10ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_clients_nothing_is_lost_and_an_address_stays_whole() {
        let kept = Details {
            name: "Ada".into(),
            street: Some("Old Street 1".into()),
            tags: vec!["a".into()],
            notes: Some("Left-handed".into()),
            ..Details::default()
        };
        let other = Details {
            name: "A. King".into(),
            email: Some("ada@example.org".into()),
            street: Some("New Street 2".into()),
            city: Some("Kiel".into()),
            tags: vec!["a".into(), "b".into()],
            notes: Some("Allergic to nuts".into()),
            ..Details::default()
        };
        let one = kept.clone().completed_by(other.clone());
        assert_eq!((one.name.as_str(), one.street.as_deref(), one.city), ("Ada", Some("Old Street 1"), None));
        assert_eq!((one.email.as_deref(), one.tags), (Some("ada@example.org"), vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(one.notes.as_deref(), Some("Left-handed\n\nAllergic to nuts"));
        let newer = kept.corrected_by(Details { postcode: Some("24103".into()), ..other });
        assert_eq!((newer.name.as_str(), newer.street.as_deref()), ("A. King", Some("New Street 2")));
        assert_eq!(newer.notes.as_deref(), Some("Left-handed\n\nAllergic to nuts"));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = Details { email: Some("x".into()), country: Some("Germany".into()), ..Details::default() };
        let fields: Vec<_> = wrong.checked().expect_err("three").fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["name", "email", "address.country"]);
    }
}
