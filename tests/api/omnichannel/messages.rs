//! `/api/conversations/…/messages`: read by page, written by whoever may, each in the right name.

use serde_json::{Value, json};

use super::{conversation_of, customer_of};
use crate::support::{Persona, World};

async fn messages(reader: &Persona, conversation: &str) -> Vec<Value> {
    let answer = reader
        .get(&format!("/api/conversations/{conversation}/messages"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().unwrap().clone()
}

fn roles(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn messages_come_by_page_the_oldest_first() {
    let world = World::demo().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let conversation = conversation_of(&customer, "What is your return policy?").await;
    let all = messages(&customer, &conversation).await;
    assert_eq!(roles(&all), ["USER", "ASSISTANT"]);
    let first = &all[0];
    assert_eq!(
        (&first["content"], &first["channel"]),
        (&json!("What is your return policy?"), &json!("WEB"))
    );
    assert_eq!(
        (&first["status"], &first["sequence"]),
        (&json!("SENT"), &json!(1))
    );
    assert!(
        first["aiCost"].is_number() && first["cachedResponse"].is_boolean() && first["createdAt"].is_string()
    );
    let path = format!("/api/conversations/{conversation}/messages");
    let second = agent.get(&format!("{path}?page=2&limit=1")).await;
    assert_eq!(second.body["data"], json!([all[1]]));
    assert_eq!(
        second.body["pagination"],
        json!({"page": 2, "limit": 1, "total": 2, "totalPages": 2})
    );
    let beyond = agent.get(&format!("{path}?page=99999999999999999999")).await;
    assert_eq!(beyond.body["data"], json!([]), "{}", beyond.text);
}

#[tokio::test]
async fn staff_write_as_agents_the_customer_as_itself_and_services_on_the_assistants_side() {
    let world = World::start().await;
    let (agent, customer, service) = (world.agent().await, world.customer().await, world.service().await);
    let conversation = conversation_of(&customer, "Hello").await;
    let path = format!("/api/conversations/{conversation}");
    let told = service
        .post(
            &format!("{path}/messages"),
            &json!({"content": "Your parcel is on its way."}),
        )
        .await;
    assert_eq!(
        (told.status, &told.body["data"]["role"]),
        (201, &json!("ASSISTANT")),
        "{}",
        told.text
    );
    assert_eq!(
        told.body["data"]["conversationStatus"], "ACTIVE",
        "nobody was put in charge"
    );
    let said = agent
        .post(&format!("{path}/messages"), &json!({"content": "May I help?"}))
        .await;
    assert_eq!(
        (&said.body["data"]["role"], &said.body["data"]["authorName"]),
        (&json!("AGENT"), &json!("Jane Smith"))
    );
    assert_eq!(said.body["data"]["conversationStatus"], "TRANSFERRED");
    let asked = customer
        .post(&format!("{path}/messages"), &json!({"content": "Yes, please"}))
        .await;
    assert_eq!((asked.status, &asked.body["data"]["role"]), (201, &json!("USER")));
    let all = messages(&customer, &conversation).await;
    assert_eq!(roles(&all), ["USER", "ASSISTANT", "ASSISTANT", "AGENT", "USER"]);
    agent.post(&format!("{path}/close"), &json!({})).await;
    let late = service
        .post(&format!("{path}/messages"), &json!({"content": "Delivered."}))
        .await;
    assert_eq!(late.status, 409, "{}", late.text);
    for wrong in [json!(""), json!("a".repeat(8_001)), json!(5), Value::Null] {
        let refused = agent
            .post(&format!("{path}/messages"), &json!({"content": wrong}))
            .await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (400, &json!("content")),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn a_message_to_a_customer_goes_into_the_open_conversation_or_opens_one() {
    let world = World::start().await;
    let (agent, service) = (world.agent().await, world.service().await);
    let customer = customer_of(&agent, &json!({"name": "John", "email": "john@example.com"})).await;
    let body = json!({"customerId": customer, "content": "Hello!", "channel": "CHAT"});
    let first = service.post("/api/conversations/messages", &body).await;
    assert_eq!(
        (first.status, &first.body["data"]["role"]),
        (201, &json!("ASSISTANT")),
        "{}",
        first.text
    );
    assert_eq!(first.body["data"]["customerId"], *customer);
    let conversation = first.body["data"]["conversationId"].as_str().unwrap();
    let second = agent.post("/api/conversations/messages", &body).await;
    assert_eq!(
        (&second.body["data"]["role"], &second.body["data"]["sequence"]),
        (&json!("AGENT"), &json!(2))
    );
    assert_eq!(second.body["data"]["conversationId"], *conversation);
    agent
        .post(&format!("/api/conversations/{conversation}/close"), &json!({}))
        .await;
    let third = service.post("/api/conversations/messages", &body).await;
    assert_ne!(
        third.body["data"]["conversationId"], *conversation,
        "{}",
        third.text
    );
}

#[tokio::test]
async fn a_registered_customer_finds_what_was_written_to_it() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let listed = agent.get("/api/customers").await;
    let body = json!({"customerId": listed.body["data"][0]["id"], "content": "Hello!", "channel": "WEB"});
    let sent = agent.post("/api/conversations/messages", &body).await;
    let conversation = sent.body["data"]["conversationId"].as_str().unwrap();
    assert_eq!(messages(&customer, conversation).await[0]["content"], "Hello!");
}

#[tokio::test]
async fn what_cannot_reach_the_customer_is_refused_and_nothing_is_opened() {
    let world = World::start().await;
    let agent = world.agent().await;
    let customer = customer_of(&agent, &json!({"name": "John", "phone": "+15551234567"})).await;
    for channel in ["WHATSAPP", "EMAIL", "SMS"] {
        let body = json!({"customerId": customer, "content": "Hello!", "channel": channel});
        let refused = agent.post("/api/conversations/messages", &body).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (400, &json!("channel")),
            "{}",
            refused.text
        );
        assert!(
            refused.body["message"]
                .as_str()
                .unwrap()
                .contains("not configured")
        );
    }
    let unknown = json!({"customerId": "cust_1", "content": "Hello!", "channel": "WEB"});
    assert_eq!(
        agent.post("/api/conversations/messages", &unknown).await.status,
        404
    );
    let empty = json!({"customerId": customer, "content": " ", "channel": "WEB"});
    let refused = agent.post("/api/conversations/messages", &empty).await;
    assert_eq!(refused.body["errors"][0]["field"], "content", "{}", refused.text);
    assert_eq!(
        agent.get("/api/conversations").await.body["pagination"]["total"],
        0
    );
}
