//! Failures in this family's form: `{"detail": "…"}`, with the sentences its callers know.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;

/// The body of a failed request's answer; the request's id is in its header.
pub(super) fn body(failure: &Failure, _: Option<RequestId>) -> Value {
    let detail = match failure.status() {
        StatusCode::UNAUTHORIZED => "Could not validate credentials".to_owned(),
        StatusCode::NOT_FOUND => "Resource not found".to_owned(),
        StatusCode::INTERNAL_SERVER_ERROR => "Internal server error".to_owned(),
        StatusCode::FORBIDDEN => forbidden(failure.sentence()),
        _ => failure.sentence(),
    };
    json!({"detail": detail})
}

/// To this family's callers every member of staff is an admin.
fn forbidden(sentence: String) -> String {
    if sentence == "Agent or admin access required" {
        "Admin access required".to_owned()
    } else {
        sentence
    }
}
