//! A day of the calendar, and the weeks and months that it belongs to.

use std::fmt;

use jiff::civil::Date;

use crate::base::error::{Error, Result};
use crate::base::time::{Instant, Local, Zone};

/// A day of the calendar, on the wire as `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// From text of the years 1900 to 2200.
    ///
    /// # Errors
    /// `invalid_field` naming `field`.
    pub fn read(field: &str, text: &str) -> Result<Self> {
        let wrong = || Error::field(field, "must be a day such as 2026-12-24");
        let date: Date = text.parse().map_err(|_| wrong())?;
        let plain = date.to_string() == text && (1900..=2200).contains(&date.year());
        if plain { Ok(Self(date)) } else { Err(wrong()) }
    }

    /// The day in `zone` at an instant.
    ///
    /// # Errors
    /// `invalid_field` when it lies outside the years 1900 to 2200.
    pub fn at(at: Instant, zone: &Zone) -> Result<Self> {
        Self::read("date", &at.date_in(zone))
    }

    /// Later by so many days.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.checked_add(jiff::Span::new().days(days)).unwrap_or(self.0))
    }

    /// Later by so many months.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Self {
        Self(self.0.checked_add(jiff::Span::new().months(months)).unwrap_or(self.0))
    }

    /// The Monday of its week (ISO 8601).
    #[must_use]
    pub fn monday(self) -> Self {
        self.plus_days(-i64::from(self.0.weekday().to_monday_zero_offset()))
    }

    /// The first of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// When the day begins in a zone; it is over when the next one begins.
    ///
    /// # Errors
    /// `invalid_field` when it is out of range.
    pub fn begins(self, zone: &Zone) -> Result<Instant> {
        format!("{self}T00:00").parse::<Local>()?.in_zone(zone)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::read("from", text).expect("a day")
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        assert_eq!(day("2026-11-29").monday().to_string(), "2026-11-23");
        assert_eq!(day("2026-11-23").monday().to_string(), "2026-11-23");
        assert_eq!(day("2024-02-29").first_of_month().plus_months(1).to_string(), "2024-03-01");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for bad in ["2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00", "9999-01-01", "", "x"] {
            assert_eq!(Day::read("from", bad).expect_err(bad).fields[0].field, "from");
        }
    }

    #[test]
    fn a_day_has_23_hours_when_the_clock_goes_forward() {
        let zone: Zone = "Europe/Berlin".parse().expect("a zone");
        let day = day("2026-03-29");
        let hours = day.plus_days(1).begins(&zone).expect("in range").seconds()
            - day.begins(&zone).expect("in range").seconds();
        assert_eq!(hours, 23 * 3600);
    }
}
