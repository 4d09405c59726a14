//! `Idempotency-Key`: a request that is sent again is done once, whatever family it is of and whatever happens between.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use switchboard::api::FAMILIES;

use crate::process::Folder;
use crate::process::http::{self, get};
use crate::process::people::Person;
use crate::support::{Answer, PASSWORD, Persona, World};

const MESSAGES: &str = "/api/core/messages";

fn keyed(persona: &Persona, key: &str) -> Persona {
    persona.with_header("idempotency-key", key)
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == "true"
}

fn faq(question: &str) -> Value {
    json!({"question": question, "answer": "Always."})
}

fn words(text: &str) -> Value {
    json!({"message": {"text": text, "type": "text"}, "channel": "web"})
}

/// Sends it twice: the second time it is the first answer.
async fn assert_once(caller: &Persona, path: &str, body: &Value) -> Answer {
    let first = caller.post(path, body).await;
    assert!((200..300).contains(&first.status), "{path}: {}", first.text);
    assert!(!is_replay(&first));
    let again = caller.post(path, body).await;
    assert!(is_replay(&again), "{path}: {}", again.text);
    assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    first
}

#[tokio::test]
async fn a_message_sent_again_is_stored_once_and_answered_the_same() {
    let world = World::start().await;
    let customer = keyed(&world.customer().await, "key-1");
    let first = assert_once(&customer, MESSAGES, &words("Hello there")).await;
    let session = first.body["sessionId"].as_str().unwrap();
    let kept = world.admin.get(&format!("/api/admin/sessions/{session}")).await;
    let said = kept.body["messages"].as_array().unwrap();
    let asked = said
        .iter()
        .filter(|message| message["text"] == "Hello there")
        .count();
    assert_eq!(asked, 1, "{}", kept.text);

    let other = customer.post(MESSAGES, &words("Something else")).await;
    assert_eq!(other.status, 409, "{}", other.text);
    assert_eq!(other.body["error"]["code"], "invalid_request");
    let stranger = keyed(&world.stranger().await, "key-1")
        .post(MESSAGES, &words("Hello there"))
        .await;
    assert!(
        stranger.status == 200 && !is_replay(&stranger),
        "{}",
        stranger.text
    );
    assert_ne!(stranger.body["sessionId"], first.body["sessionId"]);
}

#[tokio::test]
async fn accounts_and_organizations_are_made_once() {
    let world = World::start().await;
    let admin = keyed(&world.admin, "key-1");
    let user = json!({"email": "jane@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith",
        "role": "agent"});
    assert_once(&admin, "/api/admin/users", &user).await;
    let organization =
        json!({"name": "Other", "adminEmail": "boss@other.example", "adminPassword": PASSWORD});
    assert_once(&admin, "/api/admin/organizations", &organization).await;
    let mut another = user;
    another["password"] = json!("another password");
    assert_eq!(admin.post("/api/admin/users", &another).await.status, 409);
}

