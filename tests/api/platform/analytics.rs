//! `/api/admin/analytics/dashboard`: what it counts, over which days, for whom.

use serde_json::{Value, json};

use crate::support::World;

const PATH: &str = "/api/admin/analytics/dashboard";

#[tokio::test]
async fn the_dashboard_counts_by_channel_day_and_intent() {
    let world = World::start().await;
    let (service, agent) = (world.service().await, world.agent().await);
    for (user, channel, text) in [
        ("anna", "whatsapp", "Hello"),
        ("bob", "web", "I want to talk to a human being"),
    ] {
        let body = json!({"message": {"text": text}, "userId": user, "sessionId": user, "channel": channel});
        assert_eq!(service.post("/api/core/messages", &body).await.status, 200);
    }
    agent.closes("anna").await;
    let told = agent.get(PATH).await.body;
    let overview = &told["overview"];
    assert_eq!(
        (&overview["totalConversations"], &overview["aiResolved"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&overview["agentHandovers"], &overview["avgSatisfactionScore"]),
        (&json!(1), &Value::Null)
    );
    assert!(overview["avgResponseTime"].is_f64() && overview["avgResolutionTime"].is_f64());
    assert_eq!(
        told["byChannel"],
        json!({"web": {"conversations": 1, "aiResolved": 0, "agentHandovers": 1},
            "whatsapp": {"conversations": 1, "aiResolved": 1, "agentHandovers": 0}})
    );
    let days = told["byDay"].as_array().unwrap();
    assert_eq!((days.len(), &days[29]["date"]), (30, &told["period"]["end"]));
    assert_eq!(
        (&days[0]["conversations"], &days[29]["conversations"]),
        (&json!(0), &json!(2))
    );
    let greeting = told["topIntents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|intent| intent["intent"] == "greeting");
    assert_eq!(
        greeting,
        Some(&json!({"intent": "greeting", "count": 1, "aiResolvedRate": 1.0}))
    );

    let before = agent
        .get(&format!("{PATH}?startDate=2020-01-01&endDate=2020-01-02"))
        .await
        .body;
    assert_eq!(
        before["period"],
        json!({"start": "2020-01-01", "end": "2020-01-02"})
    );
    assert_eq!(
        (&before["overview"]["totalConversations"], &before["byChannel"]),
        (&json!(0), &json!({}))
    );
    assert_eq!(before["byDay"].as_array().unwrap().len(), 2);
    let other_admin = world.other_admin().await;
    assert_eq!(
        other_admin.get(PATH).await.body["overview"]["totalConversations"],
        0
    );
}

#[tokio::test]
async fn dates_that_are_none_are_named() {
    let world = World::start().await;
    for (query, field) in [
        ("startDate=yesterday", "startDate"),
        ("endDate=2026-13-01", "endDate"),
        ("startDate=2026-02-01&endDate=2026-01-01", "startDate"),
    ] {
        let answer = world.admin.get(&format!("{PATH}?{query}")).await;
        assert_eq!(
            (answer.status, &answer.body["error"]["code"]),
            (400, &json!("invalid_request")),
            "{query}"
        );
        assert!(answer.text.contains(field), "{}", answer.text);
    }
}
