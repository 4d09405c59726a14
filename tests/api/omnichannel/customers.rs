//! `/api/customers`: written down, found again, changed, and known to their own organization alone.

use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::logs::LogFilter;

use super::{conversation_of, customer_of};
use crate::support::World;

fn john() -> Value {
    json!({"name": "John Doe", "email": "John@Example.com", "phone": "+1 (555) 123-4567",
        "tags": ["VIP", "recurring", "vip"], "isVerified": true, "attributes": {"appointmentAt": "2026-12-01"}})
}

#[tokio::test]
async fn a_customer_is_written_down_shown_and_changed() {
    let world = World::start().await;
    let agent = world.agent().await;
    let made = agent.post("/api/customers", &john()).await;
    assert_eq!(
        (made.status, &made.body["success"]),
        (201, &json!(true)),
        "{}",
        made.text
    );
    let data = &made.body["data"];
    assert_eq!(data["phone"], "+15551234567");
    assert_eq!(data["tags"], json!(["vip", "recurring"]));
    assert_eq!(
        (&data["trustScore"], &data["isVerified"]),
        (&json!(85), &json!(true))
    );
    assert_eq!(data["lastInteraction"], Value::Null);
    let path = format!("/api/customers/{}", data["id"].as_str().unwrap());
    assert_eq!(agent.get(&path).await.body["data"], *data);
    let change = json!({"phone": "", "tags": [], "unsubscribed": ["EMAIL"]});
    let changed = agent.put(&path, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let data = &changed.body["data"];
    assert_eq!(
        (&data["name"], &data["phone"]),
        (&json!("John Doe"), &Value::Null)
    );
    assert_eq!(
        (&data["tags"], &data["unsubscribed"]),
        (&json!([]), &json!(["EMAIL"]))
    );
    assert_eq!(data["trustScore"], 75);
    assert_eq!(agent.get(&path).await.body["data"], *data);
}

#[tokio::test]
async fn an_address_leads_to_one_customer_alone() {
    let world = World::start().await;
    let first = customer_of(&world.admin, &john()).await;
    for (field, value) in [("email", "john@example.COM"), ("phone", "+15551234567")] {
        let answer = world
            .admin
            .post("/api/customers", &json!({"name": "Jack", field: value}))
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let path = format!("/api/customers/{first}");
    let freed = world.admin.put(&path, &json!({"email": ""})).await;
    assert_eq!(freed.status, 200, "{}", freed.text);
    customer_of(
        &world.admin,
        &json!({"name": "Jack", "email": "john@example.com"}),
    )
    .await;
    let again = world
        .admin
        .put(&path, &json!({"email": "john@example.com"}))
        .await;
    assert_eq!(again.status, 400, "{}", again.text);
}

#[tokio::test]
async fn customers_are_found_by_words_digits_tags_and_verification() {
    let world = World::start().await;
    let john = customer_of(&world.admin, &john()).await;
    customer_of(&world.admin, &json!({"name": "Jane Roe", "tags": ["vip"]})).await;
    let found = |query: &'static str| {
        let admin = &world.admin;
        async move { admin.get(&format!("/api/customers?{query}")).await }
    };
    for query in [
        "search=JOHN",
        "search=john%40example",
        "search=555-123",
        "verified=true",
        "tags=Recurring,vip",
        "tags=vip&verified=true&search=doe",
    ] {
        let answer = found(query).await;
        assert_eq!(answer.body["pagination"]["total"], 1, "{query}: {}", answer.text);
        assert_eq!(answer.body["data"][0]["id"], *john, "{query}");
    }
    assert_eq!(found("tags=vip").await.body["pagination"]["total"], 2);
    assert_eq!(found("tags=nothing").await.body["data"], json!([]));
    let second = found("page=2&limit=1").await;
    assert_eq!(
        second.body["pagination"],
        json!({"page": 2, "limit": 1, "total": 2, "totalPages": 2})
    );
    assert_eq!(second.body["data"][0]["id"], *john, "the newest come first");
    let wrong = found("verified=maybe").await;
    assert_eq!(
        (wrong.status, &wrong.body["errors"][0]["field"]),
        (400, &json!("verified"))
    );
}

#[tokio::test]
async fn the_score_and_the_last_interaction_come_from_the_conversations() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let conversation = conversation_of(&customer, "Hello").await;
    let shown = agent.get(&format!("/api/conversations/{conversation}")).await;
    let path = format!(
        "/api/customers/{}",
        shown.body["data"]["customerId"].as_str().unwrap()
    );
    let before = agent.get(&path).await.body["data"].clone();
    assert_eq!(
        (&before["trustScore"], &before["isVerified"]),
        (&json!(50), &json!(false))
    );
    assert_eq!(before["lastInteraction"], shown.body["data"]["lastMessageAt"]);
    let close = format!("/api/conversations/{conversation}/close");
    agent.post(&close, &json!({})).await;
    assert_eq!(agent.get(&path).await.body["data"]["trustScore"], 53);
    let rate = format!("/api/conversations/{conversation}/rating");
    customer.post(&rate, &json!({"rating": 1})).await;
    assert_eq!(agent.get(&path).await.body["data"]["trustScore"], 45);
}

