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
mod idempotency;
mod messages;
pub(super) mod story;
mod webhooks;
pub(super) mod wrong_input;

use serde_json::Value;
use switchboard_actors::hub::conversations::OpenConversation;

use crate::support::Persona;

/// A customer that staff wrote down: its id.
async fn customer_of(staff: &Persona, body: &Value) -> String {
    let made = staff.post("/api/customers", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["data"]["id"].as_str().unwrap().to_owned()
}

/// A conversation that a customer began with these words: its id.
async fn conversation_of(customer: &Persona, text: &str) -> String {
    let answered = customer.speaks(OpenConversation::default(), text).await;
    answered.conversation.id.to_string()
}
