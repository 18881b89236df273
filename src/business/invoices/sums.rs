//! How a document adds up. Pure: API, PDF, e-invoice and pages show what is computed here, once.
//!
//! A line is `quantity × unit price`, rounded, less its discount. From there [`Rounding`] decides; whatever it says,
//! the nets of lines, discounts and charges add up to the nets of the taxes, and net plus tax is the gross total.

use rust_decimal::Decimal;

use super::model::{Adjustment, Line, TaxRow, Totals, Unit};
use crate::base::error::{Code, Error, Result};
use crate::base::money::{self, MAX_AMOUNT, net_of_gross, share_of};
use crate::base::tax::{Rounding, Tax};

/// Largest sum of a document: a thousand times the largest price.
pub(super) const MAX_SUM: i64 = MAX_AMOUNT * 1000;

pub(super) fn too_large() -> Error {
    Error::field("lines", "add up to too much")
}

/// Shares `amount`, which is not negative, among sums to the cent: by largest remainder, so that the shares add up.
///
/// # Errors
/// `exceeds_balance` when there is nothing to share it among.
pub fn share(amount: i64, sums: &[(Tax, i64)]) -> Result<Vec<(Tax, i64)>> {
    let sums: Vec<(Tax, i64)> = sums.iter().copied().filter(|(_, sum)| *sum > 0).collect();
    let whole: i128 = sums.iter().map(|(_, sum)| i128::from(*sum)).sum();
    if whole <= 0 {
        return Err(Error::new(Code::ExceedsBalance, "There is nothing on this document to share the amount among."));
    }
    let mut shares: Vec<(Tax, i64, i128)> = sums
        .iter()
        .map(|(tax, sum)| {
            let exact = i128::from(amount) * i128::from(*sum);
            (*tax, i64::try_from(exact / whole).unwrap_or(0), exact % whole)
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
    Ok(shares.into_iter().map(|(tax, share, _)| (tax, share)).filter(|(_, share)| *share != 0).collect())
}

/// What is taxed in one way, while it is added up.
struct Group {
    tax: Tax,
    net: i64,
    /// Rounded line by line; used by [`Rounding::PerLine`].
    amount: i64,
    /// Used by [`Rounding::Gross`].
    gross: i64,
}

impl Group {
    /// Adds a sum in the document's prices; returns its part of the net.
    fn add(&mut self, sum: i64, with_tax: bool, way: Rounding) -> Result<i64> {
        let rate = self.tax.rate;
        let net = if with_tax { net_of_gross(sum, rate) } else { sum };
        let part = match way {
            Rounding::PerLine => {
                self.amount += if with_tax { sum - net } else { share_of(sum, rate) };
                net
            }
            Rounding::Sum => net,
            // Rounded on the running sum, so that the parts add up to the net of the whole.
            Rounding::Gross => {
                self.gross += if with_tax { sum } else { sum + share_of(sum, rate) };
                net_of_gross(self.gross, rate) - self.net
            }
        };
        self.net = self
            .net
            .checked_add(part)
            .filter(|net| net.unsigned_abs() <= MAX_SUM.unsigned_abs())
            .ok_or_else(too_large)?;
        Ok(part)
    }

    fn row(&self, way: Rounding) -> TaxRow {
        let amount = match way {
            Rounding::PerLine => self.amount,
            Rounding::Sum | Rounding::Gross => share_of(self.net, self.tax.rate),
        };
        let rounding = match way {
            Rounding::PerLine | Rounding::Sum => 0,
            Rounding::Gross => self.gross - self.net - amount,
        };
        TaxRow { tax: self.tax, net: self.net, amount, rounding, reason: None }
    }
}

/// What lines, discounts and charges add up to; fills in their nets.
///
/// # Errors
/// `invalid_field` when the sum leaves the range.
pub fn totals(
    lines: &mut [Line],
    adjustments: &mut [Adjustment],
    prices_include_tax: bool,
    way: Rounding,
) -> Result<Totals> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |tax: Tax, sum: i64| -> Result<i64> {
        if sum.unsigned_abs() > MAX_SUM.unsigned_abs() {
            return Err(too_large());
        }
        // A document has a handful of taxes: looking is faster than hashing.
        let index = groups.iter().position(|group| group.tax == tax).unwrap_or_else(|| {
            groups.push(Group { tax, net: 0, amount: 0, gross: 0 });
            groups.len() - 1
        });
        groups.get_mut(index).map_or(Ok(0), |group| group.add(sum, prices_include_tax, way))
    };
    let mut lines_net = 0;
    for line in lines {
        line.net = add(line.tax, line.total)?;
        lines_net += line.net;
    }
    for adjustment in adjustments {
        let signed = if adjustment.charge { adjustment.amount } else { -adjustment.amount };
        adjustment.net = add(adjustment.tax, signed)?.abs();
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.tax.rate), group.tax.category));
    let taxes: Vec<TaxRow> = groups.iter().map(|group| group.row(way)).collect();
    let net: i64 = taxes.iter().map(|row| row.net).sum();
    let tax: i64 = taxes.iter().map(|row| row.amount).sum();
    let rounding = taxes.iter().map(|row| row.rounding).sum();
    Ok(Totals { taxes, lines: lines_net, net, tax, gross: net + tax, rounding })
}

