//! Failures in this family's form: `{"detail": "…"}`, and for wrong values 422 with a list that names them:
//! `{"detail": [{"loc": ["body", "email"], "msg": "field required", "type": "value_error.missing"}]}`.
//!
//! A name that is taken is no wrong value: it is answered 400 in words.

use hyper::StatusCode;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::accounts::TAKEN;
use switchboard_domain::id::RequestId;

use crate::http::body::{BodyError, FieldError};
use crate::http::failure::Failure;

/// The status of a failed request's answer.
pub(super) fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Body(BodyError::Field(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Hub(HubError::Invalid { .. }) if taken(failure).is_none() => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        other => other.status(),
    }
}

/// The body of a failed request's answer; the request's id is in its header.
pub(super) fn body(failure: &Failure, _: Option<RequestId>) -> Value {
    let detail = match failure {
        Failure::Body(BodyError::Field(error)) => json!([wrong_field(error)]),
        Failure::Hub(HubError::Invalid { field, message }) => match taken(failure) {
            Some(sentence) => json!(sentence),
            None => json!([wrong("body", field, message, "value_error")]),
        },
        other => json!(sentence(other)),
    };
    json!({"detail": detail})
}

fn taken(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Hub(HubError::Invalid { field, message }) if message == TAKEN => match *field {
            "username" => Some("Username already registered"),
            "email" => Some("Email already registered"),
            _ => None,
        },
        _ => None,
    }
}

fn wrong_field(error: &FieldError) -> Value {
    let place = error.place.as_str();
    if error.is_missing {
        wrong(place, &error.field, "field required", "value_error.missing")
    } else {
        let message = format!("expected {}", error.expected);
        wrong(place, &error.field, &message, "value_error")
    }
}

/// `items[2].name` in the body is at `["body", "items", 2, "name"]`.
fn wrong(place: &str, field: &str, message: &str, kind: &str) -> Value {
    let pieces = field.split(['.', '[']).map(|piece| piece.trim_end_matches(']'));
    let steps = pieces.filter(|piece| !piece.is_empty()).map(|piece| {
        piece
            .parse::<u64>()
            .map_or_else(|_| json!(piece), |index| json!(index))
    });
    let loc: Vec<Value> = [json!(place)].into_iter().chain(steps).collect();
    json!({"loc": loc, "msg": message, "type": kind})
}

fn sentence(failure: &Failure) -> String {
    match failure.status() {
        StatusCode::UNAUTHORIZED => "Could not validate credentials".to_owned(),
        StatusCode::INTERNAL_SERVER_ERROR => "Internal server error".to_owned(),
        StatusCode::FORBIDDEN => forbidden(failure.sentence()),
        _ => failure.sentence(),
    }
}

/// What is for staff is told without naming roles, which this family's callers do not know.
fn forbidden(sentence: String) -> String {
    if sentence == "Agent or admin access required" {
        "Not enough permissions".to_owned()
    } else {
        sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(failure: &Failure) -> (u16, Value) {
        (status(failure).as_u16(), body(failure, None)["detail"].clone())
    }

    #[test]
    fn a_wrong_value_is_told_by_its_place_and_a_taken_name_in_words() {
        let missing = FieldError::missing("email").into();
        let entry = json!({"loc": ["body", "email"], "msg": "field required", "type": "value_error.missing"});
        assert_eq!(told(&missing), (422, json!([entry])));
        let deep = FieldError::new("items[2].name", "a string").into();
        assert_eq!(told(&deep).1[0]["loc"], json!(["body", "items", 2, "name"]));
        let whole = FieldError::new("", "an object").into();
        assert_eq!(told(&whole).1[0]["loc"], json!(["body"]));
        let query = FieldError::new("limit", "a whole number from 1")
            .in_query()
            .into();
        assert_eq!(told(&query).1[0]["loc"], json!(["query", "limit"]));
        let taken = HubError::invalid("email", TAKEN).into();
        assert_eq!(told(&taken), (400, json!("Email already registered")));
        let unread = Failure::Body(BodyError::NotJson("The body is empty".to_owned()));
        assert_eq!(told(&unread), (400, json!("The body is empty")));
    }
}
