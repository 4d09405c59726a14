//! `/analytics/conversations`: counted by what happened, in steps, for staff.

use serde_json::{Value, json};

use crate::support::{Persona, World};

const PATH: &str = "/analytics/conversations";

/// Two customers, three messages.
async fn talk(world: &World) {
    for (persona, texts) in [
        (world.customer().await, &["Hello!", "Hello again"][..]),
        (world.stranger().await, &["Hello!"][..]),
    ] {
        let made = persona.post("/conversations", &json!({})).await;
        let id = made.body["conversation_id"].as_str().unwrap().to_owned();
        for text in texts {
            let said = persona
                .post(
                    &format!("/conversations/{id}/messages"),
                    &json!({"message": text}),
                )
                .await;
            assert_eq!(said.status, 200, "{}", said.text);
        }
    }
}

async fn report(persona: &Persona, query: &str) -> Value {
    let answer = persona.get(&format!("{PATH}{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.body
}

fn counts(report: &Value) -> Vec<u64> {
    let series = report["time_series"].as_array().unwrap();
    series
        .iter()
        .map(|step| step["count"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_report_tells_what_happened_in_the_last_thirty_days() {
    let world = World::start().await;
    talk(&world).await;
    let told = report(&world.agent().await, "").await;
    assert_eq!(
        (&told["total_conversations"], &told["active_users"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        told["messages_per_conversation"], 3.0,
        "three questions, three answers"
    );
    let names: Vec<_> = told["intent_distribution"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["intent"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["greeting", "question", "complaint", "feedback", "other"]);
    assert_eq!(told["intent_distribution"][0]["count"], 3, "{told}");
    assert_eq!(counts(&told).len(), 30);
    assert_eq!(counts(&told).iter().sum::<u64>(), 2);
    let today = &told["time_series"][29]["timestamp"];
    assert!(today.as_str().unwrap().ends_with("T00:00:00.000Z"), "{today}");
}

#[tokio::test]
async fn a_span_and_its_steps_are_the_callers_to_choose() {
    let world = World::start().await;
    talk(&world).await;
    let past = report(&world.admin, "?start_date=2025-06-01&end_date=2025-06-03").await;
    assert_eq!(
        (&past["total_conversations"], &past["active_users"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(past["messages_per_conversation"], 0.0);
    assert_eq!(counts(&past), [0, 0, 0]);
    assert_eq!(past["time_series"][0]["timestamp"], "2025-06-01T00:00:00.000Z");
    for (query, steps) in [
        ("?start_date=2025-06-01&end_date=2025-06-01&timeframe=hourly", 24),
        (
            "?start_date=2025-06-01T10:00:00Z&end_date=2025-06-01T12:30:00Z&timeframe=hourly",
            3,
        ),
        ("?start_date=2025-06-02&end_date=2025-06-15&timeframe=weekly", 2),
        ("?start_date=2025-01-31&end_date=2025-03-01&timeframe=monthly", 3),
    ] {
        let told = report(&world.admin, query).await;
        assert_eq!(counts(&told).len(), steps, "{query}: {told}");
    }
}

#[tokio::test]
async fn a_span_that_is_none_is_named_by_its_field() {
    let world = World::start().await;
    for (query, field) in [
        ("?start_date=yesterday", "start_date"),
        ("?end_date=2025-13-01", "end_date"),
        ("?start_date=2025-06-02&end_date=2025-06-01", "end_date"),
        ("?start_date=1000-01-01", "start_date"),
        ("?timeframe=yearly", "timeframe"),
    ] {
        let refused = world.admin.get(&format!("{PATH}{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
        assert!(
            refused.body["error"]["details"][field].is_string(),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn one_organizations_report_tells_nothing_of_anothers() {
    let world = World::start().await;
    talk(&world).await;
    let told = report(&world.other_admin().await, "").await;
    assert_eq!(
        (&told["total_conversations"], &told["active_users"]),
        (&json!(0), &json!(0))
    );
}
