//! Refusals before the upgrade in the form of the `care` family.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;
use crate::socket::talk::outgoing::word;

/// The status, and `{"error": {"code", "message", "details"}}`; the details name the field that is wrong.
pub(super) fn answer(failure: &Failure, _: Option<RequestId>) -> (StatusCode, Value) {
    let (status, message) = (failure.status(), failure.sentence());
    let details = failure.field().map(|field| json!({field: message}));
    let error = json!({"code": word(status), "message": message, "details": details});
    (status, json!({"error": error}))
}
