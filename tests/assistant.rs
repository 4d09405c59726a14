//! The embedded assistant at work in the sample shop: it answers what it knows, and hands over what it does not.

use serde_json::{Value, json};

use crate::support::{Persona, World};

async fn ask(customer: &Persona, session: &str, text: &str) -> Value {
    let body = json!({"message": {"text": text, "type": "text"}, "channel": "web", "sessionId": session});
    let answer = customer.post("/api/core/messages", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn said(answer: &Value) -> &str {
    answer["response"]["text"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_shop_answers_what_it_knows_and_hands_over_what_it_does_not() {
    let world = World::demo().await;
    let customer = world.nobody.login_as("test@example.com", "testpassword123").await;

    let greeted = ask(&customer, "s-1", "hi there").await;
    assert_eq!(
        (greeted["context"]["intent"].as_str(), greeted["status"].as_str()),
        (Some("greeting"), Some("active"))
    );

    let known = ask(&customer, "s-1", "How long do I have to return something?").await;
    assert!(said(&known).contains("30 days"), "{known}");
    assert_eq!(known["status"], "active");

    let again = ask(&customer, "s-1", "Thanks a lot!").await;
    assert!(
        !said(&again).contains("30 days"),
        "thanks are not a question: {again}"
    );

    let unknown = ask(&customer, "s-1", "Who won the football match yesterday?").await;
    assert_eq!(unknown["status"], "waiting", "{unknown}");

    let silent = ask(&customer, "s-1", "How long do I have to return something?").await;
    assert_eq!(
        silent["response"]["id"],
        Value::Null,
        "while an agent is wanted the assistant says nothing: {silent}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_person_or_complains_or_speaks_another_language_gets_an_agent() {
    let world = World::demo().await;
    let customer = world.nobody.login_as("test@example.com", "testpassword123").await;
    let pleas = [
        "I want to talk to a real person",
        "My order arrived completely broken and nobody answers, this is a disgrace!",
        "¿Dónde está mi pedido? Todavía no ha llegado",
    ];
    for (number, plea) in pleas.into_iter().enumerate() {
        let answer = ask(&customer, &format!("plea-{number}"), plea).await;
        assert_eq!(answer["status"], "waiting", "{plea}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faq_that_was_just_written_is_answered_from_and_one_that_was_removed_is_not() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let faq =
        json!({"question": "Do you sell penguins?", "answer": "Only on Tuesdays.", "category": "animals"});
    let made = agent.post("/api/faq", &faq).await;
    let id = made.body["data"]["id"].as_str().unwrap_or_default().to_owned();
    let answered = ask(&customer, "s-1", "Can I buy a penguin from you?").await;
    assert_eq!(said(&answered), "Only on Tuesdays.", "{answered}");
    agent.delete(&format!("/api/faq/{id}")).await;
    let unanswered = ask(&customer, "s-2", "Can I buy a penguin from you?").await;
    assert_eq!(unanswered["status"], "waiting", "{unanswered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_threshold_makes_the_assistant_more_careful() {
    let world = World::start().await;
    let (agent, customer) = (world.agent().await, world.customer().await);
    let faq =
        json!({"question": "Do you sell penguins?", "answer": "Only on Tuesdays.", "category": "animals"});
    agent.post("/api/faq", &faq).await;
    let careful = world
        .admin
        .put(
            "/api/admin/system-config",
            &json!({"ai_confidence_threshold": 0.99}),
        )
        .await;
    assert_eq!(careful.status, 200, "{}", careful.text);
    let answer = ask(&customer, "s-1", "Can I buy a penguin from you?").await;
    assert_ne!(said(&answer), "Only on Tuesdays.", "{answer}");
}
