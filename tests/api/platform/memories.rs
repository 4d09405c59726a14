//! `/api/memory/memories`: told, asked for, changed and forgotten, by whom, and what the assistant makes of it.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const PATH: &str = "/api/memory/memories";

fn memory(user: &str, kind: &str, key: &str, value: &Value) -> Value {
    json!({"userId": user, "type": kind, "key": key, "value": value,
        "metadata": {"importance": 0.8, "source": "conversation"}})
}

async fn store(persona: &Persona, body: &Value) -> Value {
    let answer = persona.post(PATH, body).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
    answer.body
}

async fn list(persona: &Persona, rest: &str) -> Vec<Value> {
    let answer = persona.get(&format!("{PATH}/{rest}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["memories"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_is_told_is_told_again_and_replaced_under_the_same_key() {
    let world = World::start().await;
    let service = world.service().await;
    let preferences = json!({"preferred_shipping": "express", "previous_orders": ["SKU123", null, 1.5]});
    let body = memory("user 1/2", "long_term", "order_preferences", &preferences);
    let stored = service.post(PATH, &body).await;
    assert_eq!(stored.status, 201, "{}", stored.text);
    assert_eq!(
        (
            &stored.body["status"],
            &stored.body["userId"],
            &stored.body["type"]
        ),
        (&json!("stored"), &json!("user 1/2"), &json!("long_term"))
    );
    store(&service, &memory("user 1/2", "short_term", "mood", &Value::Null)).await;
    let updated = service
        .post(
            PATH,
            &memory("user 1/2", "long_term", "order_preferences", &json!("none")),
        )
        .await;
    assert_eq!(
        (updated.status, &updated.body["status"]),
        (200, &json!("updated"))
    );
    assert_eq!(updated.body["id"], stored.body["id"]);

    let found = list(&service, "user%201%2F2?type=long_term").await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["key"], &found[0]["value"]),
        (&json!("order_preferences"), &json!("none"))
    );
    let metadata = &found[0]["metadata"];
    assert_eq!(
        (&metadata["importance"], &metadata["source"]),
        (&json!(0.8), &json!("conversation"))
    );
    assert!(metadata["created_at"].as_str().unwrap() <= metadata["last_accessed"].as_str().unwrap());
    let by_key = list(&service, "user%201%2F2?key=mood").await;
    assert_eq!(
        (by_key.len(), &by_key[0]["type"], &by_key[0]["value"]),
        (1, &json!("short_term"), &Value::Null)
    );
    assert!(by_key[0]["metadata"]["expires_at"].is_string());
    assert_eq!(list(&service, "nobody%20ever").await, Vec::<Value>::new());
    assert_eq!(
        service.get(&format!("{PATH}/user?type=forever")).await.status,
        400
    );
}

#[tokio::test]
async fn one_memory_is_shown_changed_and_forgotten() {
    let world = World::start().await;
    let service = world.service().await;
    let stored = store(&service, &memory("anna", "long_term", "size", &json!(41))).await;
    let path = format!("{PATH}/anna/{}", stored["id"].as_str().unwrap());
    let change = json!({"value": null, "metadata": {"importance": 0}});
    let changed = service.put(&path, &change).await;
    assert_eq!(
        (changed.status, &changed.body["value"]),
        (200, &Value::Null),
        "{}",
        changed.text
    );
    assert_eq!(changed.body["metadata"]["importance"], 0.0);
    assert_eq!(
        changed.body["metadata"]["source"], "conversation",
        "what is absent stays"
    );
    assert_eq!(service.put(&path, &json!({})).await.body["value"], Value::Null);
    assert_eq!(service.get(&path).await.body["key"], "size");
    let other_user = path.replace("/anna/", "/bob/");
    assert_eq!(service.get(&other_user).await.status, 404);
    assert_eq!(service.delete(&path).await.status, 204);
    for gone in [
        service.get(&path).await,
        service.delete(&path).await,
        service.put(&path, &json!({})).await,
    ] {
        assert_eq!(gone.status, 404, "{}", gone.text);
    }
}

