//! From what is asked for to lines, discounts and charges; each wrong one is named by its place. Pure.

use rust_decimal::Decimal;

use super::model::{Adjustment, AdjustmentInput, DiscountInput, Line, LineInput, MOST_LINES};
use super::sums::{MAX_SUM, share, too_large};
use crate::base::error::{Check, Error, Result};
use crate::base::money::{self, BasisPoints, MAX_AMOUNT, share_of};
use crate::base::tax::{Category, Tax};
use crate::base::text;

/// Most discounts and charges of one document.
const MOST_ADJUSTMENTS: usize = 50;
/// Most ways in which parts of one document are taxed.
const MOST_TAXES: usize = 30;

/// The lines, each with its total; their nets follow in [`totals`].
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
    one_kind_of_scope(lines.iter().map(|line| line.tax))?;
    if sums_by_tax(&lines)?.len() > MOST_TAXES {
        return Err(Error::field("lines", "must be taxed in at most 30 different ways"));
    }
    Ok(lines)
}

fn line(input: &LineInput) -> Result<Line> {
    let mut check = Check::new();
    let description = text::block("description", &input.description, 2000);
    let description = check.take("description", description).unwrap_or_default();
    check.that(!description.is_empty(), "description", "must not be empty");
    let quantity = check.take("quantity", money::quantity("quantity", &input.quantity)).unwrap_or(Decimal::ONE);
    check.that((-MAX_AMOUNT..=MAX_AMOUNT).contains(&input.unit_price), "unit_price", "is too large");
    check_tax(&mut check, "", input.tax);
    let before = check.take("quantity", money::line_total(quantity, input.unit_price)).unwrap_or(0);
    let (discount, reason) = match &input.discount {
        None => (0, None),
        Some(asked) => (
            check.take("discount", off("discount", asked, before)).unwrap_or(0),
            check.take("discount", text::optional_line("discount.reason", asked.reason.as_deref(), 200)).flatten(),
        ),
    };
    check.done()?;
    Ok(Line {
        description,
        quantity,
        unit: input.unit,
        unit_price: input.unit_price,
        discount,
        discount_percent: input.discount.as_ref().and_then(|asked| asked.percent),
        discount_reason: reason,
        tax: input.tax,
        total: before - discount,
        net: 0,
    })
}

/// A rate stands with `S` only (BR-S-5 and its sisters); none may be negative.
fn check_tax(check: &mut Check, at: &str, tax: Tax) {
    check.that(tax.rate.is_share(), &format!("{at}tax_rate"), "must be 0 to 10000 basis points");
    let fits = match tax.category {
        Category::Standard => tax.rate > BasisPoints::ZERO,
        _ => tax.rate == BasisPoints::ZERO,
    };
    check.that(fits, &format!("{at}tax_category"), "S goes with a rate of more than 0, every other category with 0");
}

/// BR-O-11 to BR-O-14: what no tax applies to stands alone.
fn one_kind_of_scope(taxes: impl Iterator<Item = Tax>) -> Result<()> {
    let (mut outside, mut inside) = (false, false);
    for tax in taxes {
        match tax.category {
            Category::OutOfScope => outside = true,
            _ => inside = true,
        }
    }
    if outside && inside {
        return Err(Error::field(
            "lines",
            "with tax_category O cannot stand beside other categories: issue two documents",
        ));
    }
    Ok(())
}

/// What a discount takes off an amount; not more than there is.
fn off(field: &str, asked: &DiscountInput, from: i64) -> Result<i64> {
    let amount = match (asked.percent, asked.amount) {
        (Some(percent), None) if percent.is_share() => share_of(from, percent),
        (Some(_), None) => return Err(Error::field(field, "must be 0 to 10000 basis points")),
        // On a line that takes back, a discount takes back less.
        (None, Some(amount)) if amount >= 0 && amount <= from.abs() => amount * from.signum(),
        (None, Some(_)) => return Err(Error::field(field, "must be between nothing and the whole")),
        _ => return Err(Error::field(field, "must be either a percent or an amount")),
    };
    Ok(amount)
}

