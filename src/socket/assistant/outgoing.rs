//! What the socket tells its clients, in the words of the `assistant` family: its ids are integers.

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::message::{Author, Message, Trace};
use switchboard_domain::time::Timestamp;

use crate::socket::frame::json_frame;
use crate::socket::live::Words;
use crate::socket::talk::act::Done;
use crate::socket::talk::outgoing::{frame, happening};

/// This dialect's words for occurrences.
pub(super) const WORDS: Words = Words { slot: 2, render };

/// A message as everybody but its sender sees it.
#[derive(Serialize)]
struct MessageOut<'a> {
    r#type: &'static str,
    content: &'a str,
    conversation_id: u64,
    timestamp: String,
    metadata: MetadataOut<'a>,
}

/// What is known of a message; for the assistant's, what the customer wanted whom it answers, and what it took.
#[derive(Serialize)]
struct MetadataOut<'a> {
    sender: &'static str,
    message_id: u64,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_used: Option<u32>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<&'a str>,
}

/// The answer to a frame that is done.
#[derive(Serialize)]
struct AckOut<'a> {
    r#type: &'static str,
    id: &'a str,
    conversation_id: u64,
    #[serde(rename = "messageId")]
    message_id: Option<u64>,
    sequence: Option<u64>,
    timestamp: String,
}

fn render(occurrence: &Occurrence, number: u64) -> Bytes {
    if let Event::Message(message) = &occurrence.event {
        return message_frame(message, occurrence.question.as_deref(), number);
    }
    let mut told = happening(occurrence).unwrap_or_default();
    if let Some(object) = told.as_object_mut() {
        object.insert("conversation_id".to_owned(), json!(number));
    }
    frame(&told)
}

fn message_frame(message: &Message, question: Option<&Message>, number: u64) -> Bytes {
    let understood = question.and_then(|question| question.analysis.as_ref());
    let trace: Option<&Trace> = message.trace.as_ref();
    let by_agent = matches!(message.author, Author::Agent(_));
    let metadata = MetadataOut {
        sender: message.author.as_str(),
        message_id: message.number,
        sequence: message.sequence,
        intent: understood.map(|analysis| analysis.intent.as_str()),
        confidence: understood.map(|analysis| analysis.confidence.rounded()),
        tokens_used: trace.map(|trace| trace.tokens),
        response_time: trace.map(|trace| trace.response_millis),
        agent_name: by_agent.then_some(message.author_name.as_str()),
    };
    let out = MessageOut {
        r#type: "message",
        content: &message.text,
        conversation_id: number,
        timestamp: message.at.to_string(),
        metadata,
    };
    json_frame(&out).unwrap_or_default()
}

/// A frame is done and durable; tells which conversation it went to.
pub(super) fn ack(id: &str, done: &Done, now: Timestamp) -> Bytes {
    let message = done.message.as_deref();
    let out = AckOut {
        r#type: "ack",
        id,
        conversation_id: done.conversation.number,
        message_id: message.map(|message| message.number),
        sequence: message.map(|message| message.sequence),
        timestamp: message.map_or(now, |message| message.at).to_string(),
    };
    json_frame(&out).unwrap_or_default()
}
