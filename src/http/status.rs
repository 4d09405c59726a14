//! The status of every failure, decided once for all families; each family decides the body.

use hyper::StatusCode;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::http::HeaderMap;
use switchboard_actors::error::HubError;

/// Seconds a caller is told to wait where the hub has too much to do.
const PAUSE: u64 = 1;

/// The status that tells a caller of this error.
pub const fn of(error: &HubError) -> StatusCode {
    match error {
        HubError::Invalid { .. } => StatusCode::BAD_REQUEST,
        HubError::Unauthenticated => StatusCode::UNAUTHORIZED,
        HubError::Forbidden(_) | HubError::BudgetUsedUp => StatusCode::FORBIDDEN,
        HubError::NotFound(_) => StatusCode::NOT_FOUND,
        HubError::Conflict(_) => StatusCode::CONFLICT,
        HubError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        HubError::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        HubError::Overloaded | HubError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        HubError::StoreFull => StatusCode::INSUFFICIENT_STORAGE,
        HubError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Adds `Retry-After` (RFC 9110, 10.2.3: whole seconds) where it is worth trying again.
pub fn write_retry(error: &HubError, headers: &mut HeaderMap) {
    let seconds = match error {
        HubError::Throttled(pause) => u64::try_from(pause.as_millis().div_ceil(1000)).unwrap_or(u64::MAX),
        HubError::Overloaded | HubError::Unavailable => PAUSE,
        _ => return,
    };
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_throttled_caller_is_told_whole_seconds_and_never_zero() {
        for (pause, told) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
            let mut headers = HeaderMap::new();
            write_retry(&HubError::Throttled(Duration::from_millis(pause)), &mut headers);
            assert_eq!(headers.get(RETRY_AFTER).unwrap(), told);
        }
    }
}
