//! How long an answer asks its caller to wait: the value of `Retry-After` (RFC 9110, 10.2.3), in either of its forms.
//!
//! Read by whatever calls others: channels, webhooks, the AI's provider. Invariant: no answer has anybody wait for more
//! than a day, and a date is compared with the answer's own `Date`, so that no clock of ours decides.

use std::time::Duration;

/// The longest wait that anybody may ask for.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait that `value` asks for in an answer of this `Date`; nothing when it cannot be read. Who writes a date has a
/// clock and so writes its `Date`, too (RFC 9110, 6.6.1): without one there is nothing to compare it with.
pub fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 => Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())),
        Ok(_) => return None,
        Err(_) => until(value, date?)?,
    };
    Some(wait.min(LONGEST))
}

/// None when it has gone by.
fn until(value: &str, date: &str) -> Option<Duration> {
    let asked = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(date.trim()).ok()?;
    Some(asked.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Option<&str> = Some("Wed, 21 Oct 2026 07:28:00 GMT");

    fn seconds(value: &str) -> Option<f64> {
        retry_after(value, NOW).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn seconds_are_waited_for_but_not_for_more_than_a_day() {
        assert_eq!(seconds(" 120 "), Some(120.0));
        assert_eq!(seconds("0.5"), Some(0.5));
        assert_eq!(seconds("18446744073709551615"), Some(86_400.0));
        assert_eq!(seconds("inf"), Some(86_400.0));
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_date_is_waited_for_in_each_of_its_forms_by_the_clock_of_who_named_it() {
        assert_eq!(seconds("Wed, 21 Oct 2026 07:29:30 GMT"), Some(90.0));
        assert_eq!(seconds("Wednesday, 21-Oct-26 07:29:30 GMT"), Some(90.0));
        assert_eq!(seconds("Wed Oct 21 07:29:30 2026"), Some(90.0));
        assert_eq!(seconds("Wed, 21 Oct 2026 07:27:00 GMT"), Some(0.0), "gone by");
        assert_eq!(seconds("Fri, 21 Oct 2033 07:28:00 GMT"), Some(86_400.0));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:29:30 GMT", None), None);
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for value in ["", "-1", "nan", "soon", "Wed, 99 Oct 2026 07:28:00 GMT", "120s"] {
            assert_eq!(seconds(value), None, "{value}");
        }
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:29:30 GMT", Some("today")), None);
    }
}
