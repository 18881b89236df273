//! An entry of the journal: what was booked on which day, to which accounts. Pure.

use super::chart::Chart;
use crate::base::error::{Check, Error, Result};
use crate::base::id::Id;
use crate::base::money::Currency;
use crate::base::page::Cursor;
use crate::base::tax::Tax;
use crate::base::time::{Instant, Local, Zone};
use crate::business::invoices::model::{Kind, TaxRow};
use crate::business::payments::model::Method;
use crate::words;

/// The id of an entry: that of the document or the payment behind it.
pub type EntryId = Id<Entry>;

words! {
    /// What an entry books.
    pub enum Source {
        /// An invoice.
        Invoice = "invoice",
        /// A credit note.
        CreditNote = "credit_note",
        /// Money that came in.
        Payment = "payment",
        /// Money that went back.
        Refund = "refund",
    }
}

words! {
    /// What an account is for.
    pub enum Role {
        /// What clients owe.
        Receivable = "receivable",
        /// What was earned.
        Revenue = "revenue",
        /// Tax that is owed.
        Tax = "tax",
        /// What brings net and tax to the prices as agreed.
        Rounding = "rounding",
        /// The bank.
        Bank = "bank",
        /// The till.
        Cash = "cash",
        /// Money on its way: cards, and ways that are not named.
        Card = "card",
    }
}

/// One line of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Digits.
    pub account: String,
    /// What the account is for.
    pub role: Role,
    /// What it is about, for revenue, tax and rounding.
    pub tax: Option<Tax>,
    /// Minor units; not negative.
    pub debit: i64,
    /// Minor units; not negative.
    pub credit: i64,
}

impl Posting {
    /// Debit when positive, credit when negative.
    fn new(account: String, role: Role, tax: Option<Tax>, signed: i64) -> Self {
        Self { account, role, tax, debit: signed.max(0), credit: (-signed).max(0) }
    }

    /// Debit when positive, credit when negative.
    pub const fn signed(&self) -> i64 {
        self.debit - self.credit
    }
}

/// A document or a payment in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What it books.
    pub source: Source,
    /// On which day, where the business is.
    pub day: String,
    /// When, for money; orders the payments of a day.
    pub at: Instant,
    /// Number of the document; none for money.
    pub number: Option<String>,
    /// Number of the invoice that is asked for, taken back or paid; of money without an invoice, the reference of the
    /// booking.
    pub settles: Option<String>,
    /// Whom it is about.
    pub name: String,
    /// VAT id of the buyer.
    pub vat_id: Option<String>,
    /// Until which day it is to be paid.
    pub due_on: Option<String>,
    /// What the bank or the card says.
    pub reference: Option<String>,
    /// Of every amount.
    pub currency: Currency,
    /// The first is what is owed, or where money moved; the others are what stands against it.
    pub postings: Vec<Posting>,
}

/// An issued document as the books see it.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its id.
    pub id: EntryId,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub number: String,
    /// The invoice that a credit note takes back.
    pub corrects: Option<String>,
    /// Until which day it is to be paid.
    pub due_on: Option<String>,
    /// Of every amount.
    pub currency: Currency,
    /// Minor units, with tax and rounding.
    pub payable: i64,
    /// Whom it is about.
    pub name: String,
    /// VAT id of the buyer.
    pub vat_id: Option<String>,
    /// By tax.
    pub taxes: Vec<TaxRow>,
}

/// Money as the books see it.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Instant,
    /// Minor units; negative when it went back.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// How.
    pub method: Method,
    /// What the bank or the card says.
    pub reference: Option<String>,
    /// The invoice, or else the booking.
    pub settles: Option<String>,
    /// Whom it is about.
    pub name: String,
}

impl Issued {
    /// Receivable against revenue, tax and rounding; a credit note the other way round.
    pub fn entry(self, chart: Chart<'_>, day: &str) -> Entry {
        let (source, sign) = match self.kind {
            Kind::Invoice => (Source::Invoice, 1),
            Kind::CreditNote => (Source::CreditNote, -1),
        };
        let mut postings = vec![Posting::new(chart.receivable(), Role::Receivable, None, sign * self.payable)];
        for row in &self.taxes {
            for (account, role, amount) in [
                (chart.revenue(row.tax).account, Role::Revenue, row.net),
                (chart.tax(row.tax), Role::Tax, row.amount),
                (chart.rounding(), Role::Rounding, row.rounding),
            ] {
                if amount != 0 {
                    postings.push(Posting::new(account, role, Some(row.tax), -sign * amount));
                }
            }
        }
        Entry {
            id: self.id,
            source,
            day: day.to_owned(),
            at: Instant::from_micros(0),
            settles: Some(self.corrects.unwrap_or_else(|| self.number.clone())),
            number: Some(self.number),
            name: self.name,
            vat_id: self.vat_id,
            due_on: self.due_on,
            reference: None,
            currency: self.currency,
            postings,
        }
    }
}

