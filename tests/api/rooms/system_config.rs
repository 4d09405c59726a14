//! `/api/admin/system-config`: read and changed by admins, for their own organization.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const PATH: &str = "/api/admin/system-config";

#[tokio::test]
async fn what_is_changed_is_read_again_and_the_rest_stays() {
    let world = World::start().await;
    let before = world.admin.get(PATH).await.body;
    for field in [
        "auto_reply_enabled",
        "max_response_length",
        "ai_confidence_threshold",
        "response_style_default",
    ] {
        assert!(!before[field].is_null(), "{field}: {before}");
    }
    let change = json!({"auto_reply_enabled": false, "max_response_length": 300,
        "ai_confidence_threshold": 0.65, "response_style_default": "formal"});
    let changed = world.admin.put(PATH, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let mut expected = before.clone();
    for (field, value) in change.as_object().unwrap() {
        expected[field] = value.clone();
    }
    assert_eq!(changed.body, expected);
    assert_eq!(world.admin.get(PATH).await.body, expected);
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(PATH).await.body, before);
}

/// What the assistant says to this in a fresh room, with the room's status after it.
async fn answer(world: &World, customer: &Persona, words: &str) -> (Value, Value) {
    let room = customer
        .post("/api/chat/rooms", &json!({"customer_name": "Anna"}))
        .await
        .body;
    let path = format!("/api/chat/rooms/{}/messages", room["room_id"].as_str().unwrap());
    let mut sent = customer.post(&path, &json!({"content": words})).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let said = world.admin.get(&path).await.body;
    let by_assistant = said
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["is_ai_generated"] == true);
    assert_eq!(
        by_assistant.count(),
        usize::from(!sent.body["ai_response"].is_null())
    );
    (
        sent.body["ai_response"]["content"].take(),
        sent.body["status"].take(),
    )
}

async fn set(world: &World, change: Value) {
    let changed = world.admin.put(PATH, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

const QUESTION: &str = "How long do I have to return an item?";
const PARAPHRASE: &str = "Until when may I send back something I bought from you?";

#[tokio::test]
async fn each_setting_steers_the_next_answer() {
    let world = World::demo().await;
    let customer = world.customer().await;
    let (friendly, _) = answer(&world, &customer, "Hello").await;
    set(&world, json!({"response_style_default": "concise"})).await;
    let (concise, _) = answer(&world, &customer, "Hello").await;
    assert!(concise.is_string() && concise != friendly, "{friendly} {concise}");

    let (whole, _) = answer(&world, &customer, QUESTION).await;
    let whole = whole.as_str().unwrap();
    assert!(whole.chars().count() > 40, "{whole}");
    set(&world, json!({"max_response_length": 40})).await;
    let (short, status) = answer(&world, &customer, QUESTION).await;
    let short = short.as_str().unwrap();
    assert!(!short.is_empty() && short.chars().count() <= 40, "{short}");
    assert_eq!(status, "active");

    set(
        &world,
        json!({"ai_confidence_threshold": 0.0, "max_response_length": 500}),
    )
    .await;
    let (bold, _) = answer(&world, &customer, PARAPHRASE).await;
    set(&world, json!({"ai_confidence_threshold": 1.0})).await;
    let (careful, _) = answer(&world, &customer, PARAPHRASE).await;
    assert!(
        careful.is_string() && careful != bold,
        "nothing but the very question is that sure: {bold}"
    );

    set(&world, json!({"auto_reply_enabled": false})).await;
    let (silence, status) = answer(&world, &customer, "Hello").await;
    assert_eq!((silence, status), (Value::Null, json!("active")));
}
