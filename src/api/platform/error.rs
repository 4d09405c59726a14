//! Failures in this family's form: `{"error": {"code", "message", "details"}, "requestId"}`.
//!
//! The codes are the seven its callers know. What is the caller's mistake and has no code of its own (a conflict, a
//! wrong method or content type, too large a body) is `invalid_request`; the status tells more.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;

/// The body of a failed request's answer.
pub(super) fn body(failure: &Failure, request: Option<RequestId>) -> Value {
    let sentence = failure.sentence();
    let (message, details) = match failure {
        Failure::Body(_) | Failure::Hub(HubError::Invalid { .. }) => {
            ("The request was invalid".to_owned(), Some(sentence))
        }
        _ => (sentence, None),
    };
    let error = json!({"code": code(failure.status()), "message": message, "details": details});
    json!({"error": error, "requestId": request})
}

const fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "authorization_error",
        StatusCode::NOT_FOUND => "resource_not_found",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_exceeded",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE => "service_unavailable",
        StatusCode::INTERNAL_SERVER_ERROR => "internal_error",
        _ => "invalid_request",
    }
}
