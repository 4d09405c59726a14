//! `/api/admin/analytics/dashboard`: what happened in a span of days, today included. Staff alone.

use switchboard_actors::hub::analytics::Span;
use switchboard_domain::time::Timestamp;

use super::wire::AnalyticsOut;
use crate::http::body::FieldError;
use crate::http::query::Query;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Days of the report before today, unless the caller says otherwise.
const DAYS_BEFORE: i64 = 29;
/// The most days of a report.
const MAX_DAYS: i64 = 3_660;

pub(super) const ROUTES: &[Route] = &[Route::read(
    "/api/admin/analytics/dashboard",
    Access::Staff,
    dashboard,
)
.says("Report on conversations, channels and intents")
.details("Without dates the last 30 days; at most 3660 days. Days are UTC, both included. Times are seconds.")
.query(&[
    Param::time("startDate", "The first day (YYYY-MM-DD)"),
    Param::time("endDate", "The last day (YYYY-MM-DD)"),
])
.answers::<AnalyticsOut>(200)];

fn dashboard(call: &Call) -> Reply {
    let (first, last) = period(call.query(), call.hub().services().now())?;
    let report = call.hub().report(call.scope()?, Span::of_days(first, last))?;
    ok(&AnalyticsOut::of(&report, first, last))
}

/// The first and the last day: what one of the dates leaves open is 30 days from the other.
fn period(query: &Query, now: Timestamp) -> Result<(Timestamp, Timestamp), FieldError> {
    let last = date(query, "endDate")?.map_or(now.day(), Timestamp::day);
    let first = date(query, "startDate")?.map_or(last.saturating_sub(DAYS_BEFORE), Timestamp::day);
    if first > last {
        return Err(FieldError::new("startDate", "a day not after endDate"));
    }
    if last - first >= MAX_DAYS {
        let expected = format!("a day less than {MAX_DAYS} days before endDate");
        return Err(FieldError::new("startDate", expected));
    }
    Ok((Timestamp::from_day(first), Timestamp::from_day(last)))
}

fn date(query: &Query, name: &str) -> Result<Option<Timestamp>, FieldError> {
    let read = |text| Timestamp::parse_date(text).ok_or_else(|| FieldError::new(name, "a date (YYYY-MM-DD)"));
    query.text(name).map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(raw: &str) -> Result<(String, String), String> {
        let now = Timestamp::parse("2026-03-15T10:00:00Z").unwrap();
        let period = period(&Query::parse(raw), now);
        let told = period.map(|(first, last)| (first.date(), last.date()));
        told.map_err(|error| error.field)
    }

    #[test]
    fn the_last_thirty_days_unless_a_date_says_otherwise() {
        let told = |raw| dates(raw).unwrap();
        assert_eq!(told(""), ("2026-02-14".to_owned(), "2026-03-15".to_owned()));
        assert_eq!(
            told("endDate=2026-01-30").0,
            "2026-01-01",
            "thirty days up to the day that is named"
        );
        assert_eq!(
            told("startDate=2026-03-15&endDate=2026-03-15"),
            ("2026-03-15".to_owned(), "2026-03-15".to_owned())
        );
    }

    #[test]
    fn what_is_no_span_is_named() {
        for (raw, field) in [
            ("startDate=yesterday", "startDate"),
            ("startDate=2026-02-30", "startDate"),
            ("endDate=15.03.2026", "endDate"),
            ("endDate=", "endDate"),
            ("startDate=2026-03-16&endDate=2026-03-15", "startDate"),
            ("startDate=2016-01-01", "startDate"),
        ] {
            assert_eq!(dates(raw).unwrap_err(), field, "{raw}");
        }
    }
}
