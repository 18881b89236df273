//! The terms by which clients are found and the keys by which they are put in order. Pure.
//!
//! A term is a word, or the first one, two or three letters of one, or up to eight digits of a number: what many clients
//! have in common is then one term, whose clients are listed in order, and what is longer means few different words.
//! Letters and digits are words apart, since addresses join them (`schmidt73`). A tag is a term behind `#`, an address
//! a word behind `@`.

pub mod find;
mod sql;

use super::model::Details;
use crate::base::error::{Error, Result};
use crate::base::text::fold;

/// Letters of a name by which clients are put in order.
const NAME_KEY: usize = 40;
/// Letters of a word that are kept.
const WORD: usize = 40;
/// The same of an address.
const ADDRESS: usize = 190;
/// Words of a client that are kept.
const WORDS: usize = 60;
/// Beginnings up to this length are terms of their own.
const SHORT: usize = 3;
/// The same of numbers: those of telephones begin alike.
const SHORT_NUMBER: usize = 8;
/// Words of a search; what is behind them does not count.
const ASKED: usize = 5;
/// Digits below which equal numbers say nothing.
const PHONE_DIGITS: usize = 7;

/// What a search asks a term to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The term, or its beginning.
    pub term: String,
    /// Only this term.
    pub exact: bool,
}

impl Wanted {
    /// The last text that matches, or one behind it.
    pub fn last(&self) -> String {
        if self.exact { self.term.clone() } else { format!("{}\u{10ffff}", self.term) }
    }
}

/// What a term begins with, as far as that is a term by itself.
pub fn beginning(term: &str) -> String {
    cut(term, short(term))
}

/// The key by which names are put in order and compared; never empty.
pub fn name_key(name: &str) -> String {
    let key = cut(&split(name).join(" "), NAME_KEY).trim_end().to_owned();
    // A name without a letter stands behind those that have some.
    if key.is_empty() { cut(&format!("~{}", name.to_lowercase()), NAME_KEY) } else { key }
}

/// The digits of a telephone number, when they are enough to tell people apart.
pub fn phone_key(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= PHONE_DIGITS).then_some(digits)
}

/// The term of a tag.
pub fn tag_term(tag: &str) -> String {
    format!("#{tag}")
}

/// The tag of a term that is one.
pub fn tag_of(term: &str) -> Option<&str> {
    term.strip_prefix('#')
}

/// The terms of a client: of name, e-mail, city and tags, and the phone number's digits; sorted, each once.
pub fn terms(details: &Details) -> Vec<String> {
    let mut words = split(&details.name);
    if let Some(email) = &details.email {
        // What stands behind the last dot is nobody's own.
        words.extend(split(email.rsplit_once('.').map_or(email.as_str(), |(before, _)| before)));
    }
    words.extend(details.city.iter().flat_map(|city| split(city)));
    words.extend(details.tags.iter().flat_map(|tag| split(tag)));
    let digits: String = details.phone.iter().flat_map(|phone| phone.chars()).filter(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        words.push(cut(&digits, WORD));
    }
    words.sort();
    words.dedup();
    words.truncate(WORDS);
    let mut terms: Vec<String> = details.tags.iter().map(|tag| tag_term(tag)).collect();
    let address = details.email.iter().map(|email| cut(&format!("@{}", fold(email)), ADDRESS));
    for word in words.into_iter().chain(address) {
        let ends = word.char_indices().map(|(at, _)| at).skip(1).take(short(&word));
        terms.extend(ends.filter_map(|end| word.get(..end)).map(str::to_owned));
        terms.push(word);
    }
    terms.sort();
    terms.dedup();
    terms
}

/// What a search asks for; the longest first, since it leaves the fewest.
///
/// # Errors
/// `invalid_field` when nothing to search for is left.
pub fn wanted(query: &str) -> Result<Vec<Wanted>> {
    let query = query.trim();
    if query.contains('@') {
        let term = cut(&format!("@{}", fold(query).trim_start_matches('@')), ADDRESS);
        return Ok(vec![Wanted { exact: term.chars().count() <= short(&term), term }]);
    }
    // People group the digits of a number as they like.
    let number = query.chars().all(|c| c.is_ascii_digit() || " +-/().".contains(c));
    let mut words = match number {
        true => vec![cut(&query.chars().filter(char::is_ascii_digit).collect::<String>(), WORD)],
        false => split(query),
    };
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(ASKED);
    if words.is_empty() {
        return Err(Error::field("q", "must hold a letter or digit"));
    }
    Ok(words.into_iter().map(|term| Wanted { exact: term.chars().count() <= short(&term), term }).collect())
}

/// Up to which length the beginnings of a word are terms.
fn short(word: &str) -> usize {
    if word.starts_with('@') {
        // The sign and three letters.
        return SHORT + 1;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) { SHORT_NUMBER } else { SHORT }
}

/// Words of letters and words of digits, folded.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in fold(text).split(|c: char| !c.is_alphanumeric()) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            words.push(cut(word, WORD));
            rest = behind;
        }
    }
    words
}

fn cut(word: &str, most: usize) -> String {
    word.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Details {
        Details {
            name: "Ada Lovelace-Köng".into(),
            email: Some("ada@example.org".into()),
            phone: Some("+49 30 1234".into()),
            tags: vec!["VIP Gäste".into()],
            ..Details::default()
        }
    }

    #[test]
    fn a_client_is_found_by_every_word_address_number_and_tag() {
        let terms = terms(&ada());
        for term in [
            "a",
            "ad",
            "ada",
            "lov",
            "lovelace",
            "kong",
            "@ada@example.org",
            "example",
            "49301234",
            "#VIP Gäste",
            "gaste",
        ] {
            assert!(terms.iter().any(|t| t == term), "{term} in {terms:?}");
        }
        assert!(!terms.iter().any(|t| t == "org" || t == "love"), "{terms:?}");
    }

    #[test]
    fn a_search_asks_for_its_longest_word_first() {
        let asked = |query: &str| -> Vec<(String, bool)> {
            wanted(query).expect("words").into_iter().map(|w| (w.term, w.exact)).collect()
        };
        assert_eq!(asked(" Ada LÖVE "), [("love".into(), false), ("ada".into(), true)]);
        assert_eq!(asked("Ada@ex"), [("@ada@ex".into(), false)]);
        assert_eq!(asked("+49 (30) 12"), [("493012".into(), true)]);
        assert_eq!(asked("schmidt73"), [("schmidt".into(), false), ("73".into(), true)]);
        assert!(wanted(" - ").is_err());
    }

    #[test]
    fn names_are_compared_without_case_marks_and_punctuation() {
        assert_eq!(name_key("Müller,  Jörg"), "muller jorg");
        assert_eq!(name_key("MULLER JORG"), name_key("Müller-Jörg"));
        assert_eq!(name_key("—"), "~—");
        assert_eq!(phone_key("+49 (30) 12-34").as_deref(), Some("49301234"));
        assert_eq!(phone_key("112"), None);
    }
}
