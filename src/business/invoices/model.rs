//! Invoices, credit notes, and how their totals follow from their lines.
//!
//! Rounding: each line is `quantity × unit price`, rounded once. Tax is computed per rate on the sum of its lines
//! (EN 16931-1 §6.4, BR-CO-17); where prices hold the tax, it is taken out of that sum, so that the gross total is
//! the sum of the prices as agreed. All rounding is half up away from zero.

use rust_decimal::Decimal;

use crate::base::error::{Check, Code, Error, Result};
use crate::base::id::Id;
use crate::base::money::{self, BasisPoints, Currency, MAX_AMOUNT, divide_half_up};
use crate::base::text;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::{word_column, words};

/// The id of an issued document.
pub type InvoiceId = Id<Invoice>;

/// Names the id of the booking that a document is about; bookings stand below.
pub struct Booking;

words! {
    /// What the document is.
    pub enum Kind {
        /// It asks for money (UNTDID 1001: 380).
        Invoice = "invoice",
        /// It takes an invoice back, wholly or in part (UNTDID 1001: 381).
        CreditNote = "credit_note",
    }
}
word_column!(Kind);

words! {
    /// How an invoice stands.
    pub enum Status {
        /// Money is owed.
        Open = "open",
        /// Money is owed, and its day has passed.
        Overdue = "overdue",
        /// Nothing is owed.
        Paid = "paid",
        /// It was taken back as a whole.
        Credited = "credited",
        /// A credit note, which owes nothing by itself.
        Issued = "issued",
    }
}

/// A line as it is asked for.
#[derive(Clone, Debug)]
pub struct LineInput {
    /// What it is for.
    pub description: String,
    /// A decimal.
    pub quantity: String,
    /// Minor units.
    pub unit_price: i64,
    /// Basis points.
    pub tax_rate: BasisPoints,
}

/// A line of an issued document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub description: String,
    /// A decimal.
    pub quantity: Decimal,
    /// Minor units.
    pub unit_price: i64,
    /// Basis points.
    pub tax_rate: BasisPoints,
    /// Minor units; with the tax, if the document's prices hold it.
    pub total: i64,
}

/// The tax of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxRow {
    /// Basis points.
    pub rate: BasisPoints,
    /// Minor units without tax.
    pub net: i64,
    /// Minor units of tax.
    pub tax: i64,
}

/// What a document adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// By rate, highest first.
    pub taxes: Vec<TaxRow>,
    /// Sum of the nets.
    pub net: i64,
    /// Sum of the taxes.
    pub tax: i64,
    /// `net + tax`.
    pub gross: i64,
}

/// Seller or buyer as they were when the document was issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// VAT id.
    pub vat_id: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Holder of the account.
    pub bank_holder: Option<String>,
    /// IBAN.
    pub iban: Option<String>,
    /// BIC.
    pub bic: Option<String>,
}

/// An issued document without its lines.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// What it is.
    pub kind: Kind,
    /// What counts it.
    pub series: String,
    /// Its place in the series, from 1.
    pub seq: i64,
    /// What people call it.
    pub number: String,
    /// For whom.
    pub client_id: ClientId,
    /// For which booking.
    pub booking_id: Option<Id<Booking>>,
    /// Which invoice a credit note takes back.
    pub corrects: Option<(InvoiceId, String)>,
    /// When.
    pub issued_at: Instant,
    /// On which day, where the business is.
    pub issued_on: String,
    /// Until which day it is to be paid.
    pub due_on: Option<String>,
    /// ISO 4217.
    pub currency: Currency,
    /// Whether the lines' prices hold the tax.
    pub prices_include_tax: bool,
    /// Minor units.
    pub net: i64,
    /// Minor units.
    pub tax: i64,
    /// Minor units.
    pub gross: i64,
    /// As it was.
    pub seller: Party,
    /// As it was.
    pub buyer: Party,
    /// Text below the totals.
    pub notes: Option<String>,
    /// Its language.
    pub locale: String,
    /// Minor units paid so far, refunds taken off.
    pub paid: i64,
    /// Minor units taken back by credit notes.
    pub credited: i64,
}

impl Invoice {
    /// What is still owed, in minor units; negative when too much was paid.
    pub fn open(&self) -> i64 {
        match self.kind {
            Kind::Invoice => self.gross - self.credited - self.paid,
            Kind::CreditNote => 0,
        }
    }