#[tokio::test]
async fn a_customers_conversations_are_shown_to_staff_and_to_itself_alone() {
    let world = World::start().await;
    let (agent, customer, stranger) = (
        world.agent().await,
        world.customer().await,
        world.stranger().await,
    );
    let conversation = conversation_of(&customer, "Where is my order?").await;
    let shown = customer.get(&format!("/api/conversations/{conversation}")).await;
    let own = format!(
        "/api/customers/{}/conversations",
        shown.body["data"]["customerId"].as_str().unwrap()
    );
    for reader in [&agent, &customer] {
        let listed = reader.get(&own).await;
        assert_eq!(listed.body["data"][0]["id"], *conversation, "{}", listed.text);
        assert_eq!(listed.body["data"][0]["summary"], "Where is my order?");
        assert_eq!(
            listed.body["pagination"],
            json!({"page": 1, "limit": 10, "total": 1, "totalPages": 1})
        );
    }
    let other_admin = world.other_admin().await;
    for reader in [&stranger, &other_admin] {
        assert_eq!(reader.get(&own).await.status, 404);
    }
}

#[tokio::test]
async fn another_organizations_customer_is_not_found() {
    let world = World::start().await;
    let path = format!("/api/customers/{}", customer_of(&world.admin, &john()).await);
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(&path).await.status, 404);
    assert_eq!(other_admin.put(&path, &json!({"name": "Mine"})).await.status, 404);
    assert_eq!(other_admin.get("/api/customers").await.body["data"], json!([]));
    customer_of(&other_admin, &john()).await;
    assert_eq!(world.admin.get(&path).await.body["data"]["name"], "John Doe");
}

#[tokio::test]
async fn a_customer_is_exported_whole_and_erased_for_good() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    customer.asks("own", "My cat is called Tom").await;
    customer.reports("Login", "It fails").await;
    let list = agent.get("/api/customers").await;
    let path = format!("/api/customers/{}", list.body["data"][0]["id"].as_str().unwrap());
    let export = agent.get(&format!("{path}/export")).await;
    assert_eq!(export.status, 200, "{}", export.text);
    let data = &export.body["data"];
    assert_eq!(data["account"]["username"], "customer");
    assert_eq!(
        data["conversations"][0]["messages"][0]["content"],
        "My cat is called Tom"
    );
    assert_eq!(data["logs"][0]["title"], "Login");

    assert_eq!(agent.delete(&path).await.status, 403, "admins alone");
    let erased = world.admin.delete(&path).await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    assert_eq!(agent.get(&path).await.status, 404);
    assert!(matches!(customer.known().await, Err(HubError::Unauthenticated)));
    assert_eq!(
        agent.get("/api/conversations").await.body["pagination"]["total"],
        0
    );
    let every = LogFilter {
        hours: 24,
        ..LogFilter::default()
    };
    let logs = world.hub.list_logs(&world.scope(), &every, 0, 10).unwrap();
    assert_eq!(logs.total, 0);
}
