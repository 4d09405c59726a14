//! How each family tells its failures: one response a status, written by the family's own function.
//!
//! Nothing in here says what a failure looks like; it asks [`Family::error`] and describes what comes.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::{Map, Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use super::components::prefix;
use super::inferred::Seen;
use super::operation::repeats;
use crate::http::body::{BodyError, FieldError};
use crate::http::failure::Failure;
use crate::http::route::{Access, Family, Route, Upload};

/// The id of the request in the examples.
const REQUEST: &str = "req_0192c1f0b3a47d1e9c5a6b7d8e9f0a1b";

/// The names and sentences of the statuses that failures have.
const STATUSES: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "A value is not as expected; nothing was stored",
    ),
    (401, "Unauthorized", "No credential, or one that does not stand"),
    (
        403,
        "Forbidden",
        "The credential stands, but does not reach this far",
    ),
    (404, "NotFound", "No such record in the caller's organization"),
    (409, "Conflict", "It cannot be done in the present state"),
    (413, "TooLarge", "The body has more bytes than allowed"),
    (415, "WrongType", "The body is not `application/json`"),
    (
        422,
        "Unprocessable",
        "A value is not as expected; nothing was stored",
    ),
    (
        429,
        "TooManyRequests",
        "The limit is reached; `Retry-After` says for how long",
    ),
];

/// A failure of every kind that a caller can meet.
fn every() -> Vec<Failure> {
    let invalid = |field: &str, expected: &str| FieldError::new(field, expected).into();
    vec![
        invalid("text", "a string"),
        FieldError::missing("email").into(),
        Failure::Body(BodyError::NotJson("The body is empty: expected JSON".to_owned())),
        Failure::Body(BodyError::TooLarge { limit: 1_048_576 }),
        Failure::Body(BodyError::WrongType {
            expected: "application/json",
        }),
        Failure::Body(BodyError::TooSlow),
        Failure::NoSuchPath,
        Failure::NoSuchMethod {
            allow: HeaderValue::from_static("GET, HEAD"),
        },
        HubError::invalid("name", "must not be empty").into(),
        HubError::Unauthenticated.into(),
        HubError::Forbidden("Admin access required").into(),
        HubError::NotFound("conversation").into(),
        HubError::Conflict("the conversation is closed".to_owned()).into(),
        Failure::TooManyRequests,
        Failure::StillRunning,
        HubError::Throttled(Duration::from_secs(30)).into(),
        HubError::Overloaded.into(),
        HubError::StoreFull.into(),
        HubError::Unavailable.into(),
        HubError::internal("").into(),
    ]
}

/// The family's form of failures, as a component, with the responses that have it.
pub(super) struct Told {
    /// The component's name.
    pub(super) name: String,
    /// The schema.
    pub(super) schema: Value,
    /// The family's responses, by their names among the components.
    pub(super) responses: Map<String, Value>,
}

/// Asks a family how it tells its failures.
pub(super) fn told(family: &Family) -> Told {
    let name = format!("{}Failure", prefix(family.name));
    let request = RequestId::parse(REQUEST);
    let bodies: Vec<(StatusCode, Value)> = every()
        .iter()
        .map(|failure| ((family.status)(failure), (family.error)(failure, request)))
        .collect();
    let mut seen = Seen::default();
    for (_, body) in &bodies {
        seen.look(body);
    }
    let response = |sentence: &str, example: Option<&Value>| {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let content = match example {
            Some(example) => json!({"schema": schema, "example": example}),
            None => json!({"schema": schema}),
        };
        json!({"description": sentence, "content": {"application/json": content}})
    };
    let example = |status: u16| {
        let found = bodies.iter().find(|(of, _)| of.as_u16() == status);
        found.map(|(_, body)| body)
    };
    let mut responses: Map<_, _> = STATUSES
        .iter()
        .map(|(status, word, sentence)| (named(family, word), response(sentence, example(*status))))
        .collect();
    let other = response("Any other failure, in the same form", example(500));
    responses.insert(named(family, "Failed"), other);
    Told {
        schema: seen.schema(),
        name,
        responses,
    }
}

fn named(family: &Family, word: &str) -> String {
    format!("{}{word}", prefix(family.name))
}

/// The responses of a route's failures: status, name of the component.
pub(super) fn of(family: &Family, route: &Route) -> Vec<(String, String)> {
    let has_body = route.upload != Upload::None;
    let has_capture = route.pattern.contains("/:");
    let mistake = (family.status)(&FieldError::new("text", "a string").into()).as_u16();
    let has_values = has_body || repeats(route) || !route.doc.query.is_empty();
    let met = |status: u16| match status {
        // A body that is no JSON at all is 400 everywhere.
        400 => has_body || (has_values && mistake == 400),
        422 => has_values && mistake == 422,
        401 => route.access != Access::Public,
        403 => matches!(route.access, Access::Staff | Access::Admin),
        404 => has_capture,
        409 => repeats(route),
        413 | 415 => has_body,
        429 => true,
        _ => false,
    };
    let told = STATUSES.iter().filter(|(status, ..)| met(*status));
    let mut all: Vec<_> = told
        .map(|(status, word, _)| (status.to_string(), named(family, word)))
        .collect();
    all.push(("default".to_owned(), named(family, "Failed")));
    all
}
