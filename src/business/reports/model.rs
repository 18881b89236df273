//! Periods, and what is summed in them.

use crate::base::day::Day;
use crate::base::error::{Check, Error, Result};
use crate::base::money::Currency;
use crate::base::tax::Tax;
use crate::business::programs::model::ProgramId;
use crate::words;

words! {
    /// How long a period is.
    pub enum By {
        /// A day.
        Day = "day",
        /// A week from Monday to Sunday (ISO 8601).
        Week = "week",
        /// A month of the calendar.
        Month = "month",
    }
}

impl By {
    /// The first day of the period that a day belongs to.
    pub fn first(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => day.monday(),
            Self::Month => day.first_of_month(),
        }
    }

    /// The first day of the period behind the one that begins on `first`.
    pub fn next(self, first: Day) -> Day {
        match self {
            Self::Day => first.plus_days(1),
            Self::Week => first.plus_days(7),
            Self::Month => first.plus_months(1),
        }
    }
}

/// Most periods of a report.
pub const MOST: usize = 1000;

/// Days from one to another, both included, in periods. The first and the last period may be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// How long a period is.
    pub by: By,
}

impl Span {
    /// From texts.
    ///
    /// # Errors
    /// `invalid_field` naming `from` or `to`, or `to` when there would be more than 1000 periods.
    pub fn read(from: &str, to: &str, by: By) -> Result<Self> {
        let mut check = Check::new();
        let first = check.take("from", Day::read("from", from));
        let last = check.take("to", Day::read("to", to));
        check.done()?;
        let (Some(from), Some(to)) = (first, last) else { return Err(Error::field("from", "must be a day")) };
        if to < from {
            return Err(Error::field("to", "must not lie before from"));
        }
        let span = Self { from, to, by };
        if span.starts().take(MOST + 1).count() > MOST {
            let why = format!("makes more than {MOST} rows; take a shorter time, or weeks or months");
            return Err(Error::field("to", why));
        }
        Ok(span)
    }

    fn starts(&self) -> impl Iterator<Item = Day> + use<> {
        let (by, to) = (self.by, self.to);
        std::iter::successors(Some(by.first(self.from)), move |first| Some(by.next(*first)))
            .take_while(move |first| *first <= to)
    }

    /// Every period: its first day, and which of its days belong to the span, from one on and before the other.
    pub fn periods(&self) -> Vec<(Day, Day, Day)> {
        let end = self.to.plus_days(1);
        self.starts().map(|first| (first, first.max(self.from), self.by.next(first).min(end))).collect()
    }
}

/// What was invoiced and received in a period, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revenue {
    /// Of invoices, with tax.
    pub invoiced: i64,
    /// Of credit notes, with tax; positive.
    pub credited: i64,
    /// Without tax, credit notes taken off.
    pub net: i64,
    /// The tax, credit notes taken off.
    pub tax: i64,
    /// With tax, credit notes taken off.
    pub gross: i64,
    /// Money that came in, less what was given back.
    pub received: i64,
}

impl Revenue {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.invoiced += other.invoiced;
        self.credited += other.credited;
        self.net += other.net;
        self.tax += other.tax;
        self.gross += other.gross;
        self.received += other.received;
    }
}

/// What took place in a period, in seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// Occurrences that were not called off.
    pub occurrences: i64,
    /// Seats there were.
    pub capacity: i64,
    /// Seats of live bookings.
    pub seats_taken: i64,
    /// Seats of those who came.
    pub checked_in: i64,
    /// Seats of those who did not.
    pub no_show: i64,
}

impl Occupancy {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.occurrences += other.occurrences;
        self.capacity += other.capacity;
        self.seats_taken += other.seats_taken;
        self.checked_in += other.checked_in;
        self.no_show += other.no_show;
    }
}

/// A program's part in it.
#[derive(Clone, Debug)]
pub struct OfProgram {
    /// Which.
    pub program_id: ProgramId,
    /// Its title.
    pub title: String,
    /// Occurrences that were not called off.
    pub occurrences: i64,
    /// Seats there were.
    pub capacity: i64,
    /// Seats of live bookings.
    pub seats_taken: i64,
}

/// What was taxed in one way, in minor units, credit notes taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taxed {
    /// In which way.
    pub tax: Tax,
    /// Without tax.
    pub net: i64,
    /// The tax.
    pub amount: i64,
}

/// A report: a row for each period, by its first day.
#[derive(Clone, Debug)]
pub struct Report<R, T> {
    /// What it is over.
    pub span: Span,
    /// Of every amount.
    pub currency: Currency,
    /// The rows, in the order of time.
    pub rows: Vec<(Day, R)>,
    /// The sum of the rows.
    pub total: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str, by: By) -> Result<Span> {
        Span::read(from, to, by)
    }

    fn texts(span: &Span) -> Vec<String> {
        span.periods().iter().map(|(first, from, end)| format!("{first}:{from}..{end}")).collect()
    }

    #[test]
    fn a_period_is_named_by_its_first_day_and_cut_by_the_span() {
        let weeks = span("2026-11-25", "2026-12-01", By::Week).expect("good");
        assert_eq!(texts(&weeks), ["2026-11-23:2026-11-25..2026-11-30", "2026-11-30:2026-11-30..2026-12-02"]);
        let months = span("2026-01-31", "2026-03-01", By::Month).expect("good");
        assert_eq!(months.periods().len(), 3);
        assert_eq!(texts(&months)[2], "2026-03-01:2026-03-01..2026-03-02");
    }

    #[test]
    fn a_report_has_at_most_a_thousand_rows() {
        assert_eq!(span("2024-01-01", "2026-09-26", By::Day).expect("a thousand").periods().len(), 1000);
        assert_eq!(span("2024-01-01", "2026-09-27", By::Day).expect_err("one more").fields[0].field, "to");
        assert!(span("2024-01-01", "2026-09-27", By::Week).is_ok());
        assert_eq!(span("2024-01-02", "2024-01-01", By::Day).expect_err("backwards").fields[0].field, "to");
        assert_eq!(span("x", "2024-01-01", By::Day).expect_err("no day").fields[0].field, "from");
    }
}
