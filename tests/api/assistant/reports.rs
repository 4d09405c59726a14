//! `/api/v1/logs/logs/summary` and `/trending`: what the last hours' logs have in common.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const LOGS: &str = "/api/v1/logs/logs";

async fn report(persona: &Persona, title: &str, priority: &str, category: &str) -> Value {
    let body =
        json!({"title": title, "description": "Please help", "priority": priority, "category": category});
    let made = persona.post(LOGS, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

#[tokio::test]
async fn a_summary_has_every_status_and_priority_and_the_categories_that_occur() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let first = report(&customer, "Login", "urgent", "account").await;
    report(&customer, "Invoice", "low", "billing").await;
    report(&stranger, "Login", "low", "account").await;
    let path = format!("{LOGS}/{}", first["id"]);
    assert_eq!(
        world
            .admin
            .put(&path, &json!({"status": "in_progress"}))
            .await
            .status,
        200
    );
    let told = world.admin.get(&format!("{LOGS}/summary?hours=48")).await;
    let expected = json!({
        "timeframe_hours": 48, "total_logs": 3,
        "status_breakdown": {"open": 2, "in_progress": 1, "resolved": 0, "closed": 0},
        "category_breakdown": {"account": 2, "billing": 1},
        "priority_breakdown": {"urgent": 1, "high": 0, "medium": 0, "low": 2},
    });
    assert_eq!((told.status, told.body), (200, expected));
    let own = stranger.get(&format!("{LOGS}/summary")).await.body;
    assert_eq!(
        (&own["timeframe_hours"], &own["total_logs"]),
        (&json!(24), &json!(1))
    );
    let other = world
        .other_admin()
        .await
        .get(&format!("{LOGS}/summary"))
        .await
        .body;
    assert_eq!(
        (&other["total_logs"], &other["category_breakdown"]),
        (&json!(0), &json!({}))
    );
}

#[tokio::test]
async fn words_that_several_logs_name_are_trending_for_admins() {
    let world = World::start().await;
    let customer = world.customer().await;
    for title in [
        "The login fails",
        "Login: wrong password",
        "login and PASSWORD",
        "Where is the invoice?",
    ] {
        report(&customer, title, "medium", "general").await;
    }
    let told = world.admin.get(&format!("{LOGS}/trending?hours=24")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let issues: Vec<_> = told.body.as_array().unwrap().iter().collect();
    assert_eq!(
        issues,
        [
            &json!({"issue": "login", "count": 3}),
            &json!({"issue": "password", "count": 2})
        ]
    );
    for persona in [&customer, &world.agent().await] {
        let refused = persona.get(&format!("{LOGS}/trending")).await;
        assert_eq!(
            (refused.status, refused.body),
            (403, json!({"detail": "Admin access required"}))
        );
    }
    assert_eq!(
        world
            .other_admin()
            .await
            .get(&format!("{LOGS}/trending"))
            .await
            .body,
        json!([])
    );
}
