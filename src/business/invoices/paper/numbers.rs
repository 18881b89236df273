//! Numbers, amounts and days as a language and its region write them (CLDR), into buffers that are used again.
//!
//! Never: a float; an allocation per number. A document of a hundred thousand lines writes half a million of these.

use rust_decimal::Decimal;

use crate::base::money::{BasisPoints, Currency};

/// No-break space.
const SPACE: &str = "\u{a0}";
/// Narrow no-break space: the group mark of French.
const NARROW: &str = "\u{202f}";
/// The minus sign, as wide as a digit, which a hyphen is not.
const MINUS: char = '\u{2212}';

/// What stands between digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    decimal: char,
    group: &'static str,
    /// Digits before the decimal mark from which on they are grouped.
    from: usize,
}

const fn marks(decimal: char, group: &'static str) -> Marks {
    Marks { decimal, group, from: 4 }
}

/// Where a currency stands beside its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    /// `€5.00`, but `CHF 5.00`: letters are always set apart.
    Before,
    /// `€ 5,00`
    BeforeApart,
    /// `5,00 €`
    After,
}

/// How a day is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    /// `24 November 2026`: digits alone would mean another day across the ocean.
    English,
    /// `November 24, 2026`
    American,
    /// `24.11.2026` with what stands between.
    Digits(char),
    /// `2026-11-24`
    Iso,
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

/// How a language and its region write numbers and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    money: Marks,
    plain: Marks,
    symbol: Symbol,
    percent: &'static str,
    days: Days,
    american: bool,
}

impl Numbers {
    /// Of a BCP 47 tag such as `de-CH`. Languages that are not spoken here write as English does.
    pub fn of(locale: &str) -> Self {
        let language = locale.get(..2).unwrap_or("").to_ascii_lowercase();
        let region = region_of(locale);
        let region = region.as_deref().unwrap_or("");
        match language.as_str() {
            "de" => german(region),
            "fr" => french(region),
            "es" => spanish(region),
            "it" if region == "CH" => swiss(),
            "it" => continental(Symbol::After, "%", Days::Digits('/')),
            "nl" if region == "BE" => continental(Symbol::BeforeApart, "%", Days::Digits('/')),
            "nl" => continental(Symbol::BeforeApart, "%", Days::Digits('-')),
            "en" if matches!(region, "CH" | "LI") => Self { days: Days::English, ..swiss() },
            _ => {
                let american = matches!(region, "US" | "PR" | "GU" | "VI");
                let days = if american { Days::American } else { Days::English };
                let marks = marks('.', ",");
                Self { money: marks, plain: marks, symbol: Symbol::Before, percent: "%", days, american }
            }
        }
    }

    /// Appends an amount in minor units, without its currency: `1.234,50`.
    pub fn amount(&self, out: &mut String, minor: i64, decimals: u8) {
        if minor < 0 {
            out.push(MINUS);
        }
        digits(out, minor.unsigned_abs(), usize::from(decimals), self.money);
    }

    /// Appends an amount with its currency: `1.234,50 €`.
    pub fn money(&self, out: &mut String, minor: i64, currency: Currency) {
        let symbol = match currency.as_str() {
            "EUR" => "€",
            "GBP" => "£",
            "USD" if self.american => "$",
            _ => "",
        };
        let code = currency.as_str();
        let shown = if symbol.is_empty() { code } else { symbol };
        match self.symbol {
            Symbol::After => {
                self.amount(out, minor, currency.decimals());
                out.push_str(SPACE);
                out.push_str(shown);
            }
            Symbol::Before if !symbol.is_empty() => {
                if minor < 0 {
                    out.push(MINUS);
                }
                out.push_str(symbol);
                digits(out, minor.unsigned_abs(), usize::from(currency.decimals()), self.money);
            }
            Symbol::Before | Symbol::BeforeApart => {
                out.push_str(shown);
                out.push_str(SPACE);
                self.amount(out, minor, currency.decimals());
            }
        }
    }

