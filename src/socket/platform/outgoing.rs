//! What `/ws` tells its clients, in the words of the `platform` family.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::event::{Event, Occurrence, Typist};
use switchboard_domain::message::{Author, Message};
use switchboard_domain::time::Timestamp;

use super::admission::Admitted;
use crate::socket::frame::{json_frame, text_frame};
use crate::socket::live::Dialect;

/// This dialect's words for occurrences.
pub(super) const DIALECT: Dialect = Dialect { slot: 0, render };

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

fn render(occurrence: &Occurrence) -> Bytes {
    let at = occurrence.at.to_string();
    let value = match &occurrence.event {
        Event::Message(message) => return message_frame(message),
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
            "type": "handover_offer", "sessionId": occurrence.conversation, "reason": reason.as_str(),
            "customerName": customer_name, "until": until.to_string(), "timestamp": at,
        }),
    };
    frame(&value)
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
    };
    json_frame(&out).unwrap_or_default()
}

fn attachment(file: &switchboard_domain::message::Attachment) -> Value {
    json!({"id": file.blob.to_string(), "name": file.name, "mediaType": file.media_type, "bytes": file.bytes})
}

/// The first frame of every connection.
pub(super) fn established(admitted: &Admitted, now: Timestamp) -> Bytes {
    let conversation = admitted.conversation.as_deref();
    let mut value = json!({
        "type": "connection_established",
        "connectionId": admitted.registration.id(),
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

/// A frame is done and durable.
pub(super) fn ack(id: &str, message: Option<&Message>, now: Timestamp) -> Bytes {
    let out = AckOut {
        r#type: "ack",
        id,
        message_id: message.map(|message| message.id.to_string()),
        sequence: message.map(|message| message.sequence),
        timestamp: message.map_or(now, |message| message.at).to_string(),
    };
    json_frame(&out).unwrap_or_default()
}

/// The words of a recording; empty when nothing here can hear them.
pub(super) fn transcription(text: &str, now: Timestamp) -> Bytes {
    frame(&json!({"type": "transcription", "text": text, "timestamp": now.to_string()}))
}

/// A frame that was not understood.
pub(super) fn broken(id: Option<&str>, message: &str, now: Timestamp) -> Bytes {
    error_frame(id, "invalid_request", message, now)
}

/// A frame that was understood and refused.
pub(super) fn refused(id: Option<&str>, error: &HubError, now: Timestamp) -> Bytes {
    let code = match error {
        HubError::Unauthenticated => "authentication_error",
        HubError::Forbidden(_) => "authorization_error",
        HubError::NotFound(_) => "resource_not_found",
        HubError::Invalid { .. } | HubError::Conflict(_) | HubError::TooLarge { .. } => "invalid_request",
        HubError::Throttled(_) => "rate_limit_exceeded",
        HubError::Overloaded | HubError::StoreFull | HubError::Unavailable => "service_unavailable",
        HubError::Internal(inner) => {
            tracing::error!(inner, "a frame could not be processed");
            "internal_error"
        }
    };
    error_frame(id, code, &error.to_string(), now)
}

fn error_frame(id: Option<&str>, code: &str, message: &str, now: Timestamp) -> Bytes {
    let mut value = json!({"type": "error", "message": message, "code": code, "timestamp": now.to_string()});
    if let (Some(id), Some(object)) = (id, value.as_object_mut()) {
        object.insert("id".to_owned(), json!(id));
    }
    frame(&value)
}

fn frame(value: &Value) -> Bytes {
    text_frame(value.to_string().as_bytes())
}
