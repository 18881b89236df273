//! A reminder, and when the next one may be written.

use super::texts;
use crate::base::error::{Code, Error, Result};
use crate::base::time::Instant;
use crate::business::invoices::actions::Writing;
use crate::business::invoices::model::{Invoice, InvoiceId, Kind, Status};
use crate::business::mails::model::MailId;
use crate::business::settings::model::Business;

/// Highest level.
pub const LEVELS: i64 = 3;

/// Days after the due day of each level when the business says none.
const USUAL_DAYS: [i64; 3] = [7, 21, 42];

/// Fewest days that a reminder gives.
const LEAST_DAYS: i64 = 7;

/// A reminder that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// Of which invoice.
    pub invoice_id: InvoiceId,
    /// 1 to 3.
    pub level: i64,
    /// The letter.
    pub mail_id: Option<MailId>,
    /// Until which day it is to be paid now.
    pub due_on: String,
    /// When it was written.
    pub reminded_at: Instant,
}

/// Days that a reminder gives.
pub fn days_given(business: &Business) -> i64 {
    business.payment_days.max(LEAST_DAYS)
}

/// Days after an invoice's due day from which on a level is written by itself.
pub fn days_late(business: &Business, level: i64) -> i64 {
    let index = usize::try_from(level - 1).unwrap_or(0);
    let said = business.invoicing.reminders.get(index).map(|reminder| reminder.days);
    said.or_else(|| USUAL_DAYS.get(index).copied()).unwrap_or(365)
}

/// The level that comes next.
///
/// # Errors
/// `invalid_state` when nothing is owed or overdue, the time that the last reminder gave has not passed, or the last
/// level was written.
pub fn next_level(invoice: &Invoice, written: &[Reminder], today: &str) -> Result<i64> {
    let not = |why: String| Err(Error::new(Code::InvalidState, why));
    if invoice.kind == Kind::CreditNote {
        return not("A credit note asks for nothing that one could be reminded of.".into());
    }
    match invoice.status(today) {
        Status::Overdue => {}
        Status::Open => return not("This invoice is not overdue yet.".into()),
        status => return not(format!("This invoice is {} and owes nothing.", status.as_str())),
    }
    match written.last() {
        Some(last) if last.level >= LEVELS => not("The last reminder of this invoice was written already.".into()),
        Some(last) if last.due_on.as_str() >= today => {
            not(format!("The last reminder gives time until {}.", last.due_on))
        }
        Some(last) => Ok(last.level + 1),
        None => Ok(1),
    }
}

/// Subject and text of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

fn letter(invoice: &Invoice, (subject, text): (&str, &str), amount: i64, pay_by: &str) -> Letter {
    let numbers = Writing::of(&invoice.locale);
    let money = |amount| written(|out| numbers.money(out, amount, invoice.currency));
    let day = |iso: &str| written(|out| numbers.day(out, iso));
    let words: [(&str, &str); 7] = [
        ("number", &invoice.number),
        ("due_date", &day(invoice.due_on.as_deref().unwrap_or(&invoice.issued_on))),
        ("pay_by", &day(pay_by)),
        ("amount", &money(amount)),
        ("open", &money(invoice.open())),
        ("name", &invoice.buyer.name),
        ("business", &invoice.seller.name),
    ];
    // A subject is cut to what a mail takes: names may be long.
    let subject = texts::fill(subject, &words).chars().take(250).collect();
    Letter { subject, text: texts::fill(text, &words) }
}

/// The letter that brings a document, in its language.
pub fn bring(invoice: &Invoice) -> Letter {
    let what = match invoice.kind {
        Kind::CreditNote => texts::Brings::Credit,
        Kind::Invoice if invoice.open() > 0 => texts::Brings::Owed,
        Kind::Invoice => texts::Brings::Paid,
    };
    let text = texts::bring(&invoice.locale, what);
    letter(invoice, (text.subject, text.text), invoice.payable(), "")
}

