//! What the socket tells its clients, in the words of the `care` family.

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::message::{Author, Message};

use crate::socket::frame::json_frame;
use crate::socket::live::Words;
use crate::socket::talk::outgoing::{frame, happening};

/// This dialect's words for occurrences.
pub(super) const WORDS: Words = Words { slot: 1, render };

/// A message as everybody but its sender sees it.
#[derive(Serialize)]
struct MessageOut<'a> {
    r#type: &'static str,
    content: &'a str,
    timestamp: String,
    metadata: MetadataOut<'a>,
}

/// What is known of a message; for the assistant's, what the customer wanted whom it answers.
#[derive(Serialize)]
struct MetadataOut<'a> {
    intent: Option<&'static str>,
    confidence: Option<f64>,
    sender: &'static str,
    message_id: String,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<&'a str>,
}

fn render(occurrence: &Occurrence, _: u64) -> Bytes {
    if let Event::Message(message) = &occurrence.event {
        return message_frame(message, occurrence.question.as_deref());
    }
    let mut told = happening(occurrence).unwrap_or_default();
    if let (Event::Offered { .. }, Some(object)) = (&occurrence.event, told.as_object_mut()) {
        object.insert("conversation_id".to_owned(), json!(occurrence.conversation));
    }
    frame(&told)
}

fn message_frame(message: &Message, question: Option<&Message>) -> Bytes {
    let understood = question.and_then(|question| question.analysis.as_ref());
    let agent = match message.author {
        Author::Agent(agent) => Some(agent.to_string()),
        Author::Customer | Author::Assistant => None,
    };
    let metadata = MetadataOut {
        intent: understood.map(|analysis| analysis.intent.group().as_str()),
        confidence: understood.map(|analysis| analysis.confidence.rounded()),
        sender: message.author.as_str(),
        message_id: message.id.to_string(),
        sequence: message.sequence,
        agent_name: agent.is_some().then_some(message.author_name.as_str()),
        agent_id: agent,
    };
    let out = MessageOut {
        r#type: "message",
        content: &message.text,
        timestamp: message.at.to_string(),
        metadata,
    };
    json_frame(&out).unwrap_or_default()
}
