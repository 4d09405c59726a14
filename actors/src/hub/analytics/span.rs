//! What a report covers, and the steps its figures are told in. Pure.

use std::time::Duration;

use switchboard_domain::time::Timestamp;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// The epoch began on a Thursday: this many days after a Monday.
const EPOCH_WEEKDAY: i64 = 3;
/// The longest span a report is made for, days.
pub const MAX_DAYS: u64 = 3_660;

/// A half-open span of whole hours, `from <= moment < until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// The steps of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeframe {
    /// Hours.
    Hourly,
    /// Days.
    Daily,
    /// Weeks, from Monday.
    Weekly,
    /// Months.
    Monthly,
}

impl Span {
    /// The hours from that of `from` to that of `last`, both included.
    pub fn of(from: Timestamp, last: Timestamp) -> Self {
        Self {
            from: Timestamp::from_hour(from.hour()),
            until: Timestamp::from_hour(last.hour() + 1),
        }
    }

    /// The days from that of `first` to that of `last`, both included.
    pub fn of_days(first: Timestamp, last: Timestamp) -> Self {
        Self {
            from: Timestamp::from_day(first.day()),
            until: Timestamp::from_day(last.day() + 1),
        }
    }

    /// The last `days` days, today included; at most [`MAX_DAYS`].
    pub fn last_days(now: Timestamp, days: u64) -> Self {
        let before = i64::try_from(days.clamp(1, MAX_DAYS)).unwrap_or(1) - 1;
        Self::of_days(Timestamp::from_day(now.day() - before), now)
    }

    /// The calendar month of `now` so far.
    pub fn this_month(now: Timestamp) -> Self {
        Self::of_days(Timeframe::Monthly.start_of(now), now)
    }

    /// The numbers of its days, half-open.
    pub(in crate::hub) fn days(self) -> (i64, i64) {
        let last = Timestamp::from_millis(self.until.as_millis() - 1);
        (self.from.day(), last.day() + 1)
    }
}

impl Timeframe {
    /// The step of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hourly" => Some(Self::Hourly),
            "daily" => Some(Self::Daily),
            "weekly" => Some(Self::Weekly),
            "monthly" => Some(Self::Monthly),
            _ => None,
        }
    }

    /// The first moment of the step a moment falls into.
    pub fn start_of(self, moment: Timestamp) -> Timestamp {
        let day = moment.day();
        match self {
            Self::Hourly => Timestamp::from_hour(moment.hour()),
            Self::Daily => Timestamp::from_day(day),
            Self::Weekly => Timestamp::from_day(day - (day + EPOCH_WEEKDAY).rem_euclid(7)),
            Self::Monthly => {
                let date = moment.date();
                let month = date.get(.."2026-01".len()).unwrap_or_default();
                Timestamp::parse_date(&format!("{month}-01")).unwrap_or(Timestamp::from_day(day))
            }
        }
    }

    /// The first moments of all steps of a span, oldest first.
    pub fn starts(self, span: Span) -> Vec<Timestamp> {
        let step = if self == Self::Hourly { HOUR } else { DAY };
        let mut starts = Vec::new();
        let mut moment = span.from;
        while moment < span.until {
            let start = self.start_of(moment);
            if starts.last() != Some(&start) {
                starts.push(start);
            }
            moment = moment.after(step);
        }
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    fn dates(timeframe: Timeframe, span: Span) -> Vec<String> {
        timeframe.starts(span).into_iter().map(Timestamp::date).collect()
    }

    #[test]
    fn the_last_days_include_today() {
        let span = Span::last_days(at("2026-03-02T15:20:00Z"), 3);
        assert_eq!(span.from, at("2026-02-28T00:00:00Z"));
        assert_eq!(span.until, at("2026-03-03T00:00:00Z"));
        assert_eq!(
            dates(Timeframe::Daily, span),
            ["2026-02-28", "2026-03-01", "2026-03-02"]
        );
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_their_first() {
        let span = Span::of_days(at("2026-01-29T00:00:00Z"), at("2026-02-03T00:00:00Z"));
        assert_eq!(dates(Timeframe::Weekly, span), ["2026-01-26", "2026-02-02"]);
        assert_eq!(dates(Timeframe::Monthly, span), ["2026-01-01", "2026-02-01"]);
        assert_eq!(Timeframe::Hourly.starts(span).len(), 6 * 24);
    }
}