/// The reminder of a level, in the language of the invoice, or in the words of the business.
pub fn remind(business: &Business, invoice: &Invoice, level: i64, pay_by: &str) -> Letter {
    let own = usize::try_from(level - 1).ok().and_then(|index| business.invoicing.reminders.get(index));
    let usual = texts::remind(&invoice.locale, level);
    let text = own.map_or((usual.subject, usual.text), |own| (own.subject.as_str(), own.text.as_str()));
    letter(invoice, text, invoice.open(), pay_by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::base::money::Currency;
    use crate::base::tax::Rounding;
    use crate::business::invoices::model::Party;

    fn invoice(locale: &str) -> Invoice {
        Invoice {
            id: Id::from_bytes([1; 16]),
            kind: Kind::Invoice,
            series: String::new(),
            seq: 1,
            number: "2026-00001".into(),
            client_id: Id::from_bytes([2; 16]),
            booking_id: None,
            corrects: None,
            issued_at: Instant::from_micros(0),
            issued_on: "2026-11-01".into(),
            due_on: Some("2026-11-15".into()),
            service_from: None,
            service_to: None,
            buyer_reference: None,
            order_reference: None,
            currency: Currency::EUR,
            prices_include_tax: true,
            rounding_way: Rounding::Gross,
            lines_net: 100_000,
            net: 100_000,
            tax: 19_000,
            gross: 119_000,
            rounding: 0,
            prepaid: 0,
            seller: Party { name: "Atelier".into(), ..Party::default() },
            buyer: Party { name: "Ada".into(), ..Party::default() },
            notes: None,
            locale: locale.into(),
            paid: 9_000,
            credited: 0,
        }
    }

    fn business() -> Business {
        Business::new("Atelier", "DE", Currency::EUR, "Europe/Berlin".parse().expect("a zone")).expect("good")
    }

    fn written(level: i64, due_on: &str) -> Reminder {
        let invoice_id = Id::from_bytes([1; 16]);
        Reminder { invoice_id, level, mail_id: None, due_on: due_on.into(), reminded_at: Instant::from_micros(0) }
    }

    #[test]
    fn a_level_comes_after_the_one_before_and_after_its_time() {
        let next = |written: &[Reminder], today: &str| next_level(&invoice("en"), written, today).ok();
        assert_eq!(next(&[], "2026-11-15"), None, "the due day is still in time");
        assert_eq!(next(&[], "2026-11-16"), Some(1));
        assert_eq!(next(&[written(1, "2026-11-30")], "2026-11-30"), None);
        assert_eq!(next(&[written(1, "2026-11-30")], "2026-12-01"), Some(2));
        assert_eq!(next(&[written(1, "2026-11-30"), written(2, "2026-12-15")], "2026-12-16"), Some(3));
        assert_eq!(next(&[written(3, "2026-12-30")], "2027-12-16"), None);
        let paid = Invoice { paid: 119_000, ..invoice("en") };
        assert!(next_level(&paid, &[], "2026-12-01").is_err());
        let credit = Invoice { kind: Kind::CreditNote, ..invoice("en") };
        assert!(next_level(&credit, &[], "2026-12-01").is_err());
    }

    #[test]
    fn a_reminder_asks_for_what_is_open_in_the_language_of_the_invoice() {
        let german = remind(&business(), &invoice("de"), 1, "2026-12-01");
        assert_eq!(german.subject, "Zahlungserinnerung zu Rechnung 2026-00001");
        for said in ["Guten Tag Ada", "am 15.11.2026 fällig", "1.100,00\u{a0}€", "bis zum 01.12.2026", "Atelier"] {
            assert!(german.text.contains(said), "{said} in {}", german.text);
        }
        assert!(!german.text.contains('{'));
        let english = bring(&invoice("en"));
        assert!(english.text.contains("€1,190.00") && english.text.contains("pay €1,100.00 by 15\u{a0}November"));
    }

    #[test]
    fn the_words_and_days_of_the_business_come_first() {
        let mut business = business();
        assert_eq!([1, 2, 3].map(|level| days_late(&business, level)), [7, 21, 42]);
        assert_eq!(days_given(&business), 14);
        business.payment_days = 3;
        assert_eq!(days_given(&business), 7);
        business.invoicing.reminders = (1..=3)
            .map(|level| crate::business::settings::model::Reminder {
                days: level * 5,
                subject: format!("{level}: {{number}}"),
                text: "{name} owes {amount} since {due_date}".into(),
            })
            .collect();
        assert_eq!(days_late(&business, 2), 10);
        let letter = remind(&business, &invoice("fr"), 2, "2026-12-01");
        assert_eq!(letter.subject, "2: 2026-00001");
        assert_eq!(letter.text, "Ada owes 1\u{202f}100,00\u{a0}€ since 15/11/2026");
    }
}