/// The discounts and charges on the whole, one for each tax they touch; their nets follow in [`totals`].
///
/// # Errors
/// `invalid_field` naming what is wrong.
pub fn adjustments(inputs: &[AdjustmentInput], lines: &[Line]) -> Result<Vec<Adjustment>> {
    if inputs.is_empty() {
        return Ok(Vec::new());
    }
    let mut check = Check::new();
    check.that(inputs.len() <= MOST_ADJUSTMENTS, "adjustments", "must be at most 50");
    check.done()?;
    let sums = sums_by_tax(lines)?;
    let mut all = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let at = |field: &str| format!("adjustments[{index}].{field}");
        let mut check = Check::new();
        let reason = check.take(&at("reason"), text::line(&at("reason"), &input.reason, 200)).unwrap_or_default();
        if let Some(tax) = input.tax {
            check_tax(&mut check, &at(""), tax);
        }
        let one = input.percent.is_some() != input.amount.is_some();
        check.that(one, &at("amount"), "give either a percent or an amount");
        check.that(input.percent.is_none_or(BasisPoints::is_share), &at("percent"), "must be 0 to 10000 basis points");
        let fits = input.amount.is_none_or(|amount| (0..=MAX_AMOUNT).contains(&amount));
        check.that(fits, &at("amount"), "must not be negative, nor too large");
        check.done()?;
        let parts = parts(input, &sums, &at("tax_rate"))?;
        all.extend(parts.into_iter().filter(|(_, amount)| *amount != 0).map(|(tax, amount)| Adjustment {
            charge: input.charge,
            reason: reason.clone(),
            percent: input.percent,
            tax,
            amount,
            net: 0,
        }));
    }
    one_kind_of_scope(lines.iter().map(|line| line.tax).chain(all.iter().map(|a| a.tax)))?;
    Ok(all)
}

/// What an adjustment is for each tax.
fn parts(input: &AdjustmentInput, sums: &[(Tax, i64)], field: &str) -> Result<Vec<(Tax, i64)>> {
    let whole: i64 = sums.iter().map(|(_, sum)| sum).sum();
    let of_tax = |tax: Tax| sums.iter().find(|(other, _)| *other == tax).map(|(_, sum)| *sum);
    match (input.tax, input.percent, input.amount) {
        (None, Some(percent), _) => {
            Ok(sums.iter().map(|(tax, sum)| (*tax, share_of((*sum).max(0), percent))).collect())
        }
        (None, None, amount) => share(amount.unwrap_or(0), sums),
        (Some(tax), percent, amount) => {
            // A fee may be taxed as nothing else is; a discount takes off something that is there.
            let from = match (input.charge, of_tax(tax)) {
                (true, _) => whole,
                (false, Some(sum)) => sum,
                (false, None) => {
                    return Err(Error::field(field, "is the tax of no line, so there is nothing to discount"));
                }
            };
            Ok(vec![(tax, percent.map_or(amount.unwrap_or(0), |percent| share_of(from.max(0), percent)))])
        }
    }
}

fn sums_by_tax(lines: &[Line]) -> Result<Vec<(Tax, i64)>> {
    let mut sums: Vec<(Tax, i64)> = Vec::new();
    for line in lines {
        match sums.iter_mut().find(|(tax, _)| *tax == line.tax) {
            Some((_, sum)) => {
                *sum = sum
                    .checked_add(line.total)
                    .filter(|s| s.unsigned_abs() <= MAX_SUM.unsigned_abs())
                    .ok_or_else(too_large)?;
            }
            None => sums.push((line.tax, line.total)),
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::invoices::model::Unit;

    fn standard(rate: i64) -> Tax {
        let category = if rate == 0 { Category::Zero } else { Category::Standard };
        Tax { category, rate: BasisPoints::new(rate) }
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

    #[test]
    fn an_amount_off_the_whole_is_shared_among_the_rates() {
        let off =
            AdjustmentInput { charge: false, reason: "Members".into(), percent: None, amount: Some(100), tax: None };
        let lines = lines(&[input("1", 100, 1900), input("1", 200, 700)]).expect("good");
        let shared = adjustments(&[off], &lines).expect("good");
        let mut amounts: Vec<_> = shared.iter().map(|a| a.amount).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [33, 67]);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let mut twice = input("1", 100, 1900);
        twice.discount = Some(DiscountInput { percent: Some(BasisPoints::ALL), amount: Some(1), reason: None });
        let wrong = lines(&[input("1", 100, 0), input("zero", 100, 20_000), twice]).expect_err("three fields");
        let fields: Vec<_> = wrong.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["lines[1].quantity", "lines[1].tax_rate", "lines[2].discount"]);
        assert_eq!(lines(&[]).expect_err("none").fields[0].field, "lines");
        let outside =
            LineInput { tax: Tax { category: Category::OutOfScope, rate: BasisPoints::ZERO }, ..input("1", 1, 0) };
        assert_eq!(lines(&[outside, input("1", 100, 0)]).expect_err("mixed").fields[0].field, "lines");
        let exempt = LineInput { tax: Tax { category: Category::Exempt, rate: BasisPoints::ALL }, ..input("1", 1, 0) };
        assert_eq!(lines(&[exempt]).expect_err("a rate").fields[0].field, "lines[0].tax_category");
    }

    #[test]
    fn a_document_has_a_handful_of_taxes() {
        let inputs: Vec<_> = (1..=31).map(|rate| input("1", 100, rate)).collect();
        assert_eq!(lines(&inputs).expect_err("too many").fields[0].field, "lines");
        assert!(lines(inputs.get(..30).expect("thirty")).is_ok());
    }
}
