//! `/api/memory`: knowledge is stored with its true dimension, found again, and stays in its organization.

use serde_json::{Value, json};

use crate::support::World;

fn vector() -> Value {
    json!({"text": "Our return policy allows returns within 30 days of purchase with original receipt.",
        "metadata": {"title": "Return Policy", "source": "knowledge_base", "sourceId": "kb-1234"}})
}

#[tokio::test]
async fn what_is_stored_is_found_again() {
    let world = World::start().await;
    let stored = world.admin.post("/api/memory/vectors", &vector()).await;
    assert_eq!(stored.status, 201, "{}", stored.text);
    assert_eq!(stored.body["status"], "stored");
    assert_eq!(stored.body["dimensions"], 384);
    let customer = world.customer().await;
    let query = json!({"query": "How do I return an item?", "limit": 5});
    let found = customer.post("/api/memory/knowledge/search", &query).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let best = &found.body["results"][0];
    assert_eq!(best["id"], stored.body["id"]);
    assert_eq!(best["title"], "Return Policy");
    assert_eq!(best["source"], "knowledge_base");
    assert_eq!(best["url"], Value::Null);
    assert!(best["relevance"].as_f64().unwrap() > 0.5, "{best}");
    assert!(best["content"].as_str().unwrap().contains("30 days"));
}

#[tokio::test]
async fn another_organizations_knowledge_is_neither_found_nor_written() {
    let world = World::start().await;
    let other_admin = world.other_admin().await;
    assert_eq!(
        world.admin.post("/api/memory/vectors", &vector()).await.status,
        201
    );
    let query = json!({"query": "How do I return an item?"});
    let found = other_admin.post("/api/memory/knowledge/search", &query).await;
    assert_eq!(found.body["results"], json!([]));
    let users = world.admin.get("/api/admin/users").await;
    let organization = users.body["users"][0]["organizationId"].clone();
    for id in [organization.clone(), json!("org-123")] {
        let foreign = json!({"query": "returns", "organizationId": id});
        let search = other_admin.post("/api/memory/knowledge/search", &foreign).await;
        assert_eq!(search.status, 404, "{}", search.text);
        let mut into = vector();
        into["metadata"]["organizationId"] = id;
        assert_eq!(other_admin.post("/api/memory/vectors", &into).await.status, 404);
    }
    let own = json!({"query": "returns", "organizationId": organization});
    assert_eq!(
        world
            .admin
            .post("/api/memory/knowledge/search", &own)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn health_names_what_the_hub_depends_on() {
    let world = World::start().await;
    for path in ["/api/core/health", "/api/memory/health"] {
        let health = world.nobody.get(path).await;
        assert_eq!(
            (health.status, &health.body["status"]),
            (200, &json!("healthy")),
            "{}",
            health.text
        );
        assert!(health.body["version"].is_string());
        let dependencies = &health.body["dependencies"];
        for name in ["store", "ai", "memory_engine", "websocket", "bus"] {
            assert_eq!(dependencies[name], "healthy", "{name}");
        }
        for name in ["whatsapp", "email", "sms"] {
            assert_eq!(dependencies[name], "disabled", "{name}");
        }
    }
    assert_eq!(world.nobody.get("/ready").await.status, 200);
    assert_eq!(world.nobody.delete("/ready").await.header("allow"), "GET, HEAD");
}
