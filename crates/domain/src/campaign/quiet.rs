//! Quiet hours: the time of day in which a campaign sends nothing. Pure.
//!
//! The organization's own time is that of a zone, with its summer time, or a fixed offset. The zones are those of the IANA
//! database as it was when the hub was built, so that every machine knows the same ones.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// A time of day that comes again every day, in the organization's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Minutes after midnight from which nothing is sent.
    pub from: u16,
    /// Minutes after midnight from which it goes on; may be earlier than `from`, then midnight lies between.
    pub until: u16,
    /// Minutes by which the organization's clock is ahead of UTC, where no zone says it.
    pub utc_offset: i16,
}

/// A time zone by its name in the IANA database (`Europe/Berlin`); made of known names alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(String);

impl Zone {
    /// Reads a name, in whatever case.
    pub fn parse(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())?;
        zone.iana_name().map(|name| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Seconds by which its clocks are ahead of UTC at this moment; none if a later database has lost it.
    fn ahead(&self, now: Timestamp) -> Option<i64> {
        let zone = TimeZone::get(&self.0).ok()?;
        let now = jiff::Timestamp::from_second(now.as_seconds()).ok()?;
        Some(zone.to_offset(now).seconds().into())
    }
}

/// Quiet hours by the clocks of a zone, or of a fixed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietTime {
    /// When.
    pub hours: QuietHours,
    /// By whose clocks; by the fixed offset without.
    pub zone: Option<Zone>,
}

impl QuietHours {
    /// Whether nothing is sent at this moment, by the zone's clocks if there is one.
    pub fn covers(&self, now: Timestamp, zone: Option<&Zone>) -> bool {
        let fixed = i64::from(self.utc_offset) * 60;
        let ahead = zone.and_then(|zone| zone.ahead(now)).unwrap_or(fixed);
        let minute = (now.as_seconds() + ahead).div_euclid(60).rem_euclid(DAY);
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        if from <= until {
            (from..until).contains(&minute)
        } else {
            minute >= from || minute < until
        }
    }
}

/// Reads `21:30` as minutes after midnight.
pub fn parse_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Reads `+02:00` as minutes ahead of UTC.
pub fn parse_offset(text: &str) -> Option<i16> {
    let ahead = match text.split_at_checked(1)? {
        ("+", rest) => i16::try_from(parse_clock(rest)?).ok()?,
        ("-", rest) => -i16::try_from(parse_clock(rest)?).ok()?,
        _ => return None,
    };
    (-12 * 60..=14 * 60).contains(&ahead).then_some(ahead)
}

/// Minutes after midnight as `21:30`.
pub fn clock_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Minutes ahead of UTC as `+02:00`.
pub fn offset_text(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{}", clock_text(minutes.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn hours_over_midnight_are_quiet_on_both_sides_of_it() {
        let night = QuietHours {
            from: parse_clock("21:00").unwrap(),
            until: parse_clock("08:00").unwrap(),
            utc_offset: parse_offset("+02:00").unwrap(),
        };
        for (time, quiet) in [
            ("2026-07-01T18:59:00Z", false),
            ("2026-07-01T19:00:00Z", true),
            ("2026-07-01T23:00:00Z", true),
            ("2026-07-02T05:59:59Z", true),
            ("2026-07-02T06:00:00Z", false),
        ] {
            assert_eq!(night.covers(at(time), None), quiet, "{time}");
        }
    }

    #[test]
    fn hours_within_a_day_end_where_they_say() {
        let noon = QuietHours {
            from: 12 * 60,
            until: 13 * 60,
            utc_offset: 0,
        };
        assert!(
            noon.covers(at("2026-07-01T12:59:59Z"), None) && !noon.covers(at("2026-07-01T13:00:00Z"), None)
        );
    }

    #[test]
    fn hours_of_a_zone_begin_at_the_same_time_of_day_in_summer_and_in_winter() {
        let night = QuietHours {
            from: parse_clock("21:00").unwrap(),
            until: parse_clock("08:00").unwrap(),
            utc_offset: 0,
        };
        for (zone, time, quiet) in [
            ("Europe/Berlin", "2026-07-01T18:59:59Z", false),
            ("Europe/Berlin", "2026-07-01T19:00:00Z", true),
            ("Europe/Berlin", "2026-07-02T06:00:00Z", false),
            ("Europe/Berlin", "2026-12-01T19:59:59Z", false),
            ("Europe/Berlin", "2026-12-01T20:00:00Z", true),
            ("Europe/Berlin", "2026-12-02T06:59:59Z", true),
            ("Europe/Berlin", "2026-12-02T07:00:00Z", false),
            // The morning of 29 March 2026 comes an hour sooner than that of the day before.
            ("Europe/Berlin", "2026-03-28T06:30:00Z", true),
            ("Europe/Berlin", "2026-03-29T06:30:00Z", false),
            ("America/New_York", "2026-12-02T01:59:59Z", false),
            ("America/New_York", "2026-12-02T02:00:00Z", true),
            ("Asia/Kolkata", "2026-12-02T15:29:59Z", false),
            ("Asia/Kolkata", "2026-12-02T15:30:00Z", true),
        ] {
            let known = Zone::parse(zone).unwrap();
            assert_eq!(night.covers(at(time), Some(&known)), quiet, "{zone} {time}");
        }
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        for known in ["Europe/Berlin", "America/New_York", "UTC"] {
            assert_eq!(Zone::parse(known).unwrap().as_str(), known);
        }
        for wrong in [
            "",
            "Europe/Atlantis",
            "+02:00",
            "Berlin",
            "Etc/Unknown",
            "../../etc/passwd",
        ] {
            assert_eq!(Zone::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_clock_and_an_offset_read_back() {
        for text in ["00:00", "08:05", "23:59"] {
            assert_eq!(clock_text(parse_clock(text).unwrap()), text);
        }
        for text in ["+00:00", "-03:30", "+14:00"] {
            assert_eq!(offset_text(parse_offset(text).unwrap()), text);
        }
        for wrong in ["", "8:00", "24:00", "12:60", "ab:cd", "12:00:00"] {
            assert_eq!(parse_clock(wrong), None, "{wrong}");
        }
        for wrong in ["", "02:00", "+15:00", "Z"] {
            assert_eq!(parse_offset(wrong), None, "{wrong}");
        }
    }
}
