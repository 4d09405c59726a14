//! The dashboard, the customers and the analytics: what they count, and for whom.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const REPORTS: [&str; 5] = [
    "/api/admin/dashboard",
    "/api/admin/customers",
    "/api/admin/intent-statistics",
    "/api/analytics/overview",
    "/api/analytics/customer-behavior",
];

/// A room with this said by its customer.
async fn talk(customer: &Persona, words: &[&str]) -> Value {
    let room = customer
        .post("/api/chat/rooms", &json!({"customer_name": "Anna"}))
        .await
        .body;
    let path = format!("/api/chat/rooms/{}/messages", room["room_id"].as_str().unwrap());
    for content in words {
        let sent = customer.post(&path, &json!({"content": content})).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
    }
    room
}

#[tokio::test]
async fn the_dashboard_tells_how_rooms_stand() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    talk(&customer, &["Hello"]).await;
    talk(&stranger, &["Hello", "I want to talk to a human being"]).await;
    let board = world.agent().await.get("/api/admin/dashboard").await.body;
    assert_eq!(
        (&board["total_customers"], &board["total_messages"]),
        (&json!(2), &json!(6))
    );
    assert_eq!(
        (&board["active_chats"], &board["pending_chats"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(board["ai_usage_rate"], 1.0);
    assert!(board["avg_response_time"].as_f64().unwrap() >= 0.0, "{board}");
}

#[tokio::test]
async fn every_customer_is_listed_with_its_newest_room() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    talk(&customer, &["Hello"]).await;
    let newest = talk(&customer, &["Hello"]).await;
    let path = format!("/api/chat/rooms/{}/messages", newest["room_id"].as_str().unwrap());
    agent
        .post(&path, &json!({"content": "Hi", "user_type": "admin"}))
        .await;
    let _silent = world.stranger().await;
    let listed = agent.get("/api/admin/customers").await.body;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let (silent, known) = (&listed[0], &listed[1]);
    assert_eq!(known["customer_id"], newest["customer_id"]);
    assert_eq!(
        (&known["room_id"], &known["status"]),
        (&newest["room_id"], &json!("with_agent"))
    );
    assert_eq!(
        (&known["message_count"], &known["customer_name"]),
        (&json!(5), &json!("Anna"))
    );
    assert_eq!(known["ai_usage_percentage"], 66.667);
    assert!(known["last_activity"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        (&silent["room_id"], &silent["message_count"]),
        (&json!(""), &json!(0))
    );
    let page = agent.get("/api/admin/customers?skip=1&limit=5").await.body;
    assert_eq!(page, json!([known]));
}

#[tokio::test]
async fn the_analytics_count_what_was_said() {
    let world = World::start().await;
    let customer = world.customer().await;
    let room = talk(&customer, &["Hello", "Hello again"]).await;
    let intents = world.admin.get("/api/admin/intent-statistics").await.body;
    assert_eq!(
        intents,
        json!([{"intent": "greeting", "count": 2, "percentage": 100.0}])
    );
    let report = world.admin.get("/api/analytics/overview?days=2").await.body;
    assert_eq!(
        report["overview"],
        json!({"total_messages": 4, "total_chat_rooms": 1, "ai_generated_messages": 2, "ai_usage_rate": 1.0,
            "avg_messages_per_room": 4.0})
    );
    assert_eq!(report["period"]["days"], 2);
    assert!(
        report["period"]["start_date"].as_str().unwrap() < report["period"]["end_date"].as_str().unwrap()
    );
    assert_eq!(report["intent_distribution"], intents);
    let days = report["daily_activity"].as_array().unwrap();
    let (first, today) = (&days[0], &days[1]);
    assert_eq!((days.len(), &first["message_count"]), (2, &json!(0)));
    assert_eq!(
        (&today["message_count"], &today["ai_count"], &today["human_count"]),
        (&json!(4), &json!(2), &json!(2))
    );
    let behavior = world.admin.get("/api/analytics/customer-behavior").await.body;
    let engagement = &behavior["customer_engagement"];
    assert_eq!(
        (
            &engagement["total_customers"],
            &engagement["avg_messages_per_customer"]
        ),
        (&json!(1), &json!(4.0))
    );
    assert_eq!(engagement["top_customers"][0]["customer_id"], room["customer_id"]);
    assert!(engagement["avg_session_duration"].is_f64(), "{engagement}");
    let times = &behavior["response_times"];
    assert_eq!(
        (
            &times["total_responses"],
            &times["avg_human_response_time_minutes"]
        ),
        (&json!(2), &json!(0.0))
    );
    assert_eq!(behavior["customer_details"][0]["message_count"], 4);
}

#[tokio::test]
async fn another_organizations_reports_tell_nothing_of_it() {
    let world = World::start().await;
    talk(&world.customer().await, &["Hello"]).await;
    let other_admin = world.other_admin().await;
    let board = other_admin.get("/api/admin/dashboard").await.body;
    assert_eq!(
        board,
        json!({"total_customers": 0, "active_chats": 0, "pending_chats": 0, "total_messages": 0,
            "ai_usage_rate": 0.0, "avg_response_time": 0.0})
    );
    for path in ["/api/admin/customers", "/api/admin/intent-statistics"] {
        assert_eq!(other_admin.get(path).await.body, json!([]), "{path}");
    }
    let report = other_admin.get("/api/analytics/overview").await.body;
    assert_eq!(report["overview"]["total_messages"], 0);
    let behavior = other_admin.get("/api/analytics/customer-behavior").await.body;
    assert_eq!(behavior["customer_details"], json!([]));
}

#[tokio::test]
async fn days_are_a_whole_number_within_bounds() {
    let world = World::start().await;
    for path in &REPORTS[2..] {
        for wrong in ["days=0", "days=3661", "days=-1", "days=x", "days=1.5", "days="] {
            let answer = world.admin.get(&format!("{path}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{path}?{wrong}: {}", answer.text);
            assert!(
                answer.body["detail"].as_str().unwrap().contains("days"),
                "{}",
                answer.text
            );
        }
        assert_eq!(
            world.admin.get(&format!("{path}?days=3660")).await.status,
            200,
            "{path}"
        );
    }
}