    /// Appends a quantity, first what stands before its decimal mark, then the rest with the mark, so that a column can
    /// be aligned by it. Zeros at the end are left out.
    pub fn quantity(&self, whole: &mut String, rest: &mut String, quantity: Decimal) {
        let (mut mantissa, mut scale) = (quantity.mantissa(), quantity.scale());
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if mantissa < 0 {
            whole.push(MINUS);
        }
        let unit = 10_u128.pow(scale.min(28));
        let (before, after) = (mantissa.unsigned_abs() / unit, mantissa.unsigned_abs() % unit);
        digits(whole, u64::try_from(before).unwrap_or(u64::MAX), 0, self.plain);
        if scale > 0 {
            rest.push(self.plain.decimal);
            let mut place = unit / 10;
            while place > 0 {
                rest.push(digit((after / place) % 10));
                place /= 10;
            }
        }
    }

    /// Appends a rate: `19 %`, `9,975 %`.
    pub fn rate(&self, out: &mut String, rate: BasisPoints) {
        let (whole, part) = (rate.millionths() / 10_000, (rate.millionths() % 10_000).unsigned_abs());
        if rate.millionths() < 0 {
            out.push(MINUS);
        }
        digits(out, whole.unsigned_abs(), 0, self.plain);
        if part > 0 {
            out.push(self.plain.decimal);
            let mut rest = part;
            for place in [1000, 100, 10, 1] {
                if rest == 0 {
                    break;
                }
                out.push(digit(u128::from(rest / place)));
                rest %= place;
            }
        }
        out.push_str(self.percent);
    }

    /// Appends a day, given as `2026-11-24`. What is no day is appended as it is.
    pub fn day(&self, out: &mut String, iso: &str) {
        let part = |from: usize, to: usize| iso.get(from..to).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
        let (Some(year), Some(month), Some(day), 10) = (part(0, 4), part(5, 7), part(8, 10), iso.len()) else {
            out.push_str(iso);
            return;
        };
        let name = month.parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1)));
        let bare = day.trim_start_matches('0');
        match (self.days, name) {
            (Days::English, Some(name)) => out.extend([bare, SPACE, name, SPACE, year]),
            (Days::American, Some(name)) => out.extend([*name, SPACE, bare, ",", SPACE, year]),
            (Days::Digits(between), _) => {
                out.push_str(day);
                out.push(between);
                out.push_str(month);
                out.push(between);
                out.push_str(year);
            }
            _ => out.push_str(iso),
        }
    }

    /// Appends a span of days, or the one day that it is.
    pub fn span(&self, out: &mut String, from: Option<&str>, to: Option<&str>) {
        match (from, to) {
            (Some(from), Some(to)) if from != to => {
                self.day(out, from);
                out.push_str(" – ");
                self.day(out, to);
            }
            (Some(day), _) | (None, Some(day)) => self.day(out, day),
            (None, None) => {}
        }
    }
}

/// The region of a tag: the two capitals of `de-CH`, also behind a script (`zh-Hant-TW`).
fn region_of(locale: &str) -> Option<String> {
    let two = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
    locale.split(['-', '_']).skip(1).find(two).map(str::to_ascii_uppercase)
}

/// Point between groups, comma before decimals.
fn continental(symbol: Symbol, percent: &'static str, days: Days) -> Numbers {
    let marks = marks(',', ".");
    Numbers { money: marks, plain: marks, symbol, percent, days, american: false }
}

fn swiss() -> Numbers {
    let marks = marks('.', "’");
    let days = Days::Digits('.');
    Numbers { money: marks, plain: marks, symbol: Symbol::BeforeApart, percent: "%", days, american: false }
}

fn german(region: &str) -> Numbers {
    match region {
        "CH" | "LI" => swiss(),
        // Austria groups amounts by points, all else by spaces.
        "AT" => Numbers { plain: marks(',', SPACE), ..continental(Symbol::BeforeApart, "\u{a0}%", Days::Digits('.')) },
        _ => continental(Symbol::After, "\u{a0}%", Days::Digits('.')),
    }
}

