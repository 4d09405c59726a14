//! `/api/conversations`: listed by state, channel and customer; closed once; rated.

use serde_json::{Value, json};
use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_domain::customer::Channel;

use super::{conversation_of, customer_of};
use crate::support::{Persona, World};

async fn ids(reader: &Persona, query: &str) -> Vec<String> {
    let answer = reader.get(&format!("/api/conversations?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let data = answer.body["data"].as_array().unwrap();
    assert_eq!(answer.body["pagination"]["total"], data.len(), "{}", answer.text);
    data.iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn conversations_are_listed_by_state_channel_and_customer() {
    let world = World::start().await;
    let (agent, customer, stranger) = (
        world.agent().await,
        world.customer().await,
        world.stranger().await,
    );
    let active = conversation_of(&customer, "Hello").await;
    let taken = conversation_of(&stranger, "Hello").await;
    let path = format!("/api/conversations/{taken}");
    agent
        .post(&format!("{path}/messages"), &json!({"content": "Hi!"}))
        .await;
    let service = world.service().await;
    let by_sms = OpenConversation {
        customer: Some("anna".to_owned()),
        channel: Some(Channel::Sms),
        ..OpenConversation::default()
    };
    let sms = service.speaks(by_sms, "Hello").await.conversation.id.to_string();
    assert_eq!(ids(&agent, "status=ACTIVE&channel=WEB").await, [active.as_str()]);
    assert_eq!(ids(&agent, "channel=CHAT").await, [taken.clone(), active.clone()]);
    assert_eq!(ids(&agent, "status=TRANSFERRED").await, [taken.as_str()]);
    assert_eq!(ids(&agent, "channel=SMS").await, [sms]);
    let closed = agent.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!(closed.body["data"]["status"], "CLOSED", "{}", closed.text);
    assert_eq!(ids(&agent, "status=CLOSED").await, [taken.as_str()]);
    let customer_id = closed.body["data"]["customerId"].as_str().unwrap();
    assert_eq!(
        ids(&agent, &format!("customerId={customer_id}")).await,
        [taken.as_str()]
    );
    assert_eq!(ids(&stranger, "").await, [taken]);
    assert!(
        ids(&customer, &format!("customerId={customer_id}"))
            .await
            .is_empty()
    );
    for (wrong, field) in [
        ("status=OPEN", "status"),
        ("channel=FAX", "channel"),
        ("customerId=7", "customerId"),
    ] {
        let answer = agent.get(&format!("/api/conversations?{wrong}")).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!(field))
        );
    }
}

#[tokio::test]
async fn a_conversation_is_closed_once_with_its_reason_and_summary() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let conversation = conversation_of(&customer, "Hello").await;
    let path = format!("/api/conversations/{conversation}");
    let body = json!({"reason": "RESOLVED", "summary": "Customer was satisfied with the response"});
    let closed = agent.post(&format!("{path}/close"), &body).await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    let data = &closed.body["data"];
    assert_eq!(
        (&data["status"], &data["closeReason"]),
        (&json!("CLOSED"), &body["reason"])
    );
    assert_eq!(data["summary"], body["summary"]);
    assert!(data["closedAt"].is_string());
    assert_eq!(agent.get(&path).await.body["data"], *data);
    let again = agent.post(&format!("{path}/close"), &body).await;
    assert_eq!(
        (again.status, &again.body["code"]),
        (409, &json!("VALIDATION_ERROR"))
    );
    let long = json!({"reason": "a".repeat(101)});
    let refused = agent.post(&format!("{path}/close"), &long).await;
    assert_eq!(refused.body["errors"][0]["field"], "reason", "{}", refused.text);
}

#[tokio::test]
async fn a_conversation_is_rated_by_its_customer_and_in_its_name() {
    let world = World::start().await;
    let (agent, customer, stranger) = (
        world.agent().await,
        world.customer().await,
        world.stranger().await,
    );
    let path = format!(
        "/api/conversations/{}/rating",
        conversation_of(&customer, "Hello").await
    );
    let rated = customer
        .post(&path, &json!({"rating": 4, "comment": "Quick"}))
        .await;
    assert_eq!(rated.status, 200, "{}", rated.text);
    assert_eq!(
        (
            &rated.body["data"]["rating"],
            &rated.body["data"]["ratingComment"]
        ),
        (&json!(4), &json!("Quick"))
    );
    let service = world.service().await;
    for in_its_name in [&agent, &service] {
        assert_eq!(
            in_its_name.post(&path, &json!({"rating": 5})).await.body["data"]["rating"],
            5
        );
    }
    assert_eq!(stranger.post(&path, &json!({"rating": 1})).await.status, 404);
    for wrong in [json!(0), json!(6), json!(-1), json!(2.5), json!("5"), Value::Null] {
        let answer = customer.post(&path, &json!({"rating": wrong})).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!("rating")),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn somebody_elses_conversation_is_not_found() {
    let world = World::start().await;
    let (customer, stranger, other_admin) = (
        world.customer().await,
        world.stranger().await,
        world.other_admin().await,
    );
    let conversation = conversation_of(&customer, "Hello").await;
    let path = format!("/api/conversations/{conversation}");
    for reader in [&stranger, &other_admin] {
        assert_eq!(reader.get(&path).await.status, 404);
        assert_eq!(reader.get(&format!("{path}/messages")).await.status, 404);
        assert_eq!(
            reader.post(&format!("{path}/close"), &json!({})).await.status,
            404
        );
        let written = reader
            .post(&format!("{path}/messages"), &json!({"content": "Hi"}))
            .await;
        assert_eq!(written.status, 404);
        assert!(ids(reader, "").await.is_empty());
    }
    let theirs = customer_of(&world.admin, &json!({"name": "John"})).await;
    let body = json!({"customerId": theirs, "content": "Hello!", "channel": "WEB"});
    let sent = other_admin.post("/api/conversations/messages", &body).await;
    assert_eq!(sent.status, 404, "{}", sent.text);
}
