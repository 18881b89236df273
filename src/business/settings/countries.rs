//! What a country suggests: currency, time zone, language and tax rates, as of 2026.
//!
//! A suggestion for the first run, which the owner sees and may change; nothing is looked up here later. Special rates
//! that no studio meets (food, fuel, islands) are left out. Taxes on sales in the United States differ by place and are
//! not part of a price, so none is suggested.

use super::model::TaxRate;
use crate::base::money::BasisPoints;
use crate::base::tax::Category;

/// What a country suggests.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// The zone in which most people live.
    pub zone: &'static str,
    /// The language most spoken there, of those in which documents are written; else `en`.
    pub locale: &'static str,
    /// Names and rates in millionths; the usual one first.
    rates: &'static [(&'static str, i64)],
}

impl Country {
    /// Its tax rates, the usual one first.
    pub fn tax_rates(&self) -> Vec<TaxRate> {
        rates(self.code, self.rates)
    }
}

/// The language that a country suggests; `en` for one that is not listed.
pub(super) fn locale_of(code: &str) -> &'static str {
    find(code).map_or("en", |country| country.locale)
}

/// The tax rates that a country suggests; one that is not listed starts with none.
pub(super) fn rates_of(code: &str) -> Vec<TaxRate> {
    find(code).map_or_else(|| rates(code, &[(NONE, 0)]), Country::tax_rates)
}

fn find(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.code == code)
}

fn rates(code: &str, rates: &[(&str, i64)]) -> Vec<TaxRate> {
    let rate = |(name, rate): &(&str, i64)| TaxRate {
        name: (*name).to_owned(),
        rate: BasisPoints::from_millionths(*rate),
        category: Some(match (*rate, code) {
            (0, "GB" | "IE") => Category::Zero,
            (0, _) => Category::Exempt,
            _ => Category::Standard,
        }),
        reason: None,
    };
    rates.iter().map(rate).collect()
}

const STANDARD: &str = "Standard";
const REDUCED: &str = "Reduced";
const NONE: &str = "No tax";

const fn of(
    code: &'static str,
    currency: &'static str,
    zone: &'static str,
    locale: &'static str,
    rates: &'static [(&'static str, i64)],
) -> Country {
    Country { code, currency, zone, locale, rates }
}

