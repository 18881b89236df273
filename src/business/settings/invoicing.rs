//! How a business counts, rounds, writes and books its invoices.

use serde::{Deserialize, Serialize};

use crate::base::error::{Check, Error, Result};
use crate::base::id::Id;
use crate::base::money::BasisPoints;
use crate::base::tax::{Category, Rounding};
use crate::base::text;
use crate::words;

words! {
    /// What becomes of the invoice when a booking is called off and nobody says.
    pub enum OnCancel {
        /// It stays: the booking is owed.
        Keep = "keep",
        /// It is taken back by a credit note; money that came in waits.
        Credit = "credit",
        /// It is taken back, and money that came in goes back.
        Refund = "refund",
    }
}

/// Names the id of the picture that is the logo; media stand below.
pub struct Logo;

/// One level of reminding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Days after the due day.
    pub days: i64,
    /// Subject; `{number}`, `{due_date}`, `{amount}` and `{name}` stand for what they say.
    pub subject: String,
    /// Text, with the same words.
    pub text: String,
}

/// An account of the books for what is taxed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueAccount {
    /// Category.
    pub category: Category,
    /// Basis points.
    pub rate: BasisPoints,
    /// Account of the revenue.
    pub account: String,
}

/// Accounts of the books, for exports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    /// Number of the tax adviser (DATEV).
    pub adviser: String,
    /// Number of the business at the adviser (DATEV).
    pub client: String,
    /// Digits of an impersonal account (DATEV): 4 to 8.
    pub digits: i64,
    /// What clients owe.
    pub receivable: String,
    /// The bank.
    pub bank: String,
    /// The till.
    pub cash: String,
    /// Card payments on their way.
    pub card: String,
    /// Tax owed.
    pub tax: String,
    /// Rounding amounts.
    pub rounding: String,
    /// Revenue by tax.
    pub revenue: Vec<RevenueAccount>,
    /// Revenue of what is not listed.
    pub other_revenue: String,
}

/// How a business counts, rounds, writes and books its invoices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invoicing {
    /// How taxes are rounded; as the prices suggest when not set.
    pub rounding: Option<Rounding>,
    /// Pattern of invoice numbers.
    pub invoice_pattern: String,
    /// Pattern of credit-note numbers.
    pub credit_note_pattern: String,
    /// Tax number of the country (BT-32).
    pub tax_number: Option<String>,
    /// Entry in a register (BT-30).
    pub registration: Option<String>,
    /// Whom to ask (BT-41).
    pub contact: Option<String>,
    /// QR-IBAN for Swiss QR bills.
    pub qr_iban: Option<String>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// A picture of the store.
    pub logo_id: Option<Id<Logo>>,
    /// Text at the foot of every page.
    pub footer: Option<String>,
    /// What becomes of the invoice when a booking is called off.
    pub on_cancel: OnCancel,
    /// Three levels.
    pub reminders: Vec<Reminder>,
    /// Whether reminders are written by themselves.
    pub remind: bool,
    /// Accounts of the books.
    pub accounts: Accounts,
}

/// The usual pattern: counts anew each year.
pub const PATTERN: &str = "{prefix}{year}-{seq:05}";

impl Default for Invoicing {
    /// As documents were counted before there was a pattern: the prefix may hold `{year}` itself.
    fn default() -> Self {
        Self {
            rounding: None,
            invoice_pattern: "{prefix}{seq:05}".into(),
            credit_note_pattern: "{prefix}{seq:05}".into(),
            tax_number: None,
            registration: None,
            contact: None,
            qr_iban: None,
            accent_color: "#1f5f8b".into(),
            logo_id: None,
            footer: None,
            on_cancel: OnCancel::Refund,
            reminders: Vec::new(),
            remind: false,
            accounts: Accounts::default(),
        }
    }
}

