//! Refusals before the upgrade in the form of the `assistant` family: `{"detail"}`, its sentence or its list of fields.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;

/// The status and body of a refusal; a wrong parameter is 422, in the documented list.
pub(super) fn answer(failure: &Failure, _: Option<RequestId>) -> (StatusCode, Value) {
    if let Some(field) = failure.field() {
        let wrong = json!({"loc": ["query", field], "msg": failure.sentence(), "type": "value_error"});
        return (StatusCode::UNPROCESSABLE_ENTITY, json!({"detail": [wrong]}));
    }
    let detail = match failure.status() {
        StatusCode::UNAUTHORIZED => "Could not validate credentials".to_owned(),
        StatusCode::NOT_FOUND => "Resource not found".to_owned(),
        StatusCode::INTERNAL_SERVER_ERROR => "Internal server error".to_owned(),
        _ => failure.sentence(),
    };
    (failure.status(), json!({"detail": detail}))
}