/// Every country of the EU and the EEA, Switzerland, the United Kingdom, and others; by code.
#[rustfmt::skip] // a table reads by columns
pub const COUNTRIES: &[Country] = &[
    of("AD", "EUR", "Europe/Andorra", "es", &[(STANDARD, 45_000), (REDUCED, 25_000), (REDUCED, 10_000), (NONE, 0)]),
    of("AE", "AED", "Asia/Dubai", "en", &[(STANDARD, 50_000), (NONE, 0)]),
    of("AR", "ARS", "America/Argentina/Buenos_Aires", "es", &[(STANDARD, 210_000), (REDUCED, 105_000), (NONE, 0)]),
    of("AT", "EUR", "Europe/Vienna", "de", &[(STANDARD, 200_000), (REDUCED, 130_000), (REDUCED, 100_000), (NONE, 0)]),
    of("AU", "AUD", "Australia/Sydney", "en", &[("GST", 100_000), (NONE, 0)]),
    of("BE", "EUR", "Europe/Brussels", "nl", &[(STANDARD, 210_000), (REDUCED, 120_000), (REDUCED, 60_000), (NONE, 0)]),
    of("BG", "EUR", "Europe/Sofia", "en", &[(STANDARD, 200_000), (REDUCED, 90_000), (NONE, 0)]),
    of("CA", "CAD", "America/Toronto", "en", &[("GST", 50_000), ("HST Ontario", 130_000), ("HST Nova Scotia", 140_000), ("HST", 150_000), ("GST and QST", 149_750), (NONE, 0)]),
    of("CH", "CHF", "Europe/Zurich", "de", &[(STANDARD, 81_000), (REDUCED, 38_000), (REDUCED, 26_000), (NONE, 0)]),
    of("CL", "CLP", "America/Santiago", "es", &[(STANDARD, 190_000), (NONE, 0)]),
    of("CO", "COP", "America/Bogota", "es", &[(STANDARD, 190_000), (REDUCED, 50_000), (NONE, 0)]),
    of("CY", "EUR", "Asia/Nicosia", "en", &[(STANDARD, 190_000), (REDUCED, 90_000), (REDUCED, 50_000), (REDUCED, 30_000), (NONE, 0)]),
    of("CZ", "CZK", "Europe/Prague", "en", &[(STANDARD, 210_000), (REDUCED, 120_000), (NONE, 0)]),
    of("DE", "EUR", "Europe/Berlin", "de", &[(STANDARD, 190_000), (REDUCED, 70_000), (NONE, 0)]),
    of("DK", "DKK", "Europe/Copenhagen", "en", &[(STANDARD, 250_000), (NONE, 0)]),
    of("EE", "EUR", "Europe/Tallinn", "en", &[(STANDARD, 240_000), (REDUCED, 130_000), (REDUCED, 90_000), (NONE, 0)]),
    of("ES", "EUR", "Europe/Madrid", "es", &[(STANDARD, 210_000), (REDUCED, 100_000), (REDUCED, 40_000), (NONE, 0)]),
    of("FI", "EUR", "Europe/Helsinki", "en", &[(STANDARD, 255_000), (REDUCED, 135_000), (REDUCED, 100_000), (NONE, 0)]),
    of("FR", "EUR", "Europe/Paris", "fr", &[(STANDARD, 200_000), (REDUCED, 100_000), (REDUCED, 55_000), (REDUCED, 21_000), (NONE, 0)]),
    of("GB", "GBP", "Europe/London", "en", &[(STANDARD, 200_000), (REDUCED, 50_000), (NONE, 0)]),
    of("GR", "EUR", "Europe/Athens", "en", &[(STANDARD, 240_000), (REDUCED, 130_000), (REDUCED, 60_000), (NONE, 0)]),
    of("HR", "EUR", "Europe/Zagreb", "en", &[(STANDARD, 250_000), (REDUCED, 130_000), (REDUCED, 50_000), (NONE, 0)]),
    of("HU", "HUF", "Europe/Budapest", "en", &[(STANDARD, 270_000), (REDUCED, 180_000), (REDUCED, 50_000), (NONE, 0)]),
    of("IE", "EUR", "Europe/Dublin", "en", &[(STANDARD, 230_000), (REDUCED, 135_000), (REDUCED, 90_000), (NONE, 0)]),
    of("IS", "ISK", "Atlantic/Reykjavik", "en", &[(STANDARD, 240_000), (REDUCED, 110_000), (NONE, 0)]),
    of("IT", "EUR", "Europe/Rome", "it", &[(STANDARD, 220_000), (REDUCED, 100_000), (REDUCED, 50_000), (REDUCED, 40_000), (NONE, 0)]),
    of("JP", "JPY", "Asia/Tokyo", "en", &[(STANDARD, 100_000), (REDUCED, 80_000), (NONE, 0)]),
    of("LI", "CHF", "Europe/Vaduz", "de", &[(STANDARD, 81_000), (REDUCED, 38_000), (REDUCED, 26_000), (NONE, 0)]),
    of("LT", "EUR", "Europe/Vilnius", "en", &[(STANDARD, 210_000), (REDUCED, 120_000), (REDUCED, 50_000), (NONE, 0)]),
    of("LU", "EUR", "Europe/Luxembourg", "fr", &[(STANDARD, 170_000), (REDUCED, 140_000), (REDUCED, 80_000), (REDUCED, 30_000), (NONE, 0)]),
    of("LV", "EUR", "Europe/Riga", "en", &[(STANDARD, 210_000), (REDUCED, 120_000), (REDUCED, 50_000), (NONE, 0)]),
    of("MC", "EUR", "Europe/Monaco", "fr", &[(STANDARD, 200_000), (REDUCED, 100_000), (REDUCED, 55_000), (REDUCED, 21_000), (NONE, 0)]),
    of("MT", "EUR", "Europe/Malta", "en", &[(STANDARD, 180_000), (REDUCED, 120_000), (REDUCED, 70_000), (REDUCED, 50_000), (NONE, 0)]),
    of("MX", "MXN", "America/Mexico_City", "es", &[(STANDARD, 160_000), (NONE, 0)]),
    of("NL", "EUR", "Europe/Amsterdam", "nl", &[(STANDARD, 210_000), (REDUCED, 90_000), (NONE, 0)]),
    of("NO", "NOK", "Europe/Oslo", "en", &[(STANDARD, 250_000), (REDUCED, 150_000), (REDUCED, 120_000), (NONE, 0)]),
    of("NZ", "NZD", "Pacific/Auckland", "en", &[("GST", 150_000), (NONE, 0)]),
    of("PE", "PEN", "America/Lima", "es", &[(STANDARD, 180_000), (NONE, 0)]),
    of("PL", "PLN", "Europe/Warsaw", "en", &[(STANDARD, 230_000), (REDUCED, 80_000), (REDUCED, 50_000), (NONE, 0)]),
    of("PT", "EUR", "Europe/Lisbon", "en", &[(STANDARD, 230_000), (REDUCED, 130_000), (REDUCED, 60_000), (NONE, 0)]),
    of("RO", "RON", "Europe/Bucharest", "en", &[(STANDARD, 210_000), (REDUCED, 110_000), (NONE, 0)]),
    of("SE", "SEK", "Europe/Stockholm", "en", &[(STANDARD, 250_000), (REDUCED, 120_000), (REDUCED, 60_000), (NONE, 0)]),
    of("SG", "SGD", "Asia/Singapore", "en", &[("GST", 90_000), (NONE, 0)]),
    of("SI", "EUR", "Europe/Ljubljana", "en", &[(STANDARD, 220_000), (REDUCED, 95_000), (REDUCED, 50_000), (NONE, 0)]),
    of("SK", "EUR", "Europe/Bratislava", "en", &[(STANDARD, 230_000), (REDUCED, 190_000), (REDUCED, 50_000), (NONE, 0)]),
    of("SM", "EUR", "Europe/San_Marino", "it", &[(NONE, 0)]),
    of("US", "USD", "America/New_York", "en", &[(NONE, 0)]),
    of("ZA", "ZAR", "Africa/Johannesburg", "en", &[(STANDARD, 150_000), (NONE, 0)]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Currency;
    use crate::business::settings::model::Business;

    #[test]
    fn every_line_makes_a_business_and_the_codes_are_in_order() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for country in COUNTRIES {
            let currency: Currency = country.currency.parse().expect("a currency");
            let zone = country.zone.parse().expect("a zone");
            let business = Business::new("Studio", country.code, currency, zone).expect(country.code);
            assert_eq!(business.locale, country.locale);
            assert_eq!(business.tax_rates, country.tax_rates());
        }
    }

    #[test]
    fn the_union_its_neighbours_and_the_english_speaking_are_listed() {
        let union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
        for code in union.split(' ').chain("IS LI NO CH GB US CA AU NZ".split(' ')) {
            assert!(find(code).is_some(), "{code}");
        }
    }

    #[test]
    fn the_tax_of_quebec_is_exact() {
        let rates = rates_of("CA");
        assert!(rates.iter().any(|rate| rate.rate.to_string() == "1497.5"));
    }
}