impl Moved {
    /// Bank, till or card against receivable; money that went back the other way round.
    pub fn entry(self, chart: Chart<'_>, day: &str) -> Entry {
        let (account, role) = match self.method {
            Method::Cash => (chart.cash(), Role::Cash),
            Method::Transfer => (chart.bank(), Role::Bank),
            // How the money moves is not known: it is on its way until the bank shows it.
            Method::Card | Method::Other => (chart.card(), Role::Card),
        };
        Entry {
            id: self.id,
            source: if self.amount < 0 { Source::Refund } else { Source::Payment },
            day: day.to_owned(),
            at: self.at,
            number: None,
            settles: self.settles,
            name: self.name,
            vat_id: None,
            due_on: None,
            reference: self.reference,
            currency: self.currency,
            postings: vec![
                Posting::new(account, role, None, self.amount),
                Posting::new(chart.receivable(), Role::Receivable, None, -self.amount),
            ],
        }
    }
}

/// Days from the first to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day, as `2026-01-01`.
    pub from: String,
    /// Last day.
    pub to: String,
}

impl Span {
    /// From one day to another.
    ///
    /// # Errors
    /// `invalid_field` naming `from` or `to`.
    pub fn new(from: &str, to: &str) -> Result<Self> {
        let mut check = Check::new();
        check.take("from", midnight("from", from));
        check.take("to", midnight("to", to));
        check.that(from <= to, "to", "must not lie before from");
        check.done()?;
        Ok(Self { from: from.to_owned(), to: to.to_owned() })
    }

    /// Refuses what is not within one fiscal year. It is the calendar year: a file names one year for all its days.
    ///
    /// # Errors
    /// `invalid_field` naming `to`.
    pub fn within_a_year(&self) -> Result<()> {
        if self.from.get(..4) == self.to.get(..4) {
            Ok(())
        } else {
            Err(Error::field("to", "must lie in the same year as from: a batch belongs to one fiscal year"))
        }
    }
}

/// The beginning of a day on the wall.
fn midnight(field: &str, day: &str) -> Result<Local> {
    let wrong = || Error::field(field, "must be a day such as 2026-12-24");
    if day.len() != 10 {
        return Err(wrong());
    }
    format!("{day}T00:00").parse().map_err(|_| wrong())
}

/// When a day begins and when it is over.
///
/// # Errors
/// `invalid_field` when it is no day.
pub fn bounds(day: &str, zone: &Zone) -> Result<(Instant, Instant)> {
    let start = midnight("day", day)?;
    Ok((start.in_zone(zone)?, start.plus_days(1).in_zone(zone)?))
}

/// A place in the journal: entries stand by day, documents before payments, documents by id, payments by time and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The day.
    pub day: String,
    /// The last payment seen, once the documents of the day are through.
    pub payment: Option<(Instant, EntryId)>,
    /// The last document seen.
    pub document: EntryId,
}

/// Names the order of the journal in cursors.
const ORDER: &str = "journal";

impl Place {
    /// Before everything of a day.
    pub fn before(day: &str) -> Self {
        Self { day: day.to_owned(), payment: None, document: Id::from_bytes([0; 16]) }
    }

    /// Behind an entry.
    pub fn behind(entry: &Entry) -> Self {
        match entry.source {
            Source::Invoice | Source::CreditNote => Self { document: entry.id, ..Self::before(&entry.day) },
            Source::Payment | Source::Refund => {
                Self { payment: Some((entry.at, entry.id)), ..Self::before(&entry.day) }
            }
        }
    }

    /// As a cursor.
    pub fn cursor(&self) -> Cursor {
        let (at, id) = match self.payment {
            Some((at, id)) => (at.micros().to_string(), id),
            None => (String::new(), self.document),
        };
        Cursor::new(ORDER, &[&self.day, &at, &id.to_string()])
    }

