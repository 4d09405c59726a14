//! What `/ws` tells its clients, in the words of the `platform` family.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::message::{Author, Message};
use switchboard_domain::time::Timestamp;

use super::admission::Admitted;
use crate::socket::frame::json_frame;
use crate::socket::live::Words;
use crate::socket::talk::outgoing::{attachment, frame, happening};

/// This dialect's words for occurrences.
pub(super) const WORDS: Words = Words { slot: 0, render };

/// A message as everybody but its sender sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageOut<'a> {
    r#type: &'static str,
    text: &'a str,
    message_id: String,
    sequence: u64,
    timestamp: String,
    sender: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Value>,
    /// How far it has got; what becomes of it later comes as `message_updated`.
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    failure: &'a str,
    /// What kind of message it is at its channel's provider: `email`, `image`, `location`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

fn render(occurrence: &Occurrence, _: u64) -> Bytes {
    if let Event::Message(message) = &occurrence.event {
        return message_frame(message);
    }
    let mut told = happening(occurrence).unwrap_or_default();
    if let (Event::Offered { .. }, Some(object)) = (&occurrence.event, told.as_object_mut()) {
        object.insert("sessionId".to_owned(), json!(occurrence.conversation));
    }
    frame(&told)
}

fn message_frame(message: &Message) -> Bytes {
    let agent = match message.author {
        Author::Agent(agent) => Some(agent.to_string()),
        Author::Customer | Author::Assistant => None,
    };
    let out = MessageOut {
        r#type: "message",
        text: &message.text,
        message_id: message.id.to_string(),
        sequence: message.sequence,
        timestamp: message.at.to_string(),
        sender: message.author.as_str(),
        agent_name: agent.is_some().then_some(message.author_name.as_str()),
        agent_id: agent,
        attachments: message.attachments.iter().map(attachment).collect(),
        status: message.status.as_str(),
        failure: &message.failure,
        kind: message.provided.as_ref().map(|told| told.kind.as_str()),
    };
    json_frame(&out).unwrap_or_default()
}

/// The first frame of every connection.
pub(super) fn established(admitted: &Admitted, now: Timestamp) -> Bytes {
    let conversation = admitted.conversation.as_deref();
    let mut value = json!({
        "type": "connection_established",
        "connectionId": admitted.seat.registration.id(),
        "userId": admitted.user_id,
        "sessionId": conversation.map(session_id),
        "message": "Connected to AI Customer Support",
        "status": conversation.map(|conversation| conversation.status.as_str()),
        "lastSequence": conversation.map(|conversation| conversation.last_sequence),
        "timestamp": now.to_string(),
    });
    if let (Some(token), Some(object)) = (&admitted.token, value.as_object_mut()) {
        object.insert("token".to_owned(), json!(token));
    }
    frame(&value)
}

/// What this family calls a conversation: the id its caller brought, else the hub's.
pub(super) fn session_id(conversation: &Conversation) -> String {
    conversation
        .alias
        .clone()
        .unwrap_or_else(|| conversation.id.to_string())
}

/// The words of a recording; empty when nothing here can hear them.
pub(super) fn transcription(text: &str, now: Timestamp) -> Bytes {
    frame(&json!({"type": "transcription", "text": text, "timestamp": now.to_string()}))
}