impl Invoicing {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    #[must_use]
    pub fn checked(mut self, check: &mut Check, prices_include_tax: bool) -> Self {
        let at = |field: &str| format!("invoicing.{field}");
        for (field, value, most) in [
            ("tax_number", &mut self.tax_number, 30),
            ("registration", &mut self.registration, 80),
            ("contact", &mut self.contact, 80),
        ] {
            *value = check.take(&at(field), text::optional_line(&at(field), value.as_deref(), most)).flatten();
        }
        if let Some(footer) = self.footer.take() {
            self.footer = check.take(&at("footer"), text::block(&at("footer"), &footer, 600)).filter(|f| !f.is_empty());
        }
        if let Some(iban) = self.qr_iban.take().filter(|iban| !iban.trim().is_empty()) {
            let iban: String = iban.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
            let clearing = iban.get(4..9).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
            let good = super::model::is_iban(&iban) && (30_000..32_000).contains(&clearing);
            check.that(good, &at("qr_iban"), "is not a QR-IBAN: its bank number must be 30000 to 31999");
            self.qr_iban = Some(iban);
        }
        check.that(accent(&self.accent_color).is_some(), &at("accent_color"), "must be a colour such as #1f5f8b");
        for (field, pattern) in
            [("invoice_pattern", &self.invoice_pattern), ("credit_note_pattern", &self.credit_note_pattern)]
        {
            check.take(&at(field), Numbers::parse(&at(field), pattern));
        }
        let kept = self.rounding == Some(Rounding::Gross);
        check.that(prices_include_tax || !kept, &at("rounding"), "gross needs prices that include tax");
        let levels = self.reminders.len();
        check.that(levels == 0 || levels == 3, &at("reminders"), "must be three, or none to take the usual ones");
        let mut last = 0;
        for (index, reminder) in self.reminders.iter_mut().enumerate() {
            let at = |field: &str| format!("invoicing.reminders[{index}].{field}");
            check.that(reminder.days > last && reminder.days <= 365, &at("days"), "must grow from level to level");
            last = reminder.days;
            let subject = check.take(&at("subject"), text::line(&at("subject"), &reminder.subject, 200));
            reminder.subject = subject.unwrap_or_default();
            let body = check.take(&at("text"), text::block(&at("text"), &reminder.text, 4000));
            reminder.text = body.unwrap_or_default();
            check.that(!reminder.text.is_empty(), &at("text"), "must not be empty");
        }
        self.accounts.check(check);
        self
    }
}

impl Accounts {
    fn check(&self, check: &mut Check) {
        let fields = [
            ("adviser", &self.adviser),
            ("client", &self.client),
            ("receivable", &self.receivable),
            ("bank", &self.bank),
            ("cash", &self.cash),
            ("card", &self.card),
            ("tax", &self.tax),
            ("rounding", &self.rounding),
            ("other_revenue", &self.other_revenue),
        ];
        let listed = self.revenue.iter().map(|revenue| ("revenue", &revenue.account));
        for (field, account) in fields.into_iter().chain(listed) {
            let good = account.len() <= 9 && account.bytes().all(|b| b.is_ascii_digit());
            check.that(good, &format!("invoicing.accounts.{field}"), "must be at most 9 digits");
        }
        let digits = self.digits == 0 || (4..=8).contains(&self.digits);
        check.that(digits, "invoicing.accounts.digits", "must be 4 to 8");
        check.that(self.revenue.len() <= 50, "invoicing.accounts.revenue", "must be at most 50");
    }
}

/// Red, green and blue of `#rrggbb`.
pub fn accent(color: &str) -> Option<[u8; 3]> {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    <[u8; 3]>::try_from(hex::decode(digits).ok()?).ok()
}

/// A pattern of document numbers, such as `{prefix}{year}-{seq:05}`. It counts anew when anything but the number in
/// it changes: with `{year}` each year, where the business is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    before: String,
    after: String,
    digits: usize,
}