    /// How it stands on a day.
    pub fn status(&self, today: &str) -> Status {
        match self.kind {
            Kind::CreditNote => Status::Issued,
            Kind::Invoice if self.credited > 0 && self.credited == self.gross => Status::Credited,
            Kind::Invoice if self.open() <= 0 => Status::Paid,
            Kind::Invoice if self.due_on.as_deref().is_some_and(|due| due < today) => Status::Overdue,
            Kind::Invoice => Status::Open,
        }
    }
}

/// The rendered PDF of a document.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Names it in the store.
    pub file_key: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// When.
    pub rendered_at: Instant,
}

/// Most lines of one document.
pub const MOST_LINES: usize = 100_000;

/// The lines, with their totals.
///
/// # Errors
/// `invalid_field` naming each wrong line.
pub fn lines(inputs: &[LineInput]) -> Result<Vec<Line>> {
    let mut check = Check::new();
    check.that(!inputs.is_empty(), "lines", "must hold at least one line");
    check.that(inputs.len() <= MOST_LINES, "lines", "must be at most 100000");
    check.done()?;
    let mut check = Check::new();
    let mut lines = Vec::with_capacity(inputs.len());
    let mut wrong = 0;
    for (index, input) in inputs.iter().enumerate() {
        match line(input) {
            Ok(line) => lines.push(line),
            Err(error) => {
                for field in error.fields {
                    check.that(false, &format!("lines[{index}].{}", field.field), &field.message);
                }
                wrong += 1;
                // A hundred are enough to see what is wrong.
                if wrong == 100 {
                    break;
                }
            }
        }
    }
    check.done()?;
    Ok(lines)
}

fn line(input: &LineInput) -> Result<Line> {
    let mut check = Check::new();
    let description = text::block("description", &input.description, 2000);
    let description = check.take("description", description).unwrap_or_default();
    check.that(!description.is_empty(), "description", "must not be empty");
    let quantity = check.take("quantity", money::quantity("quantity", &input.quantity)).unwrap_or(Decimal::ONE);
    check.that(input.unit_price.abs() <= MAX_AMOUNT, "unit_price", "is too large");
    check.that((0..=10_000).contains(&input.tax_rate.0), "tax_rate", "must be 0 to 10000 basis points");
    let total = check.take("quantity", money::line_total(quantity, input.unit_price)).unwrap_or(0);
    check.done()?;
    Ok(Line { description, quantity, unit_price: input.unit_price, tax_rate: input.tax_rate, total })
}

/// What the lines add up to.
///
/// # Errors
/// `invalid_field` when the sum leaves the range.
pub fn totals(lines: &[Line], prices_include_tax: bool) -> Result<Totals> {
    let mut sums: Vec<(BasisPoints, i64)> = Vec::new();
    let too_large = || Error::field("lines", "add up to too much");
    for line in lines {
        match sums.iter_mut().find(|(rate, _)| *rate == line.tax_rate) {
            Some((_, sum)) => *sum = sum.checked_add(line.total).ok_or_else(too_large)?,
            None => sums.push((line.tax_rate, line.total)),
        }
    }
    sums.sort_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    let taxes: Vec<TaxRow> = sums
        .into_iter()
        .map(|(rate, sum)| {
            if prices_include_tax {
                let tax = money::tax_in_gross(sum, rate);
                TaxRow { rate, net: sum - tax, tax }
            } else {
                TaxRow { rate, net: sum, tax: money::tax_on_net(sum, rate) }
            }
        })
        .collect();
    let net: i64 = taxes.iter().map(|row| row.net).sum();
    let tax: i64 = taxes.iter().map(|row| row.tax).sum();
    if net.abs() > MAX_AMOUNT * 1000 {
        return Err(too_large());
    }
    Ok(Totals { taxes, net, tax, gross: net + tax })
}

/// Shares `amount` among the gross sums of an invoice's rates, to the cent: by largest remainder, so that the
/// shares add up to it.
///
/// # Errors
/// `exceeds_balance` when there is nothing to share it among.
pub fn share(amount: i64, taxes: &[TaxRow]) -> Result<Vec<(BasisPoints, i64)>> {
    let whole: i128 = taxes.iter().map(|row| i128::from(row.net + row.tax)).sum();
    if whole <= 0 {
        return Err(Error::new(Code::ExceedsBalance, "There is nothing on this invoice that could be credited."));
    }
    let mut shares: Vec<(BasisPoints, i64, i128)> = taxes
        .iter()
        .map(|row| {
            let exact = i128::from(amount) * i128::from(row.net + row.tax);
            (row.rate, i64::try_from(exact.div_euclid(whole)).unwrap_or(0), exact.rem_euclid(whole))
        })
        .collect();
    let mut left = amount - shares.iter().map(|(_, share, _)| share).sum::<i64>();
    shares.sort_by_key(|(_, _, remainder)| std::cmp::Reverse(*remainder));
    for (_, share, _) in &mut shares {
        if left == 0 {
            break;
        }
        *share += 1;
        left -= 1;
    }
    Ok(shares.into_iter().map(|(rate, share, _)| (rate, share)).filter(|(_, share)| *share != 0).collect())
}

