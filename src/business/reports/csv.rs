//! Reports as tables (RFC 4180): UTF-8, CRLF, a head, a line for each row, amounts as decimals. Pure.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::model::{Occupancy, Revenue, Taxed};
use crate::base::day::Day;
use crate::base::money::Currency;

/// A kind of row that a table can hold. No field needs quotes: days, words without commas and numbers.
pub trait Line {
    /// Names of the columns.
    const HEAD: &'static str;

    /// Appends the line of a period.
    fn write(&self, out: &mut String, period: Day, currency: Currency);
}

fn decimal(amount: i64, currency: Currency) -> Decimal {
    Decimal::new(amount, u32::from(currency.decimals()))
}

fn rest(out: &mut String, currency: Currency, amounts: &[i64]) {
    for amount in amounts {
        // Writing to a text cannot fail.
        let _ = write!(out, ",{}", decimal(*amount, currency));
    }
    let _ = write!(out, ",{currency}\r\n");
}

impl Line for Revenue {
    const HEAD: &'static str = "period,invoiced,credited,net,tax,gross,received,currency\r\n";

    fn write(&self, out: &mut String, period: Day, currency: Currency) {
        let _ = write!(out, "{period}");
        let amounts = [self.invoiced, self.credited, self.net, self.tax, self.gross, self.received];
        rest(out, currency, &amounts);
    }
}

impl Line for Occupancy {
    const HEAD: &'static str = "period,occurrences,capacity,seats_taken,checked_in,no_show\r\n";

    fn write(&self, out: &mut String, period: Day, _currency: Currency) {
        let Self { occurrences, capacity, seats_taken, checked_in, no_show } = self;
        let _ = write!(out, "{period},{occurrences},{capacity},{seats_taken},{checked_in},{no_show}\r\n");
    }
}

impl Line for Taxed {
    const HEAD: &'static str = "period,tax_category,tax_rate_percent,net,tax,gross,currency\r\n";

    fn write(&self, out: &mut String, period: Day, currency: Currency) {
        let _ = write!(out, "{period},{},{}", self.tax.category, self.tax.rate.percent());
        rest(out, currency, &[self.net, self.amount, self.net + self.amount]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<L: Line>(row: &L, currency: &str) -> String {
        let mut out = String::new();
        let day = Day::read("period", "2026-11-01").expect("a day");
        row.write(&mut out, day, currency.parse().expect("a currency"));
        assert_eq!(out.split(',').count(), L::HEAD.split(',').count());
        out
    }

    #[test]
    fn amounts_are_decimals_of_their_currency() {
        let row = Revenue { invoiced: 123_450, credited: 50, net: -5, ..Revenue::default() };
        assert_eq!(written(&row, "EUR"), "2026-11-01,1234.50,0.50,-0.05,0.00,0.00,0.00,EUR\r\n");
        assert!(written(&row, "JPY").starts_with("2026-11-01,123450,50,-5,0,"));
        written(&Occupancy::default(), "EUR");
    }
}
