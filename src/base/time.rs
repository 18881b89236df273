//! Instants, zones, wall-clock times and the clock.
//!
//! Never: `now` anywhere else. What happens in a place is stored as its wall-clock time and zone, and the
//! instant is derived from both, so that a change of the zone's rules moves the instant and not the hour.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::base::error::{Error, Result};

const MINUTE: i64 = 60_000_000;

/// A point in time: microseconds since 1970-01-01T00:00:00Z. On the wire RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by so many minutes.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE)))
    }

    /// Later by so many seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The calendar day in `zone`, as `2026-11-24`.
    pub fn date_in(self, zone: &Zone) -> String {
        self.stamp().to_zoned_datetime(zone.0.clone()).date().to_string()
    }

    /// The wall clock of `zone` at this instant, to the minute.
    pub fn local_in(self, zone: &Zone) -> Local {
        let civil = self.stamp().to_zoned_datetime(zone.0.clone()).datetime();
        Local(civil.with().second(0).subsec_nanosecond(0).build().unwrap_or(civil))
    }

    fn stamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = Offset::UTC.to_datetime(self.stamp());
        let Some(minute) = minute_text(civil) else { return self.stamp().fmt(f) };
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        text[..16].copy_from_slice(&minute);
        digits(&mut text[17..19], civil.second());
        digits(&mut text[20..26], civil.subsec_nanosecond() / 1000);
        // No more digits of the fraction than there are; without one, no point.
        let end = text[..26].iter().rposition(|byte| *byte != b'0').unwrap_or(0).max(18);
        let end = if civil.subsec_nanosecond() < 1000 { 19 } else { end + 1 };
        text[end] = b'Z';
        f.write_str(ascii(&text[..=end]))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse::<jiff::Timestamp>()
            .map(|stamp| Self(stamp.as_microsecond()))
            .map_err(|_| Error::field("time", "must be an RFC 3339 time such as 2026-11-24T09:00:00Z"))
    }
}

/// An IANA time zone, from the data in the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| Error::field("time_zone", "must be an IANA time zone such as Europe/Berlin"))
    }
}

/// A wall-clock time to the minute, without a zone: `2026-11-24T10:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Local(DateTime);

impl Local {
    /// The instant at which a clock in `zone` shows this time.
    ///
    /// In the hour that a change to summer time leaves out, the clock is read as not yet put forward; in the hour
    /// that comes twice, the first is meant (RFC 5545 §3.3.5, jiff's "compatible").
    ///
    /// # Errors
    /// `invalid_field` when the time lies outside the years -9999 to 9999.
    pub fn in_zone(self, zone: &Zone) -> Result<Instant> {
        self.0
            .to_zoned_datetime(zone.0.clone())
            .map(|zoned| Instant(zoned.timestamp().as_microsecond()))
            .map_err(|_| Error::field("local_starts_at", "is out of range"))
    }

    /// The wall-clock parts: year, month, day, hour, minute.
    pub fn parts(self) -> (i16, i8, i8, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day(), self.0.hour(), self.0.minute())
    }

    /// From wall-clock parts.
    ///
    /// # Errors
    /// `invalid_field` when there is no such day or hour.
    pub fn from_parts(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> Result<Self> {
        DateTime::new(year, month, day, hour, minute, 0, 0)
            .map(Self)
            .map_err(|_| Error::field("local_starts_at", "is not a day of the calendar"))
    }

    /// Later by whole days at the same hour.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.checked_add(jiff::Span::new().days(days)).unwrap_or(self.0))
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = minute_text(self.0) {
            return f.write_str(ascii(&text));
        }
        let (year, month, day, hour, minute) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    }
}

impl FromStr for Local {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(civil) = read_minute(text.as_bytes()) {
            return Ok(Self(civil));
        }
        let wrong = || Error::field("local_starts_at", "must be a wall-clock time such as 2026-11-24T10:00");
        // A `Z` or an offset would be a second, contradicting source of truth beside the zone.
        if !text.is_ascii() || text.len() < 16 || text[16..].contains(['Z', 'z', '+', '-', '[']) {
            return Err(wrong());
        }
        let civil: DateTime = text.parse().map_err(|_| wrong())?;
        civil.with().second(0).subsec_nanosecond(0).build().map(Self).map_err(|_| wrong())
    }
}

/// `2026-11-24T10:00`; none when the year has not four digits. Times are in every row of every list, and the general
/// printer takes ten times as long.
fn minute_text(civil: DateTime) -> Option<[u8; 16]> {
    if civil.year() < 0 {
        return None;
    }
    let mut text = *b"0000-00-00T00:00";
    digits(&mut text[..4], civil.year());
    digits(&mut text[5..7], civil.month());
    digits(&mut text[8..10], civil.day());
    digits(&mut text[11..13], civil.hour());
    digits(&mut text[14..], civil.minute());
    Some(text)
}

