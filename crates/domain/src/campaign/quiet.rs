//! Quiet hours: the time of day in which a campaign sends nothing. Pure.

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
    /// Minutes by which the organization's clock is ahead of UTC.
    pub utc_offset: i16,
}

impl QuietHours {
    /// Whether nothing is sent at this moment.
    pub fn covers(&self, now: Timestamp) -> bool {
        let minute = (now.as_seconds().div_euclid(60) + i64::from(self.utc_offset)).rem_euclid(DAY);
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
            assert_eq!(night.covers(at(time)), quiet, "{time}");
        }
    }

    #[test]
    fn hours_within_a_day_end_where_they_say() {
        let noon = QuietHours {
            from: 12 * 60,
            until: 13 * 60,
            utc_offset: 0,
        };
        assert!(noon.covers(at("2026-07-01T12:59:59Z")) && !noon.covers(at("2026-07-01T13:00:00Z")));
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