/// The number of a document: its series, and its place with at least five digits.
pub fn number(series: &str, seq: i64) -> String {
    format!("{series}{seq:05}")
}

/// The price of one seat as a gross amount, for bookings whose business prices without tax.
pub fn gross_of(amount: i64, rate: BasisPoints, prices_include_tax: bool) -> i64 {
    if prices_include_tax {
        amount
    } else {
        let gross = i128::from(amount) * i128::from(10_000 + rate.0);
        i64::try_from(divide_half_up(gross, 10_000)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(quantity: &str, unit_price: i64, rate: i64) -> LineInput {
        LineInput { description: "Seat".into(), quantity: quantity.into(), unit_price, tax_rate: BasisPoints(rate) }
    }

    fn sum(inputs: &[LineInput], gross: bool) -> Totals {
        totals(&lines(inputs).expect("good lines"), gross).expect("in range")
    }

    #[test]
    fn tax_is_computed_on_the_sum_of_a_rate_and_not_per_line() {
        // 3 × 0.33 at 19 %: per line 0.06 each would be 0.18; on the sum 0.99 it is 0.19.
        let totals = sum(&[input("1", 33, 1900), input("1", 33, 1900), input("1", 33, 1900)], false);
        assert_eq!((totals.net, totals.tax, totals.gross), (99, 19, 118));
    }

    #[test]
    fn gross_prices_stay_as_agreed() {
        let totals = sum(&[input("1", 35_390, 1900)], true);
        assert_eq!((totals.net, totals.tax, totals.gross), (29_739, 5_651, 35_390));
    }

    #[test]
    fn several_rates_are_listed_from_the_highest() {
        let totals = sum(&[input("2", 3_400, 700), input("1", 500, 1900), input("1", 100, 0)], true);
        let rates: Vec<_> = totals.taxes.iter().map(|row| row.rate.0).collect();
        assert_eq!(rates, [1900, 700, 0]);
        assert_eq!(totals.gross, 7_400);
        assert_eq!(totals.net + totals.tax, totals.gross);
    }

    #[test]
    fn a_wrong_line_is_named_by_its_place() {
        let wrong = lines(&[input("1", 100, 0), input("zero", 100, 20_000)]).expect_err("two fields");
        let fields: Vec<_> = wrong.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["lines[1].quantity", "lines[1].tax_rate"]);
        assert_eq!(lines(&[]).expect_err("none").fields[0].field, "lines");
    }

    #[test]
    fn shares_of_an_amount_add_up_to_it() {
        let taxes = [
            TaxRow { rate: BasisPoints(1900), net: 100, tax: 19 },
            TaxRow { rate: BasisPoints(700), net: 200, tax: 14 },
            TaxRow { rate: BasisPoints(0), net: 1, tax: 0 },
        ];
        for amount in 1..=334 {
            let shares = share(amount, &taxes).expect("something to share among");
            assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), amount);
        }
    }

    #[test]
    fn totals_of_many_random_invoices_hold_together() {
        let mut seed = 7_u64;
        let mut next = |most: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).expect("31 bits") % most
        };
        for _ in 0..20_000 {
            let inputs: Vec<_> = (0..=next(6))
                .map(|_| {
                    let quantity = format!("{}.{}", next(40), 1 + next(999));
                    input(&quantity, next(50_000), [0, 700, 1900, 997][usize::try_from(next(4)).expect("small")])
                })
                .collect();
            for gross in [true, false] {
                let lines = lines(&inputs).expect("good lines");
                let totals = totals(&lines, gross).expect("in range");
                let sum: i64 = lines.iter().map(|line| line.total).sum();
                assert_eq!(totals.net + totals.tax, totals.gross);
                assert_eq!(if gross { totals.gross } else { totals.net }, sum);
            }
        }
    }
}
