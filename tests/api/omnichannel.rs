//! The `omnichannel` family.

mod analytics;
mod business;
mod cache;
mod campaigns;
mod conversations;
mod customers;
mod deliveries;
mod extraction;
mod faq;
mod messages;
mod webhooks;
pub(super) mod wrong_input;

use serde_json::{Value, json};

use crate::support::Persona;

/// A customer that staff wrote down: its id.
async fn customer_of(staff: &Persona, body: &Value) -> String {
    let made = staff.post("/api/customers", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["data"]["id"].as_str().unwrap().to_owned()
}

/// A conversation that a customer began with these words: its id.
async fn conversation_of(customer: &Persona, text: &str) -> String {
    let user = customer.id().await;
    let body = json!({"message": {"text": text}, "userId": user});
    let answered = customer.post("/api/core/messages", &body).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.body["sessionId"].as_str().unwrap().to_owned()
}
