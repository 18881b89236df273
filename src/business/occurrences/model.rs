//! An occurrence, its seats, and how a rule of recurrence becomes many.

use crate::base::error::{Check, Error, Result};
use crate::base::id::Id;
use crate::base::time::{Instant, Local, Zone};
use crate::business::programs::model::ProgramId;
use crate::{word_column, words};

/// The id of an occurrence.
pub type OccurrenceId = Id<Occurrence>;

words! {
    /// Whether it takes place.
    pub enum Status {
        /// It does.
        Scheduled = "scheduled",
        /// It was called off.
        Cancelled = "cancelled",
    }
}
word_column!(Status);

/// One time at which a program takes place.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// Its id.
    pub id: OccurrenceId,
    /// Of which program.
    pub program_id: ProgramId,
    /// The program's title.
    pub program_title: String,
    /// What the clock on the wall shows.
    pub local_starts_at: Local,
    /// Where that wall is.
    pub time_zone: Zone,
    /// The instant that follows.
    pub starts_at: Instant,
    /// The instant of the end.
    pub ends_at: Instant,
    /// Minutes.
    pub duration_minutes: i64,
    /// Whether it takes place.
    pub status: Status,
    /// Seats there are.
    pub capacity: i64,
    /// Seats of live bookings, held ones among them.
    pub seats_taken: i64,
    /// Of these, held and not yet confirmed.
    pub seats_held: i64,
    /// Seats waited for.
    pub waitlisted: i64,
    /// Counts changes of what staff may edit; seats have their own guard.
    pub version: i64,
}

impl Occurrence {
    /// Seats that can still be booked.
    pub fn seats_left(&self) -> i64 {
        match self.status {
            Status::Scheduled => (self.capacity - self.seats_taken).max(0),
            Status::Cancelled => 0,
        }
    }
}

/// Minutes that an occurrence may last: 31 days.
pub const LONGEST_MINUTES: i64 = 60 * 24 * 31;

/// What an occurrence is planned from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the clock on the wall shows.
    pub local_starts_at: Local,
    /// Where that wall is.
    pub time_zone: Zone,
    /// Minutes.
    pub duration_minutes: i64,
    /// Seats.
    pub capacity: i64,
}

impl Plan {
    /// Itself.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(self) -> Result<Self> {
        let mut check = Check::new();
        check.that(
            (1..=LONGEST_MINUTES).contains(&self.duration_minutes),
            "duration_minutes",
            "must be 1 minute to 31 days",
        );
        check.that((1..=1_000_000).contains(&self.capacity), "capacity", "must be 1 to 1000000");
        check.that(
            (1970..=2200).contains(&self.local_starts_at.parts().0),
            "local_starts_at",
            "must lie in 1970 to 2200",
        );
        check.done()?;
        Ok(self)
    }
}

/// Most occurrences that one rule makes: three years of every day.
const MOST: usize = 1100;

/// The wall-clock times of a rule of recurrence (RFC 5545 §3.3.10), the first one among them.
///
/// The rule is followed on the calendar and not on the time line: 10:00 stays 10:00 across a clock change, and
/// `UNTIL` is read as a wall-clock time too.
///
/// # Errors
/// `invalid_field` naming `recurrence`.
pub fn recurrences(start: Local, rule: &str) -> Result<Vec<Local>> {
    let wrong = |why: &str| Error::field("recurrence", format!("is not a rule that can be followed: {why}"));
    let rule = rule.trim().trim_start_matches("RRULE:");
    if rule.len() > 500 || rule.contains(['\n', '\r']) {
        return Err(wrong("it must be one line of at most 500 characters"));
    }
    let upper = rule.to_ascii_uppercase();
    if ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY"].iter().any(|frequency| upper.contains(frequency)) {
        return Err(wrong("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"));
    }
    if !upper.contains("COUNT=") && !upper.contains("UNTIL=") {
        return Err(wrong("it must end, by COUNT or UNTIL"));
    }
    // On a calendar without zones every day has 24 hours, which is how a wall calendar counts.
    let until_utc: String = upper
        .split(';')
        .map(|part| match part.strip_prefix("UNTIL=") {
            Some(until) if until.len() == 8 => format!("UNTIL={until}T235959Z"),
            Some(until) if !until.ends_with('Z') => format!("UNTIL={until}Z"),
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(";");
    let (year, month, day, hour, minute) = start.parts();
    let text = format!("DTSTART:{year:04}{month:02}{day:02}T{hour:02}{minute:02}00Z\nRRULE:{until_utc}");
    let set: rrule::RRuleSet = text.parse().map_err(|error: rrule::RRuleError| wrong(&error.to_string()))?;
    let found = set.limit().all(u16::try_from(MOST + 1).unwrap_or(u16::MAX));
    if found.dates.len() > MOST {
        return Err(wrong("it makes more than 1100 occurrences"));
    }
    let mut times = vec![start];
    for date in found.dates {
        let wall = date.format("%Y-%m-%dT%H:%M").to_string().parse()?;
        if !times.contains(&wall) {
            times.push(wall);
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Local {
        text.parse().expect("a wall-clock time")
    }

    fn texts(times: &[Local]) -> Vec<String> {
        times.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_weekly_rule_keeps_the_hour_across_a_clock_change() {
        let times = recurrences(at("2026-10-19T10:00"), "FREQ=WEEKLY;COUNT=3").expect("a rule");
        assert_eq!(texts(&times), ["2026-10-19T10:00", "2026-10-26T10:00", "2026-11-02T10:00"]);
        let zone: Zone = "Europe/Berlin".parse().expect("a zone");
        let hours: Vec<_> = times.iter().map(|t| t.in_zone(&zone).expect("in range").to_string()).collect();
        assert_eq!(hours, ["2026-10-19T08:00:00Z", "2026-10-26T09:00:00Z", "2026-11-02T09:00:00Z"]);
    }

    #[test]
    fn a_rule_may_end_on_a_day() {
        let times = recurrences(at("2026-11-24T18:30"), "RRULE:FREQ=DAILY;UNTIL=20261126").expect("a rule");
        assert_eq!(texts(&times), ["2026-11-24T18:30", "2026-11-25T18:30", "2026-11-26T18:30"]);
    }

    #[test]
    fn a_rule_without_end_or_within_the_day_is_refused() {
        for bad in ["FREQ=DAILY", "FREQ=HOURLY;COUNT=3", "FREQ=DAILY;COUNT=5000", "nonsense", "FREQ=WEEKLY;COUNT=x"] {
            assert_eq!(recurrences(at("2026-11-24T10:00"), bad).expect_err(bad).fields[0].field, "recurrence");
        }
    }
}
