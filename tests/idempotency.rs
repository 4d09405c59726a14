//! `Idempotency-Key`: a request that is sent again is done once, whatever family it is of and whatever happens between.
//!
//! Here are the words for it; the families' own tests (`tests/api/<family>/idempotency.rs`) use them at their doors.

use hyper::Method;
use serde_json::Value;
use switchboard::api::FAMILIES;

use crate::process::http;
use crate::support::{Answer, Persona};

pub(crate) fn keyed(persona: &Persona, key: &str) -> Persona {
    persona.with_header("idempotency-key", key)
}

pub(crate) fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == "true"
}

/// Sends it twice: the second time it is the first answer.
pub(crate) async fn assert_once(caller: &Persona, path: &str, body: &Value) -> Answer {
    let first = caller.post(path, body).await;
    assert!((200..300).contains(&first.status), "{path}: {}", first.text);
    assert!(!is_replay(&first));
    let again = caller.post(path, body).await;
    assert!(is_replay(&again), "{path}: {}", again.text);
    assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    first
}

/// Sends it twice: the second answer is another one.
pub(crate) async fn assert_never_kept(caller: &Persona, path: &str, body: &Value) {
    let (first, second) = (caller.post(path, body).await, caller.post(path, body).await);
    assert!(first.status < 300 && first.status == second.status, "{path}");
    assert_ne!(first.text, second.text, "{path}");
    assert!(!is_replay(&second), "{path}");
}

/// POST with a key, to a hub in a process of its own.
pub(crate) async fn post(at: std::net::SocketAddr, path: &str, token: &str, body: &Value) -> http::Answer {
    let authorization = format!("Authorization: Bearer {token}");
    let headers = [
        "Content-Type: application/json",
        &authorization,
        "Idempotency-Key: key-1",
    ];
    http::request(at, &format!("POST {path}"), &headers, &body.to_string()).await
}

#[test]
fn every_route_that_answers_a_credential_is_marked_so() {
    let answering = [
        "login", "register", "refresh", "password", "token", "api-keys", "webhooks",
    ];
    // These tell of the account alone: its owner logs in after it.
    let without = ["/auth/register", "/api/v1/auth/register"];
    let routes = FAMILIES
        .iter()
        .flat_map(|family| family.routes.iter().copied().flatten());
    let unmarked: Vec<_> = routes
        .filter(|route| route.method == Method::POST && !route.secret)
        .filter(|route| answering.contains(&route.pattern.rsplit('/').next().unwrap()))
        .filter(|route| !without.contains(&route.pattern))
        .map(|route| route.pattern)
        .collect();
    assert!(unmarked.is_empty(), "{unmarked:?}");
}