/// What so many of something cost, with tax: what an invoice over them asks for.
///
/// # Errors
/// `invalid_field` when the product leaves the range.
pub fn price(quantity: i64, unit_price: i64, tax: Tax, prices_include_tax: bool, way: Rounding) -> Result<i64> {
    let mut line = Line {
        description: String::new(),
        quantity: Decimal::from(quantity),
        unit: Unit::One,
        unit_price,
        discount: 0,
        discount_percent: None,
        discount_reason: None,
        tax,
        total: money::line_total(Decimal::from(quantity), unit_price)?,
        net: 0,
    };
    let totals = totals(std::slice::from_mut(&mut line), &mut [], prices_include_tax, way)?;
    Ok(totals.gross + totals.rounding)
}

#[cfg(test)]
mod tests {
    use super::super::asked::{adjustments, lines};
    use super::super::model::{AdjustmentInput, DiscountInput, LineInput};
    use super::*;
    use crate::base::money::BasisPoints;
    use crate::base::tax::Category;

    fn standard(rate: i64) -> Tax {
        match rate {
            0 => Tax { category: Category::Zero, rate: BasisPoints::ZERO },
            rate => Tax { category: Category::Standard, rate: BasisPoints::new(rate) },
        }
    }

    fn input(quantity: &str, unit_price: i64, rate: i64) -> LineInput {
        LineInput {
            description: "Seat".into(),
            quantity: quantity.into(),
            unit: Unit::One,
            unit_price,
            discount: None,
            tax: standard(rate),
        }
    }

    fn percent_off(points: i64) -> AdjustmentInput {
        AdjustmentInput {
            charge: false,
            reason: "Members".into(),
            percent: Some(BasisPoints::new(points)),
            amount: None,
            tax: None,
        }
    }

    fn sum(inputs: &[LineInput], asked: &[AdjustmentInput], with_tax: bool, way: Rounding) -> Totals {
        let mut lines = lines(inputs).expect("good lines");
        let mut adjustments = adjustments(asked, &lines).expect("good adjustments");
        totals(&mut lines, &mut adjustments, with_tax, way).expect("in range")
    }

    #[test]
    fn tax_on_the_sum_of_a_rate_differs_from_tax_per_line() {
        // 3 × 0.33 at 19 %: per line 0.06 each is 0.18; on the sum 0.99 it is 0.19.
        let three = [input("1", 33, 1900), input("1", 33, 1900), input("1", 33, 1900)];
        let of = |way| sum(&three, &[], false, way);
        assert_eq!((of(Rounding::Sum).net, of(Rounding::Sum).tax), (99, 19));
        assert_eq!((of(Rounding::PerLine).net, of(Rounding::PerLine).tax), (99, 18));
    }

    #[test]
    fn a_gross_price_that_net_and_tax_cannot_reach_is_kept_by_a_rounding_amount() {
        // 353.90 at 19 %: net 297.39 has the tax 56.50, and 297.40 has 56.51; no net reaches 353.90.
        let kept = sum(&[input("1", 35_390, 1900)], &[], true, Rounding::Gross);
        assert_eq!((kept.net, kept.tax, kept.gross, kept.rounding), (29_739, 5_650, 35_389, 1));
        let summed = sum(&[input("1", 35_390, 1900)], &[], true, Rounding::Sum);
        assert_eq!((summed.gross, summed.rounding), (35_389, 0));
        let by_line = sum(&[input("1", 35_390, 1900)], &[], true, Rounding::PerLine);
        assert_eq!((by_line.net, by_line.tax, by_line.gross), (29_739, 5_651, 35_390));
    }

    #[test]
    fn the_fixtures_of_the_field_add_up() {
        // Quebec's sales tax of 9.975 %, which binary fractions round down.
        let quebec = Tax { category: Category::Standard, rate: BasisPoints::from_millionths(99_750) };
        let line = LineInput { tax: quebec, ..input("1", 818_000, 1900) };
        let totals = sum(&[line], &[], false, Rounding::Sum);
        assert_eq!((totals.tax, totals.gross), (81_596, 899_596));
        // Two seats of 34.00 and a fee, at 7 %.
        let fee = AdjustmentInput {
            charge: true,
            reason: "Fee".into(),
            percent: None,
            amount: Some(250),
            tax: Some(standard(700)),
        };
        for way in [Rounding::Gross, Rounding::PerLine] {
            let totals = sum(&[input("2", 3_400, 700)], std::slice::from_ref(&fee), true, way);
            assert_eq!(totals.gross + totals.rounding, 7_050);
        }
        let totals = sum(&[input("2", 3_400, 700)], &[fee], true, Rounding::Gross);
        assert_eq!((totals.lines, totals.net, totals.tax, totals.rounding), (6_355, 6_589, 461, 0));
    }