    /// From a cursor.
    ///
    /// # Errors
    /// `bad_request` when it comes from another list.
    pub fn read(cursor: &Cursor) -> Result<Self> {
        let [day, at, id] = cursor.keys(ORDER)?;
        let id: EntryId = id.parse()?;
        midnight("cursor", day)?;
        Ok(match at.parse() {
            Ok(at) => Self { payment: Some((Instant::from_micros(at), id)), ..Self::before(day) },
            Err(_) => Self { document: id, ..Self::before(day) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::BasisPoints;
    use crate::base::tax::Category;
    use crate::business::settings::model::Accounts;

    fn row(category: Category, rate: i64, (net, amount, rounding): (i64, i64, i64)) -> TaxRow {
        TaxRow { tax: Tax { category, rate: BasisPoints::new(rate) }, net, amount, rounding, reason: None }
    }

    fn issued(kind: Kind, taxes: Vec<TaxRow>) -> Issued {
        Issued {
            id: Id::from_bytes([7; 16]),
            kind,
            number: "CN2026-00001".into(),
            corrects: (kind == Kind::CreditNote).then(|| "2026-00009".into()),
            due_on: None,
            currency: Currency::EUR,
            payable: taxes.iter().map(TaxRow::payable).sum(),
            name: "Ada".into(),
            vat_id: None,
            taxes,
        }
    }

    fn balance(entry: &Entry) -> i64 {
        entry.postings.iter().map(Posting::signed).sum()
    }

    #[test]
    fn an_invoice_is_booked_by_tax_and_its_credit_note_the_other_way_round() {
        let accounts = Accounts::default();
        let chart = Chart::of(&accounts);
        // 353.90 at 19 % misses its tax by a cent.
        let taxes =
            || vec![row(Category::Standard, 1900, (29_739, 5_650, 1)), row(Category::Standard, 700, (-1_000, -70, 0))];
        let invoice = issued(Kind::Invoice, taxes()).entry(chart, "2026-11-24");
        let lines: Vec<_> = invoice.postings.iter().map(|p| (p.account.as_str(), p.debit, p.credit)).collect();
        assert_eq!(
            lines,
            [
                ("10000", 34_320, 0),
                ("8400", 0, 29_739),
                ("1776", 0, 5_650),
                ("2700", 0, 1),
                ("8300", 1_000, 0),
                ("1771", 70, 0)
            ]
        );
        let back = issued(Kind::CreditNote, taxes()).entry(chart, "2026-11-24");
        assert_eq!(back.settles.as_deref(), Some("2026-00009"));
        for (there, here) in invoice.postings.iter().zip(&back.postings) {
            assert_eq!((there.debit, there.credit), (here.credit, here.debit));
        }
        assert_eq!((balance(&invoice), balance(&back)), (0, 0));
    }

    #[test]
    fn money_stands_against_what_is_owed() {
        let accounts = Accounts::default();
        let chart = Chart::of(&accounts);
        for (method, account) in
            [(Method::Transfer, "1200"), (Method::Cash, "1000"), (Method::Card, "1360"), (Method::Other, "1360")]
        {
            for amount in [5_000, -5_000] {
                let moved = Moved {
                    id: Id::from_bytes([7; 16]),
                    at: Instant::from_micros(0),
                    amount,
                    currency: Currency::EUR,
                    method,
                    reference: None,
                    settles: None,
                    name: "Ada".into(),
                };
                let entry = moved.entry(chart, "2026-11-24");
                let lines: Vec<_> = entry.postings.iter().map(|p| (p.account.as_str(), p.signed())).collect();
                assert_eq!(lines, [(account, amount), ("10000", -amount)]);
            }
        }
    }

    #[test]
    fn a_span_has_real_days_in_order_and_a_batch_stays_in_its_year() {
        assert!(Span::new("2026-01-01", "2026-12-31").expect("a year").within_a_year().is_ok());
        assert!(Span::new("2026-12-31", "2027-01-01").expect("two days").within_a_year().is_err());
        for (from, to) in [("2026-02-30", "2026-03-01"), ("2026-03-02", "2026-03-01"), ("x", "2026-03-01")] {
            assert!(Span::new(from, to).is_err(), "{from} {to}");
        }
    }

    #[test]
    fn a_place_is_what_its_cursor_says() {
        let payment = Some((Instant::from_micros(-5), Id::from_bytes([3; 16])));
        for place in [
            Place { document: Id::from_bytes([9; 16]), ..Place::before("2026-11-24") },
            Place { payment, ..Place::before("2026-11-24") },
        ] {
            let text = place.cursor().encode();
            assert_eq!(Place::read(&Cursor::decode(&text).expect("its own text")).expect("a place"), place);
        }
        assert!(Place::read(&Cursor::new("bookings", &["x"])).is_err());
    }
}
