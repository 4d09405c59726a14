//! `/api/analytics`: the dashboard's figures, and what was spent on what. Staff and services.

use switchboard_actors::hub::analytics::Span;
use switchboard_actors::hub::analytics::span::MAX_DAYS;
use switchboard_domain::time::Timestamp;

use super::wire::Data;
use super::wire::analytics::{BreakdownOut, Dashboard, DashboardOut, GroupBy};
use crate::http::body::FieldError;
use crate::http::query::Query;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/analytics/dashboard", Access::Staff, dashboard)
        .says("Show the dashboard's figures")
        .details("Costs are in the organization's currency; months and days are UTC.")
        .answers::<Data<DashboardOut>>(200),
    Route::read("/api/analytics/costs", Access::Staff, costs)
        .says("Show what was spent on what")
        .query(&[
            Param::time(
                "startDate",
                "The first day, or the first moment; the first of the month without",
            ),
            Param::time("endDate", "The last day, or the last moment; today without"),
            Param::word::<GroupBy>("groupBy", "What to add up by; service without"),
        ])
        .answers::<Data<BreakdownOut>>(200),
];

fn dashboard(call: &Call) -> Reply {
    let (hub, scope) = (call.hub(), call.scope()?);
    let month = Span::this_month(hub.services().now());
    ok(&Data::new(DashboardOut::from(Dashboard {
        stock: hub.stock(scope)?,
        all_time: hub.report_all_time(scope)?,
        month: hub.report(scope, month)?.figures(),
        spending: hub.spending(scope)?,
        cached: hub.cache_stats(scope)?.total_cached,
    })))
}

fn costs(call: &Call) -> Reply {
    let span = span(call.query(), call.hub().services().now())?;
    let group = call.query().word("groupBy")?.unwrap_or(GroupBy::Service);
    let report = call.hub().report(call.scope()?, span)?;
    ok(&Data::new(BreakdownOut::of(&report, group)))
}

/// From `startDate` to `endDate`, both included: whole days of dates, whole hours of moments.
fn span(query: &Query, now: Timestamp) -> Result<Span, FieldError> {
    let last = bound(query, "endDate")?.unwrap_or(Span::of_days(now, now));
    let last_moment = Timestamp::from_millis(last.until.as_millis() - 1);
    let first = bound(query, "startDate")?.unwrap_or(Span::this_month(last_moment));
    let days = last.until.since(first.from).as_secs() / 86_400;
    if first.from >= last.until || days > MAX_DAYS {
        let expected = format!("a time after startDate, at most {MAX_DAYS} days later");
        return Err(FieldError::new("endDate", expected));
    }
    Ok(Span {
        from: first.from,
        until: last.until,
    })
}

/// The day or hour a parameter names.
fn bound(query: &Query, name: &str) -> Result<Option<Span>, FieldError> {
    let Some(text) = query.text(name) else {
        return Ok(None);
    };
    let day = Timestamp::parse_date(text).map(|day| Span::of_days(day, day));
    let span = day.or_else(|| Timestamp::parse(text).map(|moment| Span::of(moment, moment)));
    span.map(Some)
        .ok_or_else(|| FieldError::new(name, "a date (2026-01-31), or a moment (2026-01-31T08:00:00Z)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(String, String), String> {
        let now = Timestamp::parse("2026-03-15T10:20:30Z").unwrap();
        let span = span(&Query::parse(query), now).map_err(|error| error.field)?;
        Ok((span.from.to_string(), span.until.to_string()))
    }

    #[test]
    fn both_ends_of_a_span_are_in_it() {
        let both = |from: &str, until: &str| Ok((format!("{from}:00.000Z"), format!("{until}:00.000Z")));
        assert_eq!(read(""), both("2026-03-01T00:00", "2026-03-16T00:00"));
        assert_eq!(
            read("startDate=2024-01-01&endDate=2024-01-31"),
            both("2024-01-01T00:00", "2024-02-01T00:00")
        );
        assert_eq!(
            read("endDate=2024-02-10"),
            both("2024-02-01T00:00", "2024-02-11T00:00")
        );
        assert_eq!(
            read("startDate=2024-01-01T08:30:00Z&endDate=2024-01-01T09:00:00Z"),
            both("2024-01-01T08:00", "2024-01-01T10:00")
        );
    }

    #[test]
    fn what_is_no_span_is_named() {
        for (query, field) in [
            ("startDate=yesterday", "startDate"),
            ("endDate=", "endDate"),
            ("startDate=2024-02-01&endDate=2024-01-01", "endDate"),
            ("startDate=1999-01-01", "endDate"),
            ("startDate=0001-01-01&endDate=9999-12-31", "endDate"),
        ] {
            assert_eq!(read(query), Err(field.to_owned()), "{query}");
        }
    }
}
