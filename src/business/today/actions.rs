//! Looking at a day.

use super::model::{Open, Today};
use super::sql;
use crate::base::day::Day;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::business::{events, settings};
use crate::platform::db::Tx;

/// Most occurrences, and most arrivals, that a day shows.
const MOST: i64 = 500;
/// Open bookings and overdue invoices that are named.
const FIRST: i64 = 10;

/// The day `date` in the desk's zone, or that of `now`.
///
/// # Errors
/// `database_unavailable`.
pub fn look(tx: &mut dyn Tx, date: Option<Day>, now: Instant) -> Result<Today> {
    let business = settings::actions::get(tx)?.business;
    let zone = business.time_zone;
    let date = match date {
        Some(date) => date,
        None => Day::at(now, &zone)?,
    };
    let (from, to) = (date.begins(&zone)?, date.plus_days(1).begins(&zone)?);
    let day = date.to_string();
    let (open, overdue) = (sql::open_sum(tx)?, sql::overdue_sum(tx, &day)?);
    let (waiting, failed) = events::actions::counts(tx)?;
    Ok(Today {
        date,
        currency: business.currency,
        occurrences: sql::occurrences(tx, from, to, MOST)?,
        arrivals: sql::arrivals(tx, from, to, MOST)?,
        open: Open { count: open.0, amount: open.1, first: sql::open_first(tx, FIRST)? },
        overdue: Open { count: overdue.0, amount: overdue.1, first: sql::overdue_first(tx, &day, FIRST)? },
        waiting,
        failed,
        time_zone: zone,
    })
}
