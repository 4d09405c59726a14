//! Frames that every dialect writes alike: acks, errors, and what happens in a conversation besides its messages.

use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::conversation::Status;
use switchboard_domain::event::{Event, Occurrence, Typist};
use switchboard_domain::message::{Attachment, Message};
use switchboard_domain::time::Timestamp;

use super::act::Done;
use crate::http::status;
use crate::socket::frame::{json_frame, text_frame};

/// The word for whatever is the sender's mistake, in every family.
pub const INVALID_REQUEST: &str = "invalid_request";

/// The plain word for an error, for families that have no words of their own for frames.
pub fn code(error: &HubError) -> &'static str {
    word(status::of(error))
}

/// The plain word for a failure of this status.
pub fn word(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_exceeded",
        status if status.is_server_error() => "internal_error",
        _ => INVALID_REQUEST,
    }
}

/// The answer to a frame that is done.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AckOut<'a> {
    r#type: &'static str,
    id: &'a str,
    message_id: Option<String>,
    sequence: Option<u64>,
    timestamp: String,
}

/// A frame is done and durable.
pub fn ack(id: &str, done: &Done, now: Timestamp) -> Bytes {
    let message = done.message.as_deref();
    let out = AckOut {
        r#type: "ack",
        id,
        message_id: message.map(|message| message.id.to_string()),
        sequence: message.map(|message| message.sequence),
        timestamp: message.map_or(now, |message| message.at).to_string(),
    };
    json_frame(&out).unwrap_or_default()
}

/// A frame was not understood, or refused; under its id where it had one.
pub fn error(id: Option<&str>, code: &str, message: &str, now: Timestamp) -> Bytes {
    let mut value = json!({"type": "error", "message": message, "code": code, "timestamp": now.to_string()});
    if let (Some(id), Some(object)) = (id, value.as_object_mut()) {
        object.insert("id".to_owned(), json!(id));
    }
    frame(&value)
}

/// This object as a frame.
pub fn frame(value: &Value) -> Bytes {
    text_frame(value.to_string().as_bytes())
}

/// What happened, for everything but messages, which each family writes in its own way; a family may add the name it
/// has for the conversation.
pub fn happening(occurrence: &Occurrence) -> Option<Value> {
    let at = occurrence.at.to_string();
    let told = match &occurrence.event {
        Event::Message(_) => return None,
        Event::Updated(message) => updated(message, &at),
        Event::StatusChanged {
            status: Status::Waiting { reason, .. },
            text,
            ..
        } => json!({
            "type": "handover_initiated", "message": text.as_deref().unwrap_or_default(), "reason": reason.as_str(),
            "status": "waiting", "timestamp": at,
        }),
        Event::StatusChanged {
            status, agent_name, ..
        } => json!({
            "type": "status_changed", "status": status.as_str(), "agentId": status.agent(), "agentName": agent_name,
            "timestamp": at,
        }),
        Event::Typing { typist, is_typing } => typing(typist, *is_typing, &at),
        Event::Analyzed {
            sequence,
            text,
            analysis,
            suggestions,
        } => json!({
            "type": "analysis", "sequence": sequence, "text": text, "intent": analysis.intent.as_str(),
            "confidence": analysis.confidence.rounded(), "entities": analysis.entities,
            "sentiment": analysis.sentiment, "suggestions": suggestions, "timestamp": at,
        }),
        Event::Rated(rating) => json!({
            "type": "rating", "rating": rating.stars, "comment": rating.comment, "timestamp": at,
        }),
        Event::Offered {
            reason,
            customer_name,
            until,
        } => json!({
            "type": "handover_offer", "reason": reason.as_str(), "customerName": customer_name,
            "until": until.to_string(), "timestamp": at,
        }),
    };
    Some(told)
}

/// A message that was told before, as it stands now.
fn updated(message: &Message, at: &str) -> Value {
    json!({
        "type": "message_updated", "messageId": message.id, "sequence": message.sequence, "text": message.text,
        "status": message.status.as_str(), "failure": (!message.failure.is_empty()).then_some(&message.failure),
        "attachments": message.attachments.iter().map(attachment).collect::<Vec<_>>(), "timestamp": at,
    })
}

/// A file as sockets tell of it.
pub fn attachment(file: &Attachment) -> Value {
    json!({"id": file.blob.to_string(), "name": file.name, "mediaType": file.media_type, "bytes": file.bytes})
}

fn typing(typist: &Typist, is_typing: bool, at: &str) -> Value {
    let kind = if is_typing { "typing_start" } else { "typing_stop" };
    match typist {
        Typist::Customer => json!({"type": kind, "sender": "customer", "timestamp": at}),
        Typist::Assistant => json!({"type": kind, "sender": "ai", "timestamp": at}),
        Typist::Agent { id, name } => {
            json!({"type": kind, "sender": "agent", "agentId": id, "agentName": name, "timestamp": at})
        }
    }
}