/// Writes a number that is not negative over the whole of `place`.
fn digits(place: &mut [u8], number: impl Into<i32>) {
    let mut rest = number.into();
    for byte in place.iter_mut().rev() {
        *byte = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// Reads what [`minute_text`] writes, and nothing else.
fn read_minute(text: &[u8]) -> Option<DateTime> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2] = text else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0')))
    };
    let two = |tens, ones| number(&[tens, ones]).and_then(|number| i8::try_from(number).ok());
    let year = number(&[y1, y2, y3, y4])?;
    DateTime::new(year, two(m1, m2)?, two(d1, d2)?, two(h1, h2)?, two(n1, n2)?, 0, 0).ok()
}

/// Where the present comes from: the system, or a test that sets it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that stands still until it is set, in microseconds since the epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The present instant.
    pub fn now(&self) -> Instant {
        match self {
            Self::System => Instant(jiff::Timestamp::now().as_microsecond()),
            Self::Manual(micros) => Instant(micros.load(Ordering::SeqCst)),
        }
    }

    /// A clock that stands at `at`.
    pub fn manual(at: Instant) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.0)))
    }

    /// Puts a manual clock forward; the system's clock stays as it is.
    pub fn advance_minutes(&self, minutes: i64) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(minutes * MINUTE, Ordering::SeqCst);
        }
    }
}

macro_rules! serde_as_text {
    ($($name:ty),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(|error: Error| {
                    serde::de::Error::custom(error.fields.first().map_or("", |wrong| wrong.message.as_str()))
                })
            }
        }
    )+};
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

serde_as_text!(Instant, Local, Zone);

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().expect("a zone of the database")
    }

    fn local(text: &str) -> Local {
        text.parse().expect("a wall-clock time")
    }

    #[test]
    fn the_hour_stays_and_the_instant_moves_across_a_clock_change() {
        let berlin = zone("Europe/Berlin");
        let before = local("2026-10-24T10:00").in_zone(&berlin).expect("in range");
        let after = local("2026-10-25T10:00").in_zone(&berlin).expect("in range");
        assert_eq!(before.to_string(), "2026-10-24T08:00:00Z");
        assert_eq!(after.to_string(), "2026-10-25T09:00:00Z");
        assert_eq!(after.local_in(&berlin).to_string(), "2026-10-25T10:00");
    }

    #[test]
    fn the_left_out_hour_and_the_double_hour_have_one_meaning() {
        let berlin = zone("Europe/Berlin");
        let left_out = local("2026-03-29T02:30").in_zone(&berlin).expect("in range");
        assert_eq!(left_out.to_string(), "2026-03-29T01:30:00Z");
        let twice = local("2026-10-25T02:30").in_zone(&berlin).expect("in range");
        assert_eq!(twice.to_string(), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn a_wall_clock_time_has_no_offset() {
        for bad in ["2026-11-24T10:00Z", "2026-11-24T10:00+01:00", "2026-11-24", "2026-02-30T10:00", "x"] {
            assert!(bad.parse::<Local>().is_err(), "{bad}");
        }
        assert_eq!(local("2026-11-24T10:00:59").to_string(), "2026-11-24T10:00");
    }

    #[test]
    fn an_instant_is_written_as_the_general_printer_writes_it() {
        let second = 1_000_000;
        let mut micros = vec![0, 1, 10, 500_000, 999_999, second, -1, -second, 951_782_400 * second - 1];
        micros.extend([-62_167_219_200 * second, -62_167_219_200 * second - 1, 253_402_207_200 * second - 1]);
        micros.extend((0..2000).map(|n| n * 12_345_678_901_234 - 700_000_000_000_000));
        for micros in micros {
            let instant = Instant::from_micros(micros);
            assert_eq!(instant.to_string(), instant.stamp().to_string(), "{micros}");
        }
    }

    #[test]
    fn a_wall_clock_time_reads_what_it_writes() {
        for text in ["2026-11-24T10:00", "0000-01-01T00:00", "9999-12-31T23:59", "2024-02-29T12:34"] {
            assert_eq!(local(text).to_string(), text);
        }
        assert_eq!(local("2026-11-24 10:00").to_string(), "2026-11-24T10:00");
        for bad in ["2026-02-29T10:00", "2026-11-24T24:00", "2026-13-01T10:00", "2026-11-24T1a:00"] {
            assert!(bad.parse::<Local>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_reads_any_offset_and_writes_utc() {
        let instant: Instant = "2026-11-24T10:00:00+01:00".parse().expect("RFC 3339");
        assert_eq!(instant.to_string(), "2026-11-24T09:00:00Z");
    }
}
