//! What a business says about itself, and what its country suggests.

use crate::base::error::{Check, Error, Result};
use crate::base::money::{BasisPoints, Currency};
use crate::base::tax::{Category, Rounding, Tax};
use crate::base::text;
use crate::base::time::Zone;
use crate::platform::files::Kind;
use serde::{Deserialize, Serialize};

use super::countries;
pub use super::countries::{COUNTRIES, Country};
pub use super::invoicing::{
    Accounts, Invoicing, Logo, Numbers, OnCancel, PATTERN, Reminder, RevenueAccount, Series, accent,
};

/// A tax rate that the business uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    /// "Standard".
    pub name: String,
    /// Basis points.
    pub rate: BasisPoints,
    /// Why it is so; `S` for a rate of more than nothing unless said.
    #[serde(default)]
    pub category: Option<Category>,
    /// What documents say when no tax is charged.
    #[serde(default)]
    pub reason: Option<String>,
}

impl TaxRate {
    /// Category and rate.
    pub fn tax(&self) -> Tax {
        let usual = if self.rate > BasisPoints::ZERO { Category::Standard } else { Category::Zero };
        Tax { category: self.category.unwrap_or(usual), rate: self.rate }
    }
}

/// Bytes that a file of each kind may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadLimits {
    /// A poster.
    pub poster: u64,
    /// A picture of a gallery.
    pub image: u64,
    /// A film.
    pub video: u64,
    /// A spoken note.
    pub audio: u64,
    /// A document.
    pub document: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            poster: Kind::Poster.default_limit(),
            image: Kind::Image.default_limit(),
            video: Kind::Video.default_limit(),
            audio: Kind::Audio.default_limit(),
            document: Kind::Document.default_limit(),
        }
    }
}

impl UploadLimits {
    /// Bytes that a file of this kind may have.
    pub const fn of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Poster => self.poster,
            Kind::Image => self.image,
            Kind::Video => self.video,
            Kind::Audio => self.audio,
            Kind::Document => self.document,
        }
    }
}

/// The business and its rules, without id and version.
#[derive(Clone, Debug)]
pub struct Business {
    /// Name on pages and invoices.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The currency of every price.
    pub currency: Currency,
    /// Where it takes place, unless an occurrence says otherwise; decides the day of an invoice.
    pub time_zone: Zone,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// VAT id.
    pub vat_id: Option<String>,
    /// For clients.
    pub email: Option<String>,
    /// For clients.
    pub phone: Option<String>,
    /// Holder of the account that invoices ask to be paid to.
    pub bank_holder: Option<String>,
    /// IBAN (ISO 13616), without spaces.
    pub iban: Option<String>,
    /// BIC (ISO 9362).
    pub bic: Option<String>,
    /// Language of invoices when the client has none.
    pub locale: String,
    /// Whether prices hold the tax already (usual towards consumers).
    pub prices_include_tax: bool,
    /// Rates to choose from.
    pub tax_rates: Vec<TaxRate>,
    /// Stands for `{prefix}` in the pattern of invoice numbers.
    pub invoice_prefix: String,
    /// Stands for `{prefix}` in the pattern of credit-note numbers.
    pub credit_note_prefix: String,
    /// Days until an invoice is due.
    pub payment_days: i64,
    /// Minutes for which unconfirmed seats are held.
    pub hold_minutes: i64,
    /// Text below every invoice.
    pub invoice_notes: Option<String>,
    /// How large uploads may be.
    pub upload_limits: UploadLimits,
    /// How invoices are counted, rounded, written and booked.
    pub invoicing: Invoicing,
}

/// The stored settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The business.
    pub business: Business,
    /// Counts changes.
    pub version: i64,
}

