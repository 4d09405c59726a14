//! The same request twice: messages, accounts, organizations and keys.

use std::time::Duration;

use serde_json::{Value, json};

use crate::idempotency::{assert_never_kept, assert_once, is_replay, keyed, post};
use crate::process::http::get;
use crate::process::people::Person;
use crate::process::{Folder, until};
use crate::provider::fake::{Fake, KEY, Mood};
use crate::support::{PASSWORD, World};

const MESSAGES: &str = "/api/core/messages";

fn words(text: &str) -> Value {
    json!({"message": {"text": text, "type": "text"}, "channel": "web"})
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
async fn the_same_key_on_another_path_is_another_key() {
    let world = World::start().await;
    let admin = keyed(&world.admin, "key-1");
    let passage = json!({"text": "We are always open."});
    assert_once(&admin, "/api/memory/vectors", &passage).await;
    let message = json!({"message": {"text": "Hello", "type": "text"}, "channel": "web", "userId": "anna"});
    assert_once(&admin, MESSAGES, &message).await;
}

#[tokio::test]
async fn an_answer_with_a_key_is_never_kept() {
    let world = World::start().await;
    let key = json!({"name": "shop", "scopes": []});
    assert_never_kept(&keyed(&world.admin, "key-1"), "/api/admin/api-keys", &key).await;
}

#[tokio::test]
async fn a_message_whose_answer_a_crash_prevented_is_not_stored_again() {
    let fake = Fake::start().await;
    let folder = Folder::new("sled")
        .with("limits.enabled", &false)
        .with("ai.provider", "openai")
        .with("ai.base_url", &fake.base_url())
        .with("ai.api_key", KEY);
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let admin = Person::admin(hub.address).await;
    fake.feels(Mood::Hangs);
    let (at, token) = (hub.address, customer.token.clone());
    let cut = tokio::spawn(async move { post(at, MESSAGES, &token, &words("Hello there")).await });
    until("the session", || async {
        let active = get(hub.address, "/api/admin/sessions/active", &admin.token).await;
        active.json()["sessions"][0]["lastSequence"] == 1
    })
    .await;
    hub.kill();
    assert!(cut.await.is_err(), "it was not answered");
    fake.feels(Mood::Well);
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
