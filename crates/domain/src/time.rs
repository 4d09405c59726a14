//! Points in time, UTC, to the millisecond; read and written as RFC 3339 with a final `Z`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A calendar month, UTC: twelve for each year since the year 0, and its own number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

const MILLIS_PER_HOUR: i64 = 3_600_000;
const HOURS_PER_DAY: i64 = 24;

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole hours since the epoch: the number of the analytics bucket this moment falls into.
    pub const fn hour(self) -> i64 {
        self.0.div_euclid(MILLIS_PER_HOUR)
    }

    /// The first moment of an hour numbered as by [`Timestamp::hour`].
    pub const fn from_hour(hour: i64) -> Self {
        Self(hour * MILLIS_PER_HOUR)
    }

    /// Whole UTC days since the epoch.
    pub const fn day(self) -> i64 {
        self.hour().div_euclid(HOURS_PER_DAY)
    }

    /// The first moment of a UTC day numbered as by [`Timestamp::day`].
    pub const fn from_day(day: i64) -> Self {
        Self::from_hour(day * HOURS_PER_DAY)
    }

    /// Reads a date (`2026-01-31`) as its first moment, UTC.
    pub fn parse_date(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == "2026-01-31".len())?;
        let moment = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(moment.timestamp().as_millisecond()))
    }

    /// The UTC date, `2026-01-31`.
    pub fn date(self) -> String {
        let text = self.to_string();
        text.get(.."2026-01-31".len()).unwrap_or_default().to_owned()
    }

    /// The calendar month (UTC) this moment falls into.
    pub fn month(self) -> Month {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let date = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Time gone by since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// This moment and `span` after it, at most the last representable one.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// Reads RFC 3339 (`2026-01-31T08:00:00.5Z`, any offset).
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|parsed| Self(parsed.as_millisecond()))
    }
}

/// RFC 3339, UTC, always three decimals.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        write!(f, "{moment:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_with_three_decimals_and_z() {
        assert_eq!(
            Timestamp::from_millis(1_750_648_800_000).to_string(),
            "2025-06-23T03:20:00.000Z"
        );
        assert_eq!(
            Timestamp::parse("2025-06-23T05:20:00.25+02:00"),
            Some(Timestamp::from_millis(1_750_648_800_250))
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_date_is_its_first_moment_and_reads_back() {
        let day = Timestamp::parse_date("2025-06-23").unwrap();
        assert_eq!(day.to_string(), "2025-06-23T00:00:00.000Z");
        assert_eq!(Timestamp::from_day(day.day()), day);
        assert_eq!(day.date(), "2025-06-23");
        for wrong in ["2025-6-23", "20250623", "2025-02-30", "2025-06-23T00:00:00Z", ""] {
            assert_eq!(Timestamp::parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_month_begins_at_midnight_utc() {
        let month = |text| Timestamp::parse(text).unwrap().month();
        assert_eq!(month("2026-12-31T23:59:59.999Z"), Month(2026 * 12 + 11));
        assert_eq!(month("2026-12-31T23:59:59.999-01:00"), Month(2027 * 12));
    }
}