    #[test]
    fn several_rates_are_listed_from_the_highest() {
        let totals =
            sum(&[input("2", 3_400, 700), input("1", 500, 1900), input("1", 100, 0)], &[], true, Rounding::Gross);
        let rates: Vec<_> = totals.taxes.iter().map(|row| row.tax.rate).collect();
        assert_eq!(rates, [BasisPoints::new(1900), BasisPoints::new(700), BasisPoints::ZERO]);
        assert_eq!(totals.gross + totals.rounding, 7_400);
    }

    #[test]
    fn discounts_come_off_the_line_and_off_the_whole() {
        let mut line = input("2", 5_000, 1900);
        line.discount = Some(DiscountInput { percent: Some(BasisPoints::new(1000)), ..DiscountInput::default() });
        let totals = sum(&[line, input("1", 1_000, 700)], &[percent_off(500)], false, Rounding::Sum);
        // 90.00 and 10.00, each less 5 %.
        let nets: Vec<_> = totals.taxes.iter().map(|row| row.net).collect();
        assert_eq!((nets, totals.lines, totals.net), (vec![8_550, 950], 10_000, 9_500));
    }

    #[test]
    fn shares_of_an_amount_add_up_to_it() {
        let sums = [(standard(1900), 119), (standard(700), 214), (standard(0), 1)];
        for amount in 1..=334 {
            let shares = share(amount, &sums).expect("something to share among");
            assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), amount);
        }
        assert!(share(1, &[(standard(0), 0)]).is_err());
    }

    #[test]
    fn what_is_booked_costs_what_its_invoice_asks_for() {
        for (seats, price_each) in [(1, 4_900), (2, 3_400), (3, 33), (7, 35_390)] {
            for way in [Rounding::PerLine, Rounding::Sum, Rounding::Gross] {
                for with_tax in [true, false] {
                    let totals = sum(&[input(&seats.to_string(), price_each, 1900)], &[], with_tax, way);
                    let booked = price(seats, price_each, standard(1900), with_tax, way).expect("in range");
                    assert_eq!(booked, totals.gross + totals.rounding);
                }
            }
        }
    }

    /// `DESKBELL_MANY` says how many; `make paper` takes a million.
    #[test]
    fn totals_of_many_random_invoices_hold_together() {
        let many = std::env::var("DESKBELL_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(20_000);
        let mut seed = 7_u64;
        let mut next = |most: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).expect("31 bits") % most
        };
        for _ in 0..many {
            let inputs: Vec<_> = (0..=next(6))
                .map(|_| {
                    let quantity = format!("{}.{}", next(40), 1 + next(999));
                    let rate = [0, 700, 1900, 997][usize::try_from(next(4)).expect("small")];
                    let mut line = input(&quantity, next(50_000), rate);
                    if next(4) == 0 {
                        let percent = Some(BasisPoints::new(next(10_001)));
                        line.discount = Some(DiscountInput { percent, ..DiscountInput::default() });
                    }
                    line
                })
                .collect();
            let asked: Vec<_> = (0..next(3)).map(|_| percent_off(next(5_000))).collect();
            for way in [Rounding::PerLine, Rounding::Sum, Rounding::Gross] {
                for with_tax in [true, false] {
                    let mut lines = lines(&inputs).expect("good lines");
                    let mut adjustments = adjustments(&asked, &lines).expect("good adjustments");
                    let totals = totals(&mut lines, &mut adjustments, with_tax, way).expect("in range");
                    holds_together(&lines, &adjustments, &totals, with_tax, way);
                }
            }
        }
    }

    fn holds_together(lines: &[Line], adjustments: &[Adjustment], totals: &Totals, with_tax: bool, way: Rounding) {
        let signed = |a: &Adjustment, amount: i64| if a.charge { amount } else { -amount };
        let basis = lines.iter().map(|line| line.total).sum::<i64>()
            + adjustments.iter().map(|a| signed(a, a.amount)).sum::<i64>();
        // BR-CO-10, BR-CO-13, BR-CO-14, BR-CO-15.
        assert_eq!(lines.iter().map(|line| line.net).sum::<i64>(), totals.lines);
        assert_eq!(totals.lines + adjustments.iter().map(|a| signed(a, a.net)).sum::<i64>(), totals.net);
        assert_eq!(totals.taxes.iter().map(|row| row.amount).sum::<i64>(), totals.tax);
        assert_eq!(totals.net + totals.tax, totals.gross);
        for row in &totals.taxes {
            // BR-S-8: the nets of a tax are those of its lines, discounts and charges.
            let of_lines = lines.iter().filter(|line| line.tax == row.tax).map(|line| line.net).sum::<i64>();
            let of_others = adjustments.iter().filter(|a| a.tax == row.tax).map(|a| signed(a, a.net)).sum::<i64>();
            assert_eq!(of_lines + of_others, row.net);
            if way != Rounding::PerLine {
                // BR-CO-17.
                assert_eq!(row.amount, share_of(row.net, row.tax.rate));
            }
            assert!(row.rounding.abs() <= 1);
        }
        match (with_tax, way) {
            (true, Rounding::Gross | Rounding::PerLine) => assert_eq!(totals.gross + totals.rounding, basis),
            (false, Rounding::Sum | Rounding::PerLine) => assert_eq!(totals.net, basis),
            _ => {}
        }
    }
}
