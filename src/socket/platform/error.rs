//! Failures of `/ws` in the words of the `platform` family, before the upgrade and after.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;

/// The status of a refusal, and `{"error": {"code", "message", "details"}, "requestId"}`.
pub(super) fn answer(failure: &Failure, request: Option<RequestId>) -> (StatusCode, Value) {
    let (code, message) = match failure {
        Failure::Hub(error) => (code(error), error.to_string()),
        _ => ("invalid_request", failure.sentence()),
    };
    let error = json!({"code": code, "message": message, "details": null});
    (failure.status(), json!({"error": error, "requestId": request}))
}

/// The family's word for an error.
pub(super) const fn code(error: &HubError) -> &'static str {
    match error {
        HubError::Unauthenticated => "authentication_error",
        HubError::Forbidden(_) | HubError::BudgetUsedUp => "authorization_error",
        HubError::NotFound(_) => "resource_not_found",
        HubError::Invalid { .. } | HubError::Conflict(_) | HubError::TooLarge { .. } => "invalid_request",
        HubError::Throttled(_) => "rate_limit_exceeded",
        HubError::Overloaded | HubError::StoreFull | HubError::Unavailable => "service_unavailable",
        HubError::Internal(_) => "internal_error",
    }
}