#[tokio::test]
async fn of_five_at_once_one_makes_the_record() {
    let world = World::start().await;
    let agent = keyed(&world.agent().await, "key-1");
    let body = faq("Are you open?");
    let posts: Vec<_> = (0..5)
        .map(|_| {
            let (agent, body) = (agent.clone(), body.clone());
            tokio::spawn(async move { agent.post("/api/faq", &body).await })
        })
        .collect();
    let mut made = 0;
    for post in posts {
        let answer = post.await.unwrap();
        match answer.status {
            201 => made += u32::from(!is_replay(&answer)),
            409 => {
                assert_eq!(answer.header("retry-after"), "1");
                assert_eq!(answer.body["code"], "VALIDATION_ERROR", "{}", answer.text);
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(made, 1);
    assert!(is_replay(&agent.post("/api/faq", &body).await));
    let listed = agent.get("/api/faq").await;
    assert_eq!(listed.body["pagination"]["total"], 1, "{}", listed.text);
}

#[tokio::test]
async fn a_mistake_is_not_kept() {
    let world = World::start().await;
    let agent = keyed(&world.agent().await, "key-1");
    let wrong = json!({"question": "", "answer": "Always."});
    for _ in 0..2 {
        let refused = agent.post("/api/faq", &wrong).await;
        assert!(refused.status == 400 && !is_replay(&refused), "{}", refused.text);
    }
    assert_once(&agent, "/api/faq", &faq("Are you open?")).await;
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_and_nothing_is_stored() {
    let world = World::start().await;
    for key in ["", "two words", &"k".repeat(256)] {
        let agent = keyed(&world.admin, key);
        let refused = agent.post("/api/faq", &faq("Are you open?")).await;
        assert_eq!(refused.status, 400, "{key}: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["field"], "Idempotency-Key");
    }
    assert_once(
        &keyed(&world.admin, &"k".repeat(255)),
        "/api/faq",
        &faq("Are you open?"),
    )
    .await;
}

#[tokio::test]
async fn the_same_key_on_another_path_is_another_key() {
    let world = World::start().await;
    let admin = keyed(&world.admin, "key-1");
    assert_once(&admin, "/api/faq", &faq("Are you open?")).await;
    let message = json!({"message": {"text": "Hello", "type": "text"}, "channel": "web", "userId": "anna"});
    assert_once(&admin, MESSAGES, &message).await;
}

#[tokio::test]
async fn an_answer_with_a_credential_is_never_kept() {
    let world = World::start().await;
    let nobody = keyed(&world.nobody, "key-1");
    let login = json!({"username": "admin", "password": PASSWORD});
    let admin = keyed(&world.admin, "key-1");
    for (caller, path, body) in [
        (&nobody, "/api/auth/login", &login),
        (
            &admin,
            "/api/admin/api-keys",
            &json!({"name": "shop", "scopes": []}),
        ),
    ] {
        let (first, second) = (caller.post(path, body).await, caller.post(path, body).await);
        assert!(first.status < 300 && first.status == second.status, "{path}");
        assert_ne!(first.text, second.text, "{path}");
        assert!(!is_replay(&second), "{path}");
    }
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

/// POST with a key, to a hub in a process of its own.
async fn post(at: std::net::SocketAddr, path: &str, token: &str, body: &Value) -> http::Answer {
    let authorization = format!("Authorization: Bearer {token}");
    let headers = [
        "Content-Type: application/json",
        &authorization,
        "Idempotency-Key: key-1",
    ];
    http::request(at, &format!("POST {path}"), &headers, &body.to_string()).await
}

#[tokio::test]
async fn a_restart_in_between_changes_nothing() {
    for engine in ["sled", "fjall"] {
        let folder = Folder::new(engine);
        let hub = folder.start().await;
        let admin = Person::admin(hub.address).await;
        let first = post(hub.address, "/api/faq", &admin.token, &faq("Are you open?")).await;
        assert_eq!(first.status, 201, "{}", first.body);
        hub.kill();
        let hub = folder.start().await;
        let again = post(hub.address, "/api/faq", &admin.token, &faq("Are you open?")).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!((again.status, again.body), (201, first.body));
    }
}

#[tokio::test]
async fn a_message_whose_answer_a_crash_prevented_is_not_stored_again() {
    let folder = Folder::new("sled")
        .with("limits.enabled", &false)
        .with("ai.debounce_ms", &5_000);
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    // Logs in first: the answer comes five seconds after the question, and is to be prevented.
    let admin = Person::admin(hub.address).await;
    let (at, token) = (hub.address, customer.token.clone());
    let cut = tokio::spawn(async move { post(at, MESSAGES, &token, &words("Hello there")).await });
    crate::process::until("the session", || async {
        let active = get(hub.address, "/api/admin/sessions/active", &admin.token).await;
        active.json()["sessions"][0]["lastSequence"] == 1
    })
    .await;
    hub.kill();
    assert!(cut.await.is_err(), "it was not answered");
    let hub = folder.start().await;
    let answer = post(hub.address, MESSAGES, &customer.token, &words("Hello there")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let active = get(hub.address, "/api/admin/sessions/active", &admin.token)
        .await
        .json();
    assert_eq!(active["pagination"]["total"], 1, "{active}");
    let session = answer.json()["sessionId"].as_str().unwrap().to_owned();
    let path = format!("/api/admin/sessions/{session}");
    let kept = get(hub.address, &path, &admin.token).await.json();
    let said = kept["messages"].as_array().unwrap();
    let asked = said.iter().filter(|message| message["text"] == "Hello there");
    assert_eq!(asked.count(), 1, "{kept}");
}

#[tokio::test]
async fn who_hangs_up_finds_the_answer_when_it_comes_again() {
    let world = World::start_with(&[("SWITCHBOARD_AI__DEBOUNCE_MS", "400")]).await;
    let customer = keyed(&world.customer().await, "key-1");
    let impatient = {
        let customer = customer.clone();
        tokio::spawn(async move { customer.post(MESSAGES, &words("Hello there")).await })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    impatient.abort();
    let mut answer = customer.post(MESSAGES, &words("Hello there")).await;
    while answer.status == 409 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = customer.post(MESSAGES, &words("Hello there")).await;
    }
    assert_eq!(answer.status, 200, "{}", answer.text);
    let active = world.admin.get("/api/admin/sessions/active").await;
    assert_eq!(active.body["pagination"]["total"], 1, "{}", active.text);
}
