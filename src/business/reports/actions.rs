//! Summing up.

use std::collections::BTreeMap;

use super::model::{Occupancy, OfProgram, Report, Revenue, Span, Taxed};
use super::sql;
use crate::base::day::Day;
use crate::base::error::Result;
use crate::base::tax::Tax;
use crate::business::invoices::model::Kind;
use crate::business::settings;
use crate::platform::db::Tx;

/// Programs that are named at most.
const PROGRAMS: i64 = 200;

/// What was invoiced, credited and received.
///
/// # Errors
/// `database_unavailable`.
pub fn revenue(tx: &mut dyn Tx, span: &Span) -> Result<Report<Revenue, Revenue>> {
    let business = settings::actions::get(tx)?.business;
    let (currency, zone) = (business.currency, business.time_zone);
    let mut by_period: BTreeMap<Day, Revenue> = BTreeMap::new();
    for (day, kind, (net, tax, gross)) in sql::issued(tx, &span.from.to_string(), &span.to.to_string(), currency)? {
        let row = by_period.entry(span.by.first(Day::read("issued_on", &day)?)).or_default();
        let sign = match kind {
            Kind::Invoice => 1,
            Kind::CreditNote => -1,
        };
        match kind {
            Kind::Invoice => row.invoiced += gross,
            Kind::CreditNote => row.credited += gross,
        }
        row.net += sign * net;
        row.tax += sign * tax;
        row.gross += sign * gross;
    }
    let (mut rows, mut total) = (Vec::new(), Revenue::default());
    for (period, from, end) in span.periods() {
        let mut row = by_period.remove(&period).unwrap_or_default();
        row.received = sql::received(tx, from.begins(&zone)?, end.begins(&zone)?, currency)?;
        total.add(&row);
        rows.push((period, row));
    }
    Ok(Report { span: span.clone(), currency, rows, total })
}

/// How full the occurrences were; and the same by program, the fullest first, 200 at most.
///
/// # Errors
/// `database_unavailable`.
pub fn occupancy(tx: &mut dyn Tx, span: &Span) -> Result<(Report<Occupancy, Occupancy>, Vec<OfProgram>)> {
    let business = settings::actions::get(tx)?.business;
    let zone = business.time_zone;
    let (mut rows, mut total) = (Vec::new(), Occupancy::default());
    for (period, from, end) in span.periods() {
        let (from, end) = (from.begins(&zone)?, end.begins(&zone)?);
        let (occurrences, capacity, seats_taken) = sql::seats(tx, from, end)?;
        // An empty period has nobody to look for.
        let (checked_in, no_show) = if seats_taken > 0 { sql::attended(tx, from, end)? } else { (0, 0) };
        let row = Occupancy { occurrences, capacity, seats_taken, checked_in, no_show };
        total.add(&row);
        rows.push((period, row));
    }
    let (from, end) = (span.from.begins(&zone)?, span.to.plus_days(1).begins(&zone)?);
    let programs = sql::programs(tx, from, end, PROGRAMS)?;
    Ok((Report { span: span.clone(), currency: business.currency, rows, total }, programs))
}

/// What was taxed how: in each period a row for every way of the whole span, and their totals.
///
/// # Errors
/// `database_unavailable`.
pub fn tax(tx: &mut dyn Tx, span: &Span) -> Result<Report<Taxed, Vec<Taxed>>> {
    let currency = settings::actions::get(tx)?.business.currency;
    let mut sums: BTreeMap<(Day, Tax), (i64, i64)> = BTreeMap::new();
    let mut totals: BTreeMap<Tax, (i64, i64)> = BTreeMap::new();
    for (day, kind, taxed) in sql::taxes(tx, &span.from.to_string(), &span.to.to_string(), currency)? {
        let period = span.by.first(Day::read("issued_on", &day)?);
        let sign = match kind {
            Kind::Invoice => 1,
            Kind::CreditNote => -1,
        };
        for sum in [sums.entry((period, taxed.tax)).or_default(), totals.entry(taxed.tax).or_default()] {
            sum.0 += sign * taxed.net;
            sum.1 += sign * taxed.amount;
        }
    }
    let mut rows = Vec::new();
    for (period, _, _) in span.periods() {
        for tax in totals.keys() {
            let (net, amount) = sums.get(&(period, *tax)).copied().unwrap_or_default();
            rows.push((period, Taxed { tax: *tax, net, amount }));
        }
    }
    let total = totals.into_iter().map(|(tax, (net, amount))| Taxed { tax, net, amount }).collect();
    Ok(Report { span: span.clone(), currency, rows, total })
}