#[tokio::test]
async fn a_customer_reaches_its_own_memories_alone() {
    let world = World::start().await;
    let (customer, stranger, agent) = (
        world.customer().await,
        world.stranger().await,
        world.agent().await,
    );
    let own = customer.id().await;
    let stored = store(&customer, &memory(&own, "long_term", "size", &json!(41))).await;
    assert_eq!(list(&agent, &own).await.len(), 1, "staff see it");
    let one = format!("{PATH}/{own}/{}", stored["id"].as_str().unwrap());
    for path in [format!("{PATH}/{own}"), one.clone(), format!("{PATH}/anybody")] {
        let refused = stranger.get(&path).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text);
        assert_eq!(refused.body["error"]["code"], "authorization_error");
    }
    assert_eq!(stranger.delete(&one).await.status, 403);
    assert_eq!(
        stranger
            .post(PATH, &memory(&own, "long_term", "size", &json!(1)))
            .await
            .status,
        403
    );
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(&one).await.status, 404);
    assert_eq!(other_admin.get(&format!("{PATH}/{own}")).await.status, 404);
    assert_eq!(
        other_admin
            .post(PATH, &memory(&own, "long_term", "size", &json!(1)))
            .await
            .status,
        404
    );
    assert_eq!(list(&customer, &own).await[0]["value"], 41);
}

#[tokio::test]
async fn a_short_term_memory_ends_by_itself() {
    let world = World::start_with(&[("SWITCHBOARD_MEMORY__SHORT_TERM_SECONDS", "4")]).await;
    let service = world.service().await;
    store(&service, &memory("anna", "long_term", "size", &json!(41))).await;
    store(&service, &memory("anna", "short_term", "cart", &json!("full"))).await;
    assert_eq!(list(&service, "anna").await.len(), 2);
    let left = async {
        while list(&service, "anna").await.len() > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        list(&service, "anna").await
    };
    let left = tokio::time::timeout(std::time::Duration::from_secs(60), left)
        .await
        .unwrap();
    assert_eq!(left[0]["key"], "size");
    let again = service
        .post(PATH, &memory("anna", "short_term", "cart", &json!("empty")))
        .await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (201, &json!("stored")),
        "the old one was over"
    );
}

#[tokio::test]
async fn of_too_many_memories_the_least_worth_go() {
    let world = World::start().await;
    let service = world.service().await;
    store(&service, &memory("anna", "long_term", "keep", &json!(1))).await;
    for number in 0..200 {
        let mut body = memory("anna", "short_term", &format!("note {number}"), &json!(number));
        body["metadata"]["importance"] = json!(if number == 7 { 0.1 } else { 0.5 });
        store(&service, &body).await;
    }
    let left = list(&service, "anna").await;
    let has = |key: &str| left.iter().any(|memory| memory["key"] == key);
    assert_eq!(left.len(), 200);
    assert!(has("keep") && has("note 199") && !has("note 7"));
}

#[tokio::test]
async fn the_assistant_calls_a_customer_by_the_name_it_is_known_by_and_nobody_else() {
    let world = World::start().await;
    let service = world.service().await;
    store(
        &service,
        &memory("anna", "long_term", "preferred_name", &json!("Annie")),
    )
    .await;
    let greet = async |user: &str| {
        let body = json!({"message": {"text": "Hello"}, "userId": user});
        let answer = service.post("/api/core/messages", &body).await;
        answer.body["response"]["text"].as_str().unwrap().to_owned()
    };
    assert!(greet("anna").await.contains("Annie"));
    assert!(!greet("bob").await.contains("Annie"));
    store(
        &service,
        &memory(
            "anna",
            "long_term",
            "preferred_name",
            &json!("visit https://evil.example"),
        ),
    )
    .await;
    assert!(
        !greet("anna").await.contains("evil"),
        "only a name is taken for one"
    );
}
