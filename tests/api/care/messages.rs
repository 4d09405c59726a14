//! `/conversations/{id}/messages`: answered in the same call, and what happens when people answer.

use serde_json::{Value, json};

use crate::support::{Persona, World};

async fn teach(world: &World) {
    let answer = "We are open from 9 AM to 6 PM, Monday through Saturday.";
    world.knows("What are your business hours?", answer).await;
}

/// Where the messages of a new conversation are.
async fn opened(persona: &Persona) -> String {
    let made = persona.post("/conversations", &json!({})).await;
    format!(
        "/conversations/{}/messages",
        made.body["conversation_id"].as_str().unwrap()
    )
}

fn words(text: &str) -> Value {
    json!({"message": text, "metadata": {"device": "web", "language": "en"}})
}

#[tokio::test]
async fn a_question_is_answered_in_the_same_call_as_documented() {
    let world = World::start().await;
    teach(&world).await;
    let customer = world.customer().await;
    let path = opened(&customer).await;
    let answer = customer
        .post(&path, &words("What are your business hours?"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = &answer.body;
    assert!(body["message_id"].as_str().unwrap().starts_with("msg_"));
    assert!(path.contains(body["conversation_id"].as_str().unwrap()));
    assert_eq!(body["sender"], customer.id().await);
    assert_eq!(body["message"], "What are your business hours?");
    assert!(body["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        (&body["status"], &body["sequence"]),
        (&json!("active"), &json!(1))
    );
    let response = &body["response"];
    assert_eq!(
        response["text"],
        "We are open from 9 AM to 6 PM, Monday through Saturday."
    );
    assert_eq!(
        (&response["intent"], &response["entities"]),
        (&json!("question"), &json!([]))
    );
    assert!((0.0..=1.0).contains(&response["confidence"].as_f64().unwrap()));
}

#[tokio::test]
async fn intents_and_entities_are_told_in_this_familys_words() {
    let world = World::start().await;
    let customer = world.customer().await;
    let greeted = customer.post(&opened(&customer).await, &words("Hello!")).await;
    assert_eq!(greeted.body["response"]["intent"], "greeting", "{}", greeted.text);
    let path = opened(&customer).await;
    let ordered = customer.post(&path, &words("Where is my order #12345?")).await;
    let expected = json!([{"entity": "order_number", "value": "12345"}]);
    assert_eq!(ordered.body["response"]["entities"], expected, "{}", ordered.text);
}

#[tokio::test]
async fn with_an_agent_in_charge_the_response_is_null_and_all_is_read_in_order() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let path = opened(&customer).await;
    let first = customer.post(&path, &words("Hello")).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let taken = agent.post(&path, &words("This is Jane, may I help?")).await;
    assert_eq!(
        (&taken.body["status"], &taken.body["response"]),
        (&json!("with_agent"), &Value::Null)
    );
    let reply = customer.post(&path, &words("Yes, please")).await;
    assert_eq!(
        (reply.status, &reply.body["response"], &reply.body["status"]),
        (200, &Value::Null, &json!("with_agent")),
        "{}",
        reply.text
    );
    let read = customer.get(&path).await;
    let told: Vec<_> = read.body.as_array().unwrap().iter().collect();
    let types: Vec<_> = told
        .iter()
        .map(|message| message["sender_type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["customer", "ai", "agent", "customer"]);
    assert_eq!(told[2]["sender"], taken.body["sender"]);
    assert_eq!(read.header("x-total-count"), "4");
    let tail = customer.get(&format!("{path}?offset=1&limit=2")).await;
    assert_eq!(tail.body, json!([told[1], told[2]]));
    assert_eq!((tail.header("x-page"), tail.header("x-total-pages")), ("1", "2"));
}

#[tokio::test]
async fn a_message_that_is_none_is_refused_and_nothing_is_stored() {
    let world = World::start().await;
    let customer = world.customer().await;
    let path = opened(&customer).await;
    for wrong in [
        json!({}),
        json!({"message": null}),
        json!({"message": " "}),
        json!({"message": "a".repeat(8_001)}),
        json!({"message": ["Hello"]}),
    ] {
        let answer = customer.post(&path, &wrong).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(
            answer.body["error"]["details"]["message"].is_string(),
            "{}",
            answer.text
        );
    }
    assert_eq!(customer.get(&path).await.body, json!([]));
}

#[tokio::test]
async fn a_message_sent_twice_under_one_key_is_one_message_on_either_root() {
    let world = World::start().await;
    let customer = world.customer().await;
    let path = opened(&customer).await;
    let keyed = customer.with_header("idempotency-key", "key-1");
    let first = keyed.post(&path, &words("Hello")).await;
    let again = keyed.post(&format!("/v1{path}"), &words("Hello")).await;
    assert_eq!(again.header("idempotent-replayed"), "true", "{}", again.text);
    assert_eq!(first.text, again.text);
    assert_eq!(customer.get(&path).await.header("x-total-count"), "2");
}
