//! Amounts and days in running text, as a language writes them. Pure.

use crate::base::money::Money;

/// No-break space.
const SPACE: &str = "\u{a0}";

/// How a language groups digits: the mark between groups, the decimal mark, digits from which on there are groups.
fn marks(locale: &str) -> (&'static str, char, usize) {
    match (language(locale), region(locale)) {
        ("de" | "it", "CH" | "LI") => ("’", '.', 4),
        ("fr", "CH") => ("\u{202f}", '.', 4),
        ("fr", _) => ("\u{202f}", ',', 4),
        // Four digits stand together (RAE, Ortografía 2010, VIII 2.3.1).
        ("es", _) => (".", ',', 5),
        ("de" | "it" | "nl", _) => (".", ',', 4),
        _ => (",", '.', 4),
    }
}

/// `de` of `de-CH`; English for languages without words here.
pub fn language(locale: &str) -> &'static str {
    match locale.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("de") => "de",
        Some("fr") => "fr",
        Some("es") => "es",
        Some("it") => "it",
        Some("nl") => "nl",
        _ => "en",
    }
}

/// `CH` of `de-CH`; nothing when none is named.
fn region(locale: &str) -> &str {
    locale.get(3..5).unwrap_or("")
}

/// An amount with its currency: `1.234,50 €`, `€1,234.50`.
pub fn money(locale: &str, money: Money) -> String {
    let (group, decimal, from) = marks(locale);
    let decimals = usize::from(money.currency.decimals());
    let padded = format!("{:0>width$}", money.amount.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && whole.len() >= from && (whole.len() - index).is_multiple_of(3) {
            text.push_str(group);
        }
        text.push(digit);
    }
    if decimals > 0 {
        text.push(decimal);
        text.push_str(fraction);
    }
    let minus = if money.amount < 0 { "\u{2212}" } else { "" };
    let code = money.currency.as_str();
    let swiss = matches!(region(locale), "CH" | "LI");
    match (language(locale), code) {
        ("en", "EUR") => format!("{minus}€{text}"),
        ("en", "GBP") => format!("{minus}£{text}"),
        ("nl", "EUR") => format!("€{SPACE}{minus}{text}"),
        ("en" | "nl", _) => format!("{code}{SPACE}{minus}{text}"),
        (_, code) if swiss => format!("{code}{SPACE}{minus}{text}"),
        (_, "EUR") => format!("{minus}{text}{SPACE}€"),
        (_, code) => format!("{minus}{text}{SPACE}{code}"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day, given as `2026-11-24`: `24.11.2026`. English names the month, since digits alone would mean another day
/// across the ocean. What is no day stays as it is.
pub fn day(locale: &str, iso: &str) -> String {
    let (Some(year), Some(month), Some(day), 10) = (iso.get(..4), iso.get(5..7), iso.get(8..10), iso.len()) else {
        return iso.to_owned();
    };
    let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    match (language(locale), region(locale), name) {
        (_, _, None) => iso.to_owned(),
        ("en", _, Some(name)) => format!("{}{SPACE}{name}{SPACE}{year}", day.trim_start_matches('0')),
        ("de", _, _) | (_, "CH", _) => format!("{day}.{month}.{year}"),
        ("nl", _, _) => format!("{day}-{month}-{year}"),
        _ => format!("{day}/{month}/{year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro(locale: &str, amount: i64) -> String {
        money(locale, Money::new(amount, crate::base::money::Currency::EUR))
    }

    #[test]
    fn amounts_follow_language_and_currency() {
        assert_eq!(euro("de", 123_450), "1.234,50\u{a0}€");
        assert_eq!(euro("en", 123_456_789), "€1,234,567.89");
        assert_eq!(euro("fr", 123_450), "1\u{202f}234,50\u{a0}€");
        assert_eq!(euro("es", 123_450), "1234,50\u{a0}€");
        assert_eq!(euro("es", 1_234_500), "12.345,00\u{a0}€");
        assert_eq!(euro("nl", 5), "€\u{a0}0,05");
        assert_eq!(euro("xx", -5), "\u{2212}€0.05");
        let yen = Money::new(1_500, "JPY".parse().expect("a currency"));
        assert_eq!(money("it", yen), "1.500\u{a0}JPY");
        let francs = Money::new(123_450, "CHF".parse().expect("a currency"));
        assert_eq!(money("de-CH", francs), "CHF\u{a0}1’234.50");
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        for (locale, said) in [
            ("de", "04.11.2026"),
            ("fr-CH", "04.11.2026"),
            ("en", "4\u{a0}November\u{a0}2026"),
            ("fr", "04/11/2026"),
            ("nl", "04-11-2026"),
        ] {
            assert_eq!(day(locale, "2026-11-04"), said);
        }
        assert_eq!(day("de", "soon"), "soon");
    }
}
