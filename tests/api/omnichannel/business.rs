//! `/api/business`: what the organization tells about itself, and how its assistant is steered.

use serde_json::{Value, json};

use crate::support::World;

#[tokio::test]
async fn what_the_organization_has_not_set_is_null_until_an_admin_sets_it() {
    let world = World::start().await;
    let agent = world.agent().await;
    let before = agent.get("/api/business/me").await;
    assert_eq!(before.status, 200, "{}", before.text);
    let data = &before.body["data"];
    assert!(data["id"].as_str().unwrap().starts_with("org_") && data["createdAt"].is_string());
    assert_eq!(
        (&data["name"], &data["active"]),
        (&json!("Default"), &json!(true))
    );
    for field in ["email", "phone", "industry"] {
        assert_eq!(data.get(field), Some(&Value::Null), "{field}");
    }
    let profile = json!({"name": "Your Business", "email": "business@example.com", "phone": "+1 234 567 8900",
        "industry": "healthcare"});
    let changed = world.admin.put("/api/business/me", &profile).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let data = agent.get("/api/business/me").await.body["data"].clone();
    assert_eq!(changed.body["data"], data);
    assert_eq!(
        (&data["name"], &data["phone"]),
        (&json!("Your Business"), &json!("+12345678900"))
    );
    let cleared = world
        .admin
        .put("/api/business/me", &json!({"industry": "", "phone": null}))
        .await;
    assert_eq!(
        (&cleared.body["data"]["industry"], &cleared.body["data"]["phone"]),
        (&Value::Null, &data["phone"])
    );
    let other = world.other_admin().await.get("/api/business/me").await;
    assert_eq!(
        (&other.body["data"]["name"], &other.body["data"]["email"]),
        (&json!("Other"), &Value::Null)
    );
}

#[tokio::test]
async fn the_assistant_is_steered_and_what_is_not_said_stays() {
    let world = World::start().await;
    let config = json!({"customPrompt": "You are a helpful assistant for our clinic...", "tone": "professional",
        "language": "en", "prohibitedTopics": ["medical advice", "diagnosis"],
        "fallbackMessage": "Let me connect you with a human agent."});
    let path = "/api/business/ai-config";
    let changed = world.admin.put(path, &config).await;
    assert_eq!(
        (changed.status, &changed.body["data"]),
        (200, &config),
        "{}",
        changed.text
    );
    let partly = world
        .admin
        .put(path, &json!({"tone": "friendly", "language": null}))
        .await;
    assert_eq!(
        (&partly.body["data"]["tone"], &partly.body["data"]["language"]),
        (&json!("friendly"), &json!("en"))
    );
    assert_eq!(world.admin.get(path).await.body["data"], partly.body["data"]);
    let settings = world.settings().await;
    assert_eq!(settings.fallback_message, config["fallbackMessage"]);
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(path).await.body["data"]["customPrompt"], "");
}

#[tokio::test]
async fn credits_are_null_until_an_admin_sets_them() {
    let world = World::start().await;
    let agent = world.agent().await;
    let path = "/api/business/credits";
    let none = agent.get(path).await.body["data"].clone();
    assert_eq!(
        (&none["totalCredits"], &none["monthlyBudget"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&none["usedCredits"], &none["isPaused"]),
        (&json!(0.0), &json!(false))
    );
    let set = world
        .admin
        .put(path, &json!({"totalCredits": 1000, "monthlyBudget": 500.5}))
        .await;
    assert_eq!(set.status, 200, "{}", set.text);
    let data = agent.get(path).await.body["data"].clone();
    assert_eq!(set.body["data"], data);
    assert_eq!(
        (&data["availableCredits"], &data["monthlyBudget"]),
        (&json!(1000.0), &json!(500.5))
    );
    assert_eq!(
        (&data["percentUsed"], &data["currentMonthSpend"]),
        (&json!(0.0), &json!(0.0))
    );
    for (field, wrong) in [
        ("totalCredits", json!(-1)),
        ("monthlyBudget", json!("500")),
        ("monthlyBudget", json!(1e300)),
    ] {
        let refused = world.admin.put(path, &json!({field: wrong})).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (400, &json!(field)),
            "{}",
            refused.text
        );
    }
    assert_eq!(agent.get(path).await.body["data"], data);
}