impl Business {
    /// What a country suggests for a business of this name.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn new(name: &str, country: &str, currency: Currency, time_zone: Zone) -> Result<Self> {
        let country = country.trim().to_ascii_uppercase();
        Self {
            name: name.to_owned(),
            locale: countries::locale_of(&country).to_owned(),
            tax_rates: countries::rates_of(&country),
            country,
            currency,
            time_zone,
            street: None,
            postcode: None,
            city: None,
            vat_id: None,
            email: None,
            phone: None,
            bank_holder: None,
            iban: None,
            bic: None,
            prices_include_tax: true,
            invoice_prefix: String::new(),
            credit_note_prefix: "CN".into(),
            payment_days: 14,
            hold_minutes: 24 * 60,
            invoice_notes: None,
            upload_limits: UploadLimits::default(),
            invoicing: Invoicing {
                invoice_pattern: PATTERN.into(),
                credit_note_pattern: PATTERN.into(),
                ..Invoicing::default()
            },
        }
        .checked()
    }

    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(mut self) -> Result<Self> {
        let mut check = Check::new();
        self.name = check.take("name", text::line("name", &self.name, 120)).unwrap_or_default();
        let two_capitals = self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        check.that(two_capitals, "country", "must be an ISO 3166-1 code of two capitals such as DE");
        let two_letters = self.locale.len() >= 2 && self.locale.is_char_boundary(2);
        check.that(two_letters && self.locale.len() <= 20, "locale", "must be a language tag such as en or de");
        for (field, value, most) in [
            ("street", &mut self.street, 120),
            ("postcode", &mut self.postcode, 20),
            ("city", &mut self.city, 80),
            ("vat_id", &mut self.vat_id, 30),
            ("phone", &mut self.phone, 40),
            ("bank_holder", &mut self.bank_holder, 70),
        ] {
            *value = check.take(field, text::optional_line(field, value.as_deref(), most)).flatten();
        }
        if let Some(email) = &self.email {
            let email = check.take("email", text::email("email", email));
            self.email = email;
        }
        if let Some(iban) = &self.iban {
            let iban: String = iban.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
            check.that(is_iban(&iban), "iban", "is not an IBAN: its check digits do not fit");
            self.iban = Some(iban);
        }
        if let Some(bic) = &self.bic {
            let good = matches!(bic.len(), 8 | 11) && bic.bytes().all(|b| b.is_ascii_alphanumeric());
            check.that(good, "bic", "must have 8 or 11 letters and digits");
        }
        check.that(self.tax_rates.len() <= 20, "tax_rates", "must be at most 20");
        for rate in &mut self.tax_rates {
            check.that(rate.rate.is_share(), "tax_rates", "must be 0 to 10000 basis points each");
            let fits = (rate.tax().category == Category::Standard) == (rate.rate > BasisPoints::ZERO);
            check.that(
                fits,
                "tax_rates",
                "go with the category S when they are more than 0, and with another when not",
            );
            rate.reason =
                check.take("tax_rates", text::optional_line("tax_rates", rate.reason.as_deref(), 190)).flatten();
        }
        for (field, prefix) in
            [("invoice_prefix", &self.invoice_prefix), ("credit_note_prefix", &self.credit_note_prefix)]
        {
            let plain = prefix.replace("{year}", "");
            let good = plain.len() <= 20 && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/_.".contains(&b));
            check.that(good, field, "must have at most 20 letters, digits or - / _ . beside {year}");
        }
        self.invoicing = self.invoicing.checked(&mut check, self.prices_include_tax);
        let series = |pattern: &str, prefix: &str| {
            Numbers::parse("", pattern).map(|numbers| numbers.series(prefix, "2026-01-01")).ok()
        };
        let invoices = series(&self.invoicing.invoice_pattern, &self.invoice_prefix);
        let notes = series(&self.invoicing.credit_note_pattern, &self.credit_note_prefix);
        check.that(
            invoices.zip(notes).is_none_or(|(invoices, notes)| !invoices.may_meet(&notes)),
            "credit_note_prefix",
            "must differ from the invoices' prefix by more than digits, or two documents could share a number",
        );
        check.that((0..=365).contains(&self.payment_days), "payment_days", "must be 0 to 365");
        check.that((5..=60 * 24 * 60).contains(&self.hold_minutes), "hold_minutes", "must be 5 minutes to 60 days");
        for kind in Kind::ALL {
            let field = format!("upload_limits.{kind}");
            let fits = (1 << 10..=1 << 40).contains(&self.upload_limits.of(*kind));
            check.that(fits, &field, "must be 1 KiB to 1 TiB, in bytes");
        }
        check.done()?;
        Ok(self)
    }

    /// How taxes are rounded.
    pub fn rounding(&self) -> Rounding {
        let usual = if self.prices_include_tax { Rounding::Gross } else { Rounding::Sum };
        self.invoicing.rounding.unwrap_or(usual)
    }

    /// The tax of a rate: its category as the list of rates says, unless it is named.
    pub fn tax(&self, rate: BasisPoints, category: Option<Category>) -> Tax {
        let usual = if rate > BasisPoints::ZERO { Category::Standard } else { Category::Zero };
        let listed = self.tax_rates.iter().find(|listed| listed.rate == rate).map(|listed| listed.tax().category);
        Tax { category: category.or(listed).unwrap_or(usual), rate }
    }

    /// What a document in a language says when a tax is none.
    pub fn tax_reason(&self, tax: Tax, language: &str) -> Option<String> {
        let listed = self.tax_rates.iter().find(|listed| listed.tax() == tax && listed.reason.is_some());
        match listed {
            _ if !tax.category.needs_reason() => None,
            Some(listed) => listed.reason.clone(),
            None => tax.category.usual_reason(language).map(str::to_owned),
        }
    }

    /// A price in another currency cannot be charged.
    ///
    /// # Errors
    /// `invalid_field` naming `field`.
    pub fn same_currency(&self, field: &str, currency: Currency) -> Result<()> {
        if currency == self.currency {
            Ok(())
        } else {
            Err(Error::field(field, format!("must be in {}, the currency of the business", self.currency)))
        }
    }
}

/// ISO 13616: move the first four characters to the end, letters to numbers, the remainder by 97 is 1.
pub(super) fn is_iban(iban: &str) -> bool {
    if !(15..=34).contains(&iban.len()) || !iban.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (head, tail) = iban.split_at(4);
    let remainder = tail
        .chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0, |sum, digit| if digit < 10 { (sum * 10 + digit) % 97 } else { (sum * 100 + digit) % 97 });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Business {
        Business::new("Atelier", "de", Currency::EUR, "Europe/Berlin".parse().expect("a zone")).expect("good")
    }

    #[test]
    fn a_country_suggests_language_and_rates() {
        let business = berlin();
        assert_eq!((business.country.as_str(), business.locale.as_str()), ("DE", "de"));
        assert_eq!(business.tax_rates.first().map(|rate| rate.rate), Some(BasisPoints::new(1900)));
        assert_eq!(business.tax(BasisPoints::ZERO, None).category, Category::Exempt);
    }

    #[test]
    fn an_iban_with_a_slip_is_refused() {
        let with = |iban: &str| Business { iban: Some(iban.into()), ..berlin() }.checked();
        assert_eq!(with("DE89 3704 0044 0532 0130 00").expect("good").iban.as_deref(), Some("DE89370400440532013000"));
        assert_eq!(with("DE89370400440532013001").expect_err("a slip").fields[0].field, "iban");
    }

    #[test]
    fn invoices_and_credit_notes_do_not_share_a_series() {
        let same = Business { credit_note_prefix: String::new(), ..berlin() };
        assert_eq!(same.checked().expect_err("one series").fields[0].field, "credit_note_prefix");
    }
}
