//! `POST /api/core/messages`: whose session it is, what is answered, and that it is answered once.

use serde_json::{Value, json};

use crate::support::World;

const PATH: &str = "/api/core/messages";

fn message(text: &str, user: &str, session: &str) -> Value {
    json!({"message": {"text": text, "type": "text"}, "channel": "web", "userId": user, "sessionId": session,
        "metadata": {"language": "en", "timezone": "America/New_York"}})
}

/// Teaches the assistant one answer.
async fn teach(world: &World) {
    let hours = "We are open from 9 AM to 6 PM, Monday through Saturday.";
    world.knows("What are your business hours?", hours).await;
}

#[tokio::test]
async fn a_service_speaks_for_any_user_and_gets_the_answer_in_the_same_call() {
    let world = World::start().await;
    teach(&world).await;
    let service = world.service().await;
    let answer = service
        .post(
            PATH,
            &message("What are your business hours?", "user123", "session456"),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = &answer.body;
    assert_eq!(
        body["response"]["text"],
        "We are open from 9 AM to 6 PM, Monday through Saturday."
    );
    assert_eq!(body["response"]["type"], "text");
    assert!(body["response"]["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(body["sessionId"], "session456");
    assert_eq!(body["status"], "active");
    assert!(body["context"]["intent"].is_string() && body["context"]["entities"].is_array());
    let confidence = body["context"]["confidence"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&confidence));
}

#[tokio::test]
async fn entities_name_the_order_and_its_number() {
    let world = World::start().await;
    let text = "Where is my order #12345?";
    let answer = world.admin.post(PATH, &message(text, "user123", "s")).await;
    assert_eq!(answer.body["context"]["entities"], json!(["order", "12345"]));
}

#[tokio::test]
async fn a_repeated_message_id_gets_the_first_answer_and_is_stored_once() {
    let world = World::start().await;
    teach(&world).await;
    let mut body = message("What are your business hours?", "user123", "session456");
    body["message"]["id"] = json!("msg-1");
    let first = world.admin.post(PATH, &body).await;
    let second = world.admin.post(PATH, &body).await;
    assert_eq!(first.body["response"], second.body["response"]);
    assert_eq!(first.body["messageId"], second.body["messageId"]);
    let detail = world.admin.get("/api/admin/sessions/session456").await;
    assert_eq!(detail.body["messages"].as_array().unwrap().len(), 2);
    body["message"]["text"] = json!("Something else");
    assert_eq!(world.admin.post(PATH, &body).await.status, 409);
}

#[tokio::test]
async fn a_session_belongs_to_the_user_it_was_opened_for() {
    let world = World::start().await;
    let opened = world.admin.post(PATH, &message("Hello", "anna", "s1")).await;
    assert_eq!(opened.status, 200);
    let other = world.admin.post(PATH, &message("Hello", "eve", "s1")).await;
    assert_eq!(other.status, 404, "{}", other.text);
    let customer = world.customer().await;
    let mut own = message("Hello", "anna", "s1");
    own.as_object_mut().unwrap().remove("userId");
    let stolen = customer.post(PATH, &own).await;
    assert_eq!(stolen.status, 404, "{}", stolen.text);
}

#[tokio::test]
async fn a_customer_needs_no_user_id_and_may_name_only_its_own() {
    let world = World::start().await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let plain = json!({"message": {"text": "Hello"}});
    let opened = customer.post(PATH, &plain).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let session = opened.body["sessionId"].as_str().unwrap();
    assert!(session.starts_with("conv_"));
    let own = message("Hello again", &customer.id().await, session);
    assert_eq!(customer.post(PATH, &own).await.body["sessionId"], session);
    let foreign = message("Hello", &stranger.id().await, session);
    assert_eq!(customer.post(PATH, &foreign).await.status, 403);
    let fresh = json!({"message": {"text": "Hello"}, "userId": "somebody"});
    assert_eq!(customer.post(PATH, &fresh).await.status, 403);
    let taken = json!({"message": {"text": "Hello"}, "sessionId": session});
    assert_eq!(stranger.post(PATH, &taken).await.status, 404);
}

#[tokio::test]
async fn a_service_that_names_a_registered_customer_speaks_in_its_conversations() {
    let world = World::start().await;
    let (customer, service) = (world.customer().await, world.service().await);
    let id = customer.id().await;
    let by_service = service.post(PATH, &message("Hello", &id, "shared")).await;
    assert_eq!(by_service.status, 200, "{}", by_service.text);
    let own = json!({"message": {"text": "And me"}, "sessionId": "shared"});
    let by_customer = customer.post(PATH, &own).await;
    assert_eq!(by_customer.status, 200, "{}", by_customer.text);
    assert_eq!(by_customer.body["sequence"], 3);
}

#[tokio::test]
async fn nobody_opens_a_session_under_an_id_of_the_hubs_own_making() {
    let world = World::start().await;
    let id = "conv_0123456789abcdef0123456789abcdef";
    let answer = world.admin.post(PATH, &message("Hello", "anna", id)).await;
    assert_eq!(answer.status, 404, "{}", answer.text);
    let other_admin = world.other_admin().await;
    let made = world.admin.post(PATH, &message("Hello", "anna", "s1")).await;
    assert_eq!(made.status, 200);
    let same_alias = other_admin.post(PATH, &message("Hello", "bob", "s1")).await;
    assert_eq!(same_alias.body["sequence"], 1, "{}", same_alias.text);
}

#[tokio::test]
async fn while_an_agent_is_wanted_the_handover_text_answers() {
    let world = World::start().await;
    let asked = message("I want to talk to a human", "anna", "s1");
    let first = world.admin.post(PATH, &asked).await;
    assert_eq!(first.body["status"], "waiting", "{}", first.text);
    let again = world.admin.post(PATH, &message("Hello?", "anna", "s1")).await;
    assert_eq!(again.body["status"], "waiting");
    assert_eq!(again.body["response"]["text"], first.body["response"]["text"]);
    assert_eq!(again.body["response"]["id"], Value::Null);
}

#[tokio::test]
async fn with_auto_reply_off_nothing_is_answered() {
    let world = World::start().await;
    world
        .decides(|settings| settings.auto_reply_enabled = false)
        .await;
    let answer = world.admin.post(PATH, &message("Hello", "anna", "s1")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["response"], Value::Null);
    let detail = world.admin.get("/api/admin/sessions/s1").await;
    assert_eq!(detail.body["messages"].as_array().unwrap().len(), 1);
}