fn french(region: &str) -> Numbers {
    let plain = marks(',', NARROW);
    let usual = Numbers {
        money: plain,
        plain,
        symbol: Symbol::After,
        percent: "\u{a0}%",
        days: Days::Digits('/'),
        american: false,
    };
    match region {
        "CH" => Numbers { money: marks('.', NARROW), percent: "%", days: Days::Digits('.'), ..usual },
        "CA" => Numbers { money: marks(',', SPACE), plain: marks(',', SPACE), days: Days::Iso, ..usual },
        "LU" => Numbers { money: marks(',', "."), plain: marks(',', "."), ..usual },
        _ => usual,
    }
}

fn spanish(region: &str) -> Numbers {
    match region {
        // Four digits stand together (RAE, Ortografía 2010, VIII 2.3.1).
        "" | "ES" => {
            let marks = Marks { decimal: ',', group: ".", from: 5 };
            let usual = continental(Symbol::After, "\u{a0}%", Days::Digits('/'));
            Numbers { money: marks, plain: marks, ..usual }
        }
        "AR" | "BO" | "CL" | "CO" | "CR" | "EC" | "PY" | "UY" | "VE" => {
            continental(Symbol::BeforeApart, "\u{a0}%", Days::Digits('/'))
        }
        _ => {
            let marks = marks('.', ",");
            let usual = continental(Symbol::BeforeApart, "%", Days::Digits('/'));
            Numbers { money: marks, plain: marks, ..usual }
        }
    }
}

fn digit(value: u128) -> char {
    u8::try_from(value % 10).map_or('0', |value| char::from(b'0' + value))
}

