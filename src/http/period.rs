//! The span a report is asked for: two times in the query, either of which may be absent.
//!
//! Called by the families' reports. Invariant: no span is longer than [`MAX_DAYS`], so no answer is without bound.

use switchboard_actors::hub::analytics::Span;
use switchboard_actors::hub::analytics::span::MAX_DAYS;
use switchboard_domain::time::Timestamp;

use super::body::FieldError;
use super::query::{Moment, Query};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The span from the parameter `start` to the parameter `end`, both included; without an end until now, without a start
/// the `days` days up to the end.
///
/// # Errors
/// The field that is no time, or the end before the start, or a start too long before the end.
pub fn read(
    query: &Query,
    (start, end): (&str, &str),
    now: Timestamp,
    days: u64,
) -> Result<Span, FieldError> {
    let last = query.moment(end)?.map_or(now, Moment::last);
    let first = match query.moment(start)? {
        Some(moment) => moment.first(),
        None => Span::last_days(last, days).from,
    };
    if last < first {
        return Err(FieldError::new(end, format!("a time that is not before {start}")).in_query());
    }
    let longest = i64::try_from(MAX_DAYS)
        .unwrap_or(i64::MAX)
        .saturating_mul(MILLIS_PER_DAY);
    if last.as_millis().saturating_sub(first.as_millis()) > longest {
        let expected = format!("a time at most {MAX_DAYS} days before {end}");
        return Err(FieldError::new(start, expected).in_query());
    }
    Ok(Span::of(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(query: &str) -> Result<(String, String), String> {
        let now = Timestamp::parse("2026-03-02T15:20:00Z").unwrap();
        let read = read(&Query::parse(query), ("from", "to"), now, 30);
        let told = |span: Span| (span.from.to_string(), span.until.to_string());
        read.map(told).map_err(|error| error.field)
    }

    fn whole(from: &str, until: &str) -> (String, String) {
        (format!("{from}:00:00.000Z"), format!("{until}:00:00.000Z"))
    }

    #[test]
    fn both_ends_are_included_and_either_may_be_absent() {
        assert_eq!(span("").unwrap(), whole("2026-02-01T00", "2026-03-02T16"));
        assert_eq!(
            span("from=2026-03-01&to=2026-03-01").unwrap(),
            whole("2026-03-01T00", "2026-03-02T00")
        );
        assert_eq!(
            span("from=2026-03-01T10:30:00Z&to=2026-03-01T11:00:00Z").unwrap(),
            whole("2026-03-01T10", "2026-03-01T12")
        );
        assert_eq!(
            span("to=2026-01-31").unwrap(),
            whole("2026-01-02T00", "2026-02-01T00")
        );
    }

    #[test]
    fn a_span_that_is_none_or_too_long_is_a_mistake() {
        assert_eq!(span("from=2026-03-02&to=2026-03-01"), Err("to".to_owned()));
        assert_eq!(span("from=2027-01-01"), Err("to".to_owned()));
        assert_eq!(span("from=0001-01-01"), Err("from".to_owned()));
        assert_eq!(span("to=tomorrow"), Err("to".to_owned()));
    }
}
