//! The words of a document, in the languages that it is written in.
//!
//! A client of another language gets English words with names as they are: right-to-left names are drawn right to left
//! by the engine, and a document with Arabic or Hebrew words would need its table turned around, which nobody who reads
//! these languages has looked at yet.

mod germanic;
mod romance;

use rust_decimal::Decimal;

use crate::business::invoices::model::Unit;

/// The words of a language. `{tax}`, `{amount}`, `{day}`, `{number}` and `{currency}` are filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    pub code: &'static str,
    // What it is.
    pub invoice: &'static str,
    pub credit_note: &'static str,
    pub draft: &'static str,
    // The facts beside the address.
    pub date: &'static str,
    pub due: &'static str,
    pub service_day: &'static str,
    pub service_period: &'static str,
    pub your_reference: &'static str,
    pub order: &'static str,
    pub your_vat_id: &'static str,
    pub corrects: &'static str,
    /// Between a number and its day: `2026-00012 of 3 November 2026`.
    pub of_day: &'static str,
    // The table.
    pub position: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    pub price: &'static str,
    pub tax: &'static str,
    pub amount: &'static str,
    pub amounts: &'static str,
    pub amounts_without: &'static str,
    pub amounts_with: &'static str,
    pub discount: &'static str,
    pub carried: &'static str,
    pub brought: &'static str,
    // The sums.
    pub subtotal: &'static str,
    pub net: &'static str,
    /// Between a rate and what it is taken of: `VAT 19% on 100.00`.
    pub on: &'static str,
    pub total: &'static str,
    pub rounding: &'static str,
    pub prepaid: &'static str,
    pub to_pay: &'static str,
    pub credit: &'static str,
    // How to pay.
    pub payment: &'static str,
    pub pay_by: &'static str,
    pub pay_now: &'static str,
    pub use_slip: &'static str,
    pub paid: &'static str,
    pub holder: &'static str,
    pub reference: &'static str,
    pub scan: &'static str,
    pub code_shows: &'static str,
    // The foot.
    pub vat_id: &'static str,
    pub tax_number: &'static str,
    pub page: &'static str,
    pub of_pages: &'static str,
    /// Singular and plural, in the order of [`Unit::ALL`].
    units: [(&'static str, &'static str); 15],
    /// Whether 1.5 is said in the singular.
    less_than_two_is_one: bool,
}

impl Words {
    /// Of a BCP 47 tag.
    pub fn of(locale: &str) -> &'static Self {
        match locale.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("de") => &germanic::GERMAN,
            Some("nl") => &germanic::DUTCH,
            Some("fr") => &romance::FRENCH,
            Some("es") => &romance::SPANISH,
            Some("it") => &romance::ITALIAN,
            _ => &germanic::ENGLISH,
        }
    }

    /// What the tax is called where the seller is.
    pub fn tax_in(&self, country: Option<&str>) -> &'static str {
        match (self.code, country) {
            ("de", Some("CH" | "LI")) => "MWST",
            ("en", Some("US")) => "Tax",
            ("en", Some("AU" | "NZ" | "SG" | "IN" | "MY" | "CA")) => "GST",
            _ => self.tax,
        }
    }

    /// What the number under which the seller pays it is called.
    pub fn vat_id_in(&self, country: Option<&str>) -> &'static str {
        match (self.code, country) {
            ("de", Some("CH" | "LI")) => "MWST-Nr.",
            ("de", Some("AT")) => "UID-Nr.",
            _ => self.vat_id,
        }
    }

    /// What a quantity counts, in the right number; nothing for [`Unit::One`].
    pub fn unit(&self, unit: Unit, quantity: Decimal) -> &'static str {
        let (one, many) = self.units.get(unit as usize).copied().unwrap_or_default();
        let quantity = quantity.abs();
        let singular = if self.less_than_two_is_one { quantity < Decimal::TWO } else { quantity == Decimal::ONE };
        if singular { one } else { many }
    }
}

/// The name of a country (ISO 3166-1 alpha-2) in a language, from CLDR.
pub fn country(language: &str, code: &str) -> Option<&'static str> {
    let column = match language {
        "de" => 2,
        "fr" => 3,
        "es" => 4,
        "it" => 5,
        "nl" => 6,
        _ => 1,
    };
    let row = include_str!("../countries.tsv").lines().find(|row| row.get(..2) == Some(code))?;
    row.split('\t').nth(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_speak_their_language_and_strangers_english() {
        for (locale, code) in
            [("de-CH", "de"), ("FR", "fr"), ("es-MX", "es"), ("it", "it"), ("nl-BE", "nl"), ("ar", "en"), ("", "en")]
        {
            assert_eq!(Words::of(locale).code, code, "{locale}");
        }
    }

    #[test]
    fn units_stand_in_the_right_number() {
        let said = |locale: &str, unit, quantity: &str| {
            Words::of(locale).unit(unit, quantity.parse().expect("a decimal")).to_owned()
        };
        assert_eq!(said("en", Unit::Hour, "1"), "hour");
        assert_eq!(said("en", Unit::Hour, "1.0"), "hour");
        assert_eq!(said("en", Unit::Hour, "1.5"), "hours");
        assert_eq!(said("fr", Unit::Hour, "1.5"), "heure");
        assert_eq!(said("fr", Unit::Hour, "2"), "heures");
        assert_eq!(said("de", Unit::Day, "-1"), "Tag");
        assert_eq!(said("nl", Unit::Person, "3"), "personen");
        assert_eq!(said("es", Unit::SquareMetre, "3"), "m²");
        assert_eq!(said("it", Unit::One, "3"), "");
    }

    #[test]
    fn every_language_has_each_unit_and_every_place_that_is_filled_in() {
        assert_eq!(Unit::ALL.len(), 15);
        for locale in ["en", "de", "fr", "es", "it", "nl"] {
            let words = Words::of(locale);
            for unit in Unit::ALL.iter().filter(|unit| **unit != Unit::One) {
                assert!(!words.unit(*unit, Decimal::ONE).is_empty(), "{locale} {unit}");
            }
            for text in [words.amounts, words.amounts_without, words.amounts_with] {
                assert!(text.contains("{currency}"), "{text}");
            }
            assert!(words.pay_by.contains("{amount}") && words.pay_by.contains("{day}"), "{locale}");
            assert!(words.pay_now.contains("{amount}") && words.use_slip.contains("{amount}"), "{locale}");
            assert!(words.code_shows.contains("{amount}") && words.code_shows.contains("{number}"), "{locale}");
        }
    }

    #[test]
    fn countries_have_names_in_each_language() {
        let names: Vec<_> =
            ["en", "de", "fr", "es", "it", "nl"].map(|l| country(l, "CH")).into_iter().flatten().collect();
        assert_eq!(names, ["Switzerland", "Schweiz", "Suisse", "Suiza", "Svizzera", "Zwitserland"]);
        assert_eq!(country("en", "ZZ"), None);
        for row in include_str!("../countries.tsv").lines() {
            assert_eq!(row.split('\t').filter(|name| !name.is_empty()).count(), 7, "{row}");
        }
    }

    #[test]
    fn the_tax_is_called_as_where_the_seller_is() {
        assert_eq!(Words::of("de").tax_in(Some("DE")), "USt");
        assert_eq!(Words::of("de-CH").tax_in(Some("CH")), "MWST");
        assert_eq!(Words::of("en").tax_in(Some("US")), "Tax");
        assert_eq!(Words::of("en").tax_in(None), "VAT");
    }
}
