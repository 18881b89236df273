//! A client, and the words by which a search finds them.

use crate::base::error::{Check, Error, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;

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

    /// The words by which this client is found: of name, e-mail, city and tags, and the phone number's digits.
    pub fn words(&self) -> Vec<String> {
        let mut words = split(&self.name);
        for part in [self.email.as_deref(), self.city.as_deref()].into_iter().flatten() {
            words.extend(split(part));
        }
        words.extend(self.email.iter().map(|email| cut(email)));
        words.extend(self.tags.iter().flat_map(|tag| split(tag)));
        let digits: String = self.phone.iter().flat_map(|phone| phone.chars()).filter(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            words.push(cut(&digits));
        }
        words.sort();
        words.dedup();
        words.truncate(60);
        words
    }
}

/// The beginnings that a search asks for; the longest first, since it leaves the fewest rows.
///
/// # Errors
/// `invalid_field` when nothing to search for is left.
pub fn terms(query: &str) -> Result<Vec<String>> {
    let mut terms = if query.contains('@') { vec![cut(&query.trim().to_lowercase())] } else { split(query) };
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    terms.truncate(6);
    if terms.is_empty() { Err(Error::field("q", "must hold a letter or digit")) } else { Ok(terms) }
}

/// The first text that is greater than every text beginning with `term`.
pub fn after_prefix(term: &str) -> String {
    format!("{term}\u{10ffff}")
}

fn split(text: &str) -> Vec<String> {
    text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(cut).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Details {
        Details {
            name: "Ada Lovelace-King".into(),
            email: Some("Ada@Example.org".into()),
            phone: Some("+49 30 1234".into()),
            tags: vec!["Stammgast".into()],
            ..Details::default()
        }
    }

    #[test]
    fn a_client_is_found_by_every_word_address_and_number() {
        let words = ada().checked().expect("good").words();
        for word in ["ada", "lovelace", "king", "ada@example.org", "example", "49301234", "stammgast"] {
            assert!(words.iter().any(|w| w == word), "{word} in {words:?}");
        }
    }

    #[test]
    fn a_search_asks_for_its_longest_word_first() {
        assert_eq!(terms(" Ada LOVE ").expect("words"), ["love", "ada"]);
        assert_eq!(terms("ada@ex").expect("an address"), ["ada@ex"]);
        assert!(terms(" - ").is_err());
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = Details { email: Some("x".into()), country: Some("Germany".into()), ..Details::default() };
        let fields: Vec<_> = wrong.checked().expect_err("three").fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["name", "email", "address.country"]);
    }
}
