//! Failures in this family's form: `{"error": {"code", "message", "details"}}`, `details` by field or null.
//!
//! What is the caller's mistake and has no code of its own is `invalid_request`; the status tells more.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use crate::http::body::BodyError;
use crate::http::failure::Failure;

/// The body of a failed request's answer; the request's id is in its header.
pub(super) fn body(failure: &Failure, _: Option<RequestId>) -> Value {
    let details = wrong_field(failure).map(|(field, text)| json!({field: text}));
    json!({"error": {"code": code(failure.status()), "message": failure.sentence(), "details": details}})
}

/// The field that is wrong, and what was expected of it.
fn wrong_field(failure: &Failure) -> Option<(&str, String)> {
    let (field, text) = match failure {
        Failure::Body(BodyError::Field(error)) => {
            let named = format!("{}: ", error.field);
            let text = error.message.strip_prefix(&named).unwrap_or(&error.message);
            (error.field.as_str(), text.to_owned())
        }
        Failure::Hub(HubError::Invalid { field, message }) => (*field, message.clone()),
        _ => return None,
    };
    let field = if field.is_empty() { "body" } else { field };
    Some((field, text))
}

const fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_exceeded",
        StatusCode::INTERNAL_SERVER_ERROR
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::INSUFFICIENT_STORAGE => "internal_error",
        _ => "invalid_request",
    }
}
