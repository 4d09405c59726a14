//! Failures in this family's form: `{"success": false, "message", "code", "errors": [{"field", "message"}]}`.
//!
//! The codes are those its callers know: what is the caller's mistake and has no code of its own is `VALIDATION_ERROR`,
//! what is not is `INTERNAL_ERROR`; the status tells more.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;

/// The body of a failed request's answer; the request's id is in its header.
pub(super) fn body(failure: &Failure, _: Option<RequestId>) -> Value {
    let message = failure.sentence();
    let errors: Vec<Value> = failure
        .field()
        .map(|field| json!({"field": field, "message": message}))
        .into_iter()
        .collect();
    json!({"success": false, "message": message, "code": code(failure), "errors": errors})
}

fn code(failure: &Failure) -> &'static str {
    if matches!(failure, Failure::Hub(HubError::BudgetUsedUp)) {
        return "INSUFFICIENT_BUDGET";
    }
    match failure.status() {
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMIT_EXCEEDED",
        status if status.is_server_error() => "INTERNAL_ERROR",
        _ => "VALIDATION_ERROR",
    }
}
