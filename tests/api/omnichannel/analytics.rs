//! `/api/analytics`: the dashboard's figures, and costs by service, channel and day.

use serde_json::json;

use super::{conversation_of, customer_of};
use crate::support::World;

#[tokio::test]
async fn the_dashboard_tells_what_there_is_and_makes_nothing_up() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let nothing = agent.get("/api/analytics/dashboard").await;
    assert_eq!(nothing.status, 200, "{}", nothing.text);
    assert_eq!(
        nothing.body["data"]["conversations"],
        json!({"total": 0, "active": 0, "closed": 0, "avgDuration": 0.0})
    );
    let conversation = conversation_of(&customer, "Hello").await;
    customer_of(&agent, &json!({"name": "John", "isVerified": true})).await;
    agent
        .post(&format!("/api/conversations/{conversation}/close"), &json!({}))
        .await;
    let stranger = world.stranger().await;
    conversation_of(&stranger, "Hello").await;
    let data = agent.get("/api/analytics/dashboard").await.body["data"].clone();
    assert_eq!(
        data["customers"],
        json!({"total": 3, "newThisMonth": 3, "verified": 1})
    );
    let conversations = &data["conversations"];
    assert_eq!(
        (
            &conversations["total"],
            &conversations["active"],
            &conversations["closed"]
        ),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(
        data["costs"],
        json!({"today": 0.0, "thisMonth": 0.0, "projected": 0.0})
    );
    assert!(data["cache"]["hitRate"].is_number() && data["cache"]["totalCached"].is_number());
    let other = world.other_admin().await.get("/api/analytics/dashboard").await;
    assert_eq!(other.body["data"]["customers"]["total"], 0);
}

#[tokio::test]
async fn costs_are_told_by_service_channel_and_day() {
    let world = World::start().await;
    let costs = |query: &'static str| {
        let admin = &world.admin;
        async move { admin.get(&format!("/api/analytics/costs?{query}")).await }
    };
    for query in ["", "groupBy=service", "groupBy=channel"] {
        let none = costs(query).await;
        assert_eq!(
            none.body["data"],
            json!({"total": 0.0, "breakdown": []}),
            "{}",
            none.text
        );
    }
    let days = costs("groupBy=day&startDate=2024-01-01&endDate=2024-01-31").await;
    let days = days.body["data"]["breakdown"].as_array().unwrap();
    assert_eq!(days.len(), 31);
    assert_eq!(
        days[0],
        json!({"day": "2024-01-01", "cost": 0.0, "percentage": 0.0})
    );
    for (query, field) in [
        ("groupBy=week", "groupBy"),
        ("startDate=soon", "startDate"),
        ("startDate=2024-02-01&endDate=2024-01-01", "endDate"),
    ] {
        let wrong = costs(query).await;
        assert_eq!(
            (wrong.status, &wrong.body["errors"][0]["field"]),
            (400, &json!(field)),
            "{}",
            wrong.text
        );
    }
}