impl Numbers {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `invalid_field` naming `field`.
    pub fn parse(field: &str, pattern: &str) -> Result<Self> {
        let wrong = || {
            Error::field(
                field,
                "must hold {seq} or {seq:05} once, and beside it {prefix} {year} {yy} {month}, letters, digits or - / _ .",
            )
        };
        let start = pattern.find("{seq").ok_or_else(wrong)?;
        let (before, rest) = pattern.split_at(start);
        let (token, after) = rest.split_at(rest.find('}').ok_or_else(wrong)? + 1);
        let digits = match token.trim_start_matches("{seq").trim_end_matches('}') {
            "" => 1,
            width => {
                let digits = width.strip_prefix(":0").and_then(|width| width.parse().ok());
                digits.filter(|digits| (1..=12).contains(digits)).ok_or_else(wrong)?
            }
        };
        for part in [before, after] {
            let plain = ["{prefix}", "{year}", "{yy}", "{month}"].iter().fold(part.to_owned(), |p, w| p.replace(w, ""));
            if plain.len() > 30 || !plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/_.".contains(&b)) {
                return Err(wrong());
            }
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned(), digits })
    }

    /// The series of a day (`2026-11-24`): what stays the same around the number.
    pub fn series(&self, prefix: &str, day: &str) -> Series {
        let fill = |part: &str| {
            let part = part.replace("{prefix}", prefix);
            let part = part.replace("{year}", day.get(..4).unwrap_or_default());
            let part = part.replace("{yy}", day.get(2..4).unwrap_or_default());
            part.replace("{month}", day.get(5..7).unwrap_or_default())
        };
        Series { before: fill(&self.before), after: fill(&self.after), digits: self.digits }
    }
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    before: String,
    after: String,
    digits: usize,
}

impl Series {
    /// Names its counter.
    pub fn key(&self) -> String {
        if self.after.is_empty() { self.before.clone() } else { format!("{}#{}", self.before, self.after) }
    }

    /// Whether a number of this series may be one of the other: one goes on with digits where the other ends.
    pub fn may_meet(&self, other: &Self) -> bool {
        let goes_on = |longer: &str, shorter: &str| {
            longer.strip_prefix(shorter).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        };
        self.after == other.after && (goes_on(&self.before, &other.before) || goes_on(&other.before, &self.before))
    }

    /// The number at a place.
    pub fn number(&self, seq: i64) -> String {
        format!("{}{seq:0width$}{}", self.before, self.after, width = self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(pattern: &str, prefix: &str, day: &str, seq: i64) -> (String, String) {
        let series = Numbers::parse("p", pattern).expect("a pattern").series(prefix, day);
        (series.key(), series.number(seq))
    }

    #[test]
    fn numbers_follow_the_pattern_and_begin_anew_each_year() {
        assert_eq!(number(PATTERN, "R", "2026-11-24", 17), ("R2026-".into(), "R2026-00017".into()));
        assert_eq!(number(PATTERN, "R", "2027-01-01", 1), ("R2027-".into(), "R2027-00001".into()));
        assert_eq!(number("{yy}{month}/{seq}", "", "2026-11-24", 7), ("2611/".into(), "2611/7".into()));
        assert_eq!(number("{seq:04}/{year}", "", "2026-11-24", 7), ("#/2026".into(), "0007/2026".into()));
        // Prefixes from before there were patterns hold the year themselves.
        assert_eq!(number("{prefix}{seq:05}", "CN{year}-", "2026-11-24", 3).1, "CN2026-00003");
    }

    #[test]
    fn a_pattern_without_a_number_is_refused() {
        for bad in ["", "{year}", "{seq}{seq}", "{seq:5}", "{seq:099}", "{seq", "{day}{seq}", "a b{seq}"] {
            assert!(Numbers::parse("p", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn series_that_differ_by_digits_alone_would_share_numbers() {
        let series =
            |pattern: &str, prefix: &str| Numbers::parse("p", pattern).expect("good").series(prefix, "2026-11-24");
        assert!(series("{prefix}{seq}", "R").may_meet(&series("{prefix}{seq}", "R1")));
        assert!(series("{prefix}{seq:05}", "").may_meet(&series("{prefix}{seq:04}", "")));
        assert!(!series(PATTERN, "").may_meet(&series(PATTERN, "CN")));
        assert!(!series("{seq}/{year}", "").may_meet(&series("{seq}/C", "")));
    }

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        assert_eq!(accent("#1f5f8b"), Some([0x1f, 0x5f, 0x8b]));
        for bad in ["1f5f8b", "#1f5f8", "#1f5f8g", "red"] {
            assert_eq!(accent(bad), None, "{bad}");
        }
    }
}