/// Appends a number whose last `decimals` digits stand behind the decimal mark.
fn digits(out: &mut String, mut value: u64, decimals: usize, marks: Marks) {
    // Twenty digits hold any u64; the last is written first.
    let mut buffer = [b'0'; 24];
    let mut at = buffer.len();
    let least = buffer.len() - decimals.min(8) - 1;
    while value > 0 || at > least {
        at -= 1;
        if let Some(place) = buffer.get_mut(at) {
            *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        }
        value /= 10;
    }
    let end = buffer.len() - decimals.min(8);
    let count = end - at;
    let grouped = count >= marks.from;
    for (index, byte) in buffer.iter().enumerate().skip(at) {
        if index == end {
            out.push(marks.decimal);
        } else if grouped && index > at && index < end && (end - index).is_multiple_of(3) {
            out.push_str(marks.group);
        }
        out.push(char::from(*byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(locale: &str, minor: i64, currency: &str) -> String {
        let mut out = String::new();
        Numbers::of(locale).money(&mut out, minor, currency.parse().expect("a currency"));
        out
    }

    fn day(locale: &str) -> String {
        let mut out = String::new();
        Numbers::of(locale).day(&mut out, "2026-03-04");
        out
    }

    fn rate(locale: &str, millionths: i64) -> String {
        let mut out = String::new();
        Numbers::of(locale).rate(&mut out, BasisPoints::from_millionths(millionths));
        out
    }

    fn quantity(locale: &str, text: &str) -> String {
        let (mut whole, mut rest) = (String::new(), String::new());
        Numbers::of(locale).quantity(&mut whole, &mut rest, text.parse().expect("a decimal"));
        format!("{whole}|{rest}")
    }

    #[test]
    fn each_language_and_region_writes_money_in_its_own_way() {
        for (locale, expected) in [
            ("en", "€1,234.50"),
            ("en-US", "€1,234.50"),
            ("de", "1.234,50\u{a0}€"),
            ("de-AT", "€\u{a0}1.234,50"),
            ("de-CH", "€\u{a0}1’234.50"),
            ("fr", "1\u{202f}234,50\u{a0}€"),
            ("fr-CH", "1\u{202f}234.50\u{a0}€"),
            ("fr-CA", "1\u{a0}234,50\u{a0}€"),
            ("es", "1234,50\u{a0}€"),
            ("es-MX", "€\u{a0}1,234.50"),
            ("it", "1.234,50\u{a0}€"),
            ("it-CH", "€\u{a0}1’234.50"),
            ("nl", "€\u{a0}1.234,50"),
            ("nl-BE", "€\u{a0}1.234,50"),
        ] {
            assert_eq!(money(locale, 123_450, "EUR"), expected, "{locale}");
        }
        assert_eq!(money("es", 1_234_550, "EUR"), "12.345,50\u{a0}€");
    }

    #[test]
    fn currencies_have_their_decimals_and_codes_are_set_apart() {
        assert_eq!(money("en", 1_234_567, "JPY"), "JPY\u{a0}1,234,567");
        assert_eq!(money("en", 1_234_567, "KWD"), "KWD\u{a0}1,234.567");
        assert_eq!(money("de", 5, "CHF"), "0,05\u{a0}CHF");
        assert_eq!(money("en-US", 5, "USD"), "$0.05");
        assert_eq!(money("en", 5, "USD"), "USD\u{a0}0.05");
        assert_eq!(money("de", 0, "JPY"), "0\u{a0}JPY");
    }

    #[test]
    fn a_minus_sign_is_no_hyphen() {
        assert_eq!(money("en", -5, "EUR"), "\u{2212}€0.05");
        assert_eq!(money("nl", -123_456, "EUR"), "€\u{a0}\u{2212}1.234,56");
        assert_eq!(quantity("de", "-2.5"), "\u{2212}2|,5");
    }

    #[test]
    fn the_largest_amounts_fit() {
        assert_eq!(money("de", i64::MAX, "EUR"), "92.233.720.368.547.758,07\u{a0}€");
        assert_eq!(money("de", i64::MIN, "EUR"), "\u{2212}92.233.720.368.547.758,08\u{a0}€");
    }

    #[test]
    fn days_follow_the_region() {
        for (locale, expected) in [
            ("en", "4\u{a0}March\u{a0}2026"),
            ("en-GB", "4\u{a0}March\u{a0}2026"),
            ("en-US", "March\u{a0}4,\u{a0}2026"),
            ("de", "04.03.2026"),
            ("fr", "04/03/2026"),
            ("fr-CH", "04.03.2026"),
            ("fr-CA", "2026-03-04"),
            ("es", "04/03/2026"),
            ("it", "04/03/2026"),
            ("nl", "04-03-2026"),
            ("nl-BE", "04/03/2026"),
            ("ar", "4\u{a0}March\u{a0}2026"),
        ] {
            assert_eq!(day(locale), expected, "{locale}");
        }
    }

    #[test]
    fn what_is_no_day_is_shown_as_it_is() {
        let mut out = String::new();
        for odd in ["soon", "2026-99-99x", "2026-13-01", "äöüäöüä"] {
            out.clear();
            Numbers::of("en").day(&mut out, odd);
            assert_eq!(out, odd);
        }
    }

    #[test]
    fn a_span_of_one_day_is_that_day() {
        let numbers = Numbers::of("de");
        let mut out = String::new();
        numbers.span(&mut out, Some("2026-11-01"), Some("2026-11-30"));
        assert_eq!(out, "01.11.2026 – 30.11.2026");
        out.clear();
        numbers.span(&mut out, Some("2026-11-01"), Some("2026-11-01"));
        assert_eq!(out, "01.11.2026");
    }

    #[test]
    fn rates_show_as_many_decimals_as_they_have() {
        assert_eq!(rate("en", 190_000), "19%");
        assert_eq!(rate("de", 99_750), "9,975\u{a0}%");
        assert_eq!(rate("de-CH", 81_000), "8.1%");
        assert_eq!(rate("fr", 55_000), "5,5\u{a0}%");
        assert_eq!(rate("en", 1), "0.0001%");
        assert_eq!(rate("en", 0), "0%");
    }

    #[test]
    fn quantities_are_cut_at_the_decimal_mark() {
        assert_eq!(quantity("de", "2.50"), "2|,5");
        assert_eq!(quantity("de", "1200"), "1.200|");
        assert_eq!(quantity("de-AT", "1200"), "1\u{a0}200|");
        assert_eq!(quantity("en", "0.0625"), "0|.0625");
        assert_eq!(quantity("en", "999999999.0001"), "999,999,999|.0001");
    }
}
