//! What Socket.IO's clients hear, in the words of the `rooms` family, and how it gets to one of them.
//!
//! The library serializes an event for each of its readers and takes no bytes made before, so that nothing is shared
//! between them here: see the module above for what that costs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use socketioxide::extract::SocketRef;
use socketioxide::{SendError as EmitError, SocketError};
use switchboard_domain::conversation::{Conversation, Owner, Status};
use switchboard_domain::event::{Event, Occurrence, Typist};
use switchboard_domain::message::{Author, Message, Sequence};

use super::incoming::UserType;
use super::transport::Transport;
use crate::socket::outbox::SendError;
use crate::socket::talk::outgoing::attachment;

/// How readers know the assistant.
const ASSISTANT: &str = "AI Assistant";
/// How readers know a customer without a name.
const GUEST: &str = "Guest";

/// One client's way out.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    /// The client.
    pub(super) socket: SocketRef,
    /// What carries it.
    pub(super) transport: Arc<Transport>,
}

/// What of a room every event in it needs.
#[derive(Debug)]
pub(super) struct RoomView {
    /// The room's id.
    pub(super) room: String,
    customer: String,
    customer_id: String,
}

/// `new_message`.
#[derive(Serialize)]
struct MessageOut<'a> {
    room: &'a str,
    message: &'a str,
    user_type: UserType,
    timestamp: String,
    message_id: String,
    sequence: Sequence,
    user: &'a str,
    user_id: Option<String>,
    is_ai_generated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Value>,
}

impl Serialize for UserType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Admin => "admin",
            Self::Customer => "customer",
        })
    }
}

impl Voice {
    /// The way out to this client; `None` for one that did not come through the surface.
    pub(super) fn of(socket: &SocketRef) -> Option<Self> {
        let transport = socket.req_parts().extensions.get::<Arc<Transport>>()?;
        Some(Self {
            socket: socket.clone(),
            transport: Arc::clone(transport),
        })
    }

    /// Sends an event that must not be lost: whoever reads too slowly for it is cut off, comes back and resumes.
    ///
    /// # Errors
    /// When the client is gone, or was cut off.
    pub(super) fn say<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<(), SendError> {
        if self.transport.is_cut() {
            return Err(SendError::Closed);
        }
        self.socket.emit(event, data).map_err(|error| self.failed(&error))
    }

    /// What a failed emission means; a client that is too slow is cut off.
    pub(super) fn failed(&self, error: &EmitError) -> SendError {
        if matches!(error, EmitError::Socket(SocketError::InternalChannelFull)) {
            self.transport.cut();
            return SendError::TooSlow;
        }
        SendError::Closed
    }

    /// Sends what has happened in a room.
    ///
    /// # Errors
    /// When the client is gone, or was cut off.
    pub(super) fn tell(&self, view: &RoomView, occurrence: &Occurrence) -> Result<(), SendError> {
        if let Event::Message(message) = &occurrence.event {
            return self.tell_message(view, message);
        }
        if let Event::Typing { typist, is_typing } = &occurrence.event {
            // A client that is busy needs no typing.
            let data = typing(view, typist, *is_typing);
            self.socket.emit("user_typing", &data).ok();
            return Ok(());
        }
        self.tell_event(occurrence)
    }

    /// Sends what has happened, other than messages and typing: nobody needs to know more of the room for it.
    ///
    /// # Errors
    /// When the client is gone, or was cut off.
    pub(super) fn tell_event(&self, occurrence: &Occurrence) -> Result<(), SendError> {
        match event_out(occurrence) {
            Some((name, data)) => self.say(name, &data),
            None => Ok(()),
        }
    }

    /// Sends a message of a room.
    ///
    /// # Errors
    /// When the client is gone, or was cut off.
    pub(super) fn tell_message(&self, view: &RoomView, message: &Message) -> Result<(), SendError> {
        let (user, user_id) = match message.author {
            Author::Customer => (view.customer.as_str(), Some(view.customer_id.clone())),
            Author::Assistant => (ASSISTANT, None),
            Author::Agent(agent) => (message.author_name.as_str(), Some(agent.to_string())),
        };
        let user_type = match message.author {
            Author::Customer => UserType::Customer,
            Author::Assistant | Author::Agent(_) => UserType::Admin,
        };
        let out = MessageOut {
            room: &view.room,
            message: &message.text,
            user_type,
            timestamp: message.at.to_string(),
            message_id: message.id.to_string(),
            sequence: message.sequence,
            user,
            user_id,
            is_ai_generated: message.author == Author::Assistant,
            attachments: message.attachments.iter().map(attachment).collect(),
        };
        self.say("new_message", &out)
    }
}

impl RoomView {
    /// The room that this conversation is.
    pub(super) fn of(conversation: &Conversation) -> Self {
        let named = Some(&conversation.customer_name).filter(|name| !name.is_empty());
        Self {
            room: conversation.id.to_string(),
            customer: named.map_or_else(|| GUEST.to_owned(), Clone::clone),
            customer_id: match conversation.owner {
                Owner::Account(account) => account.to_string(),
                Owner::Guest | Owner::Service => conversation.customer.to_string(),
            },
        }
    }
}

/// An event that is neither a message nor typing: its name, and what goes with it.
fn event_out(occurrence: &Occurrence) -> Option<(&'static str, Value)> {
    let (room, at) = (&occurrence.conversation, occurrence.at.to_string());
    let out = match &occurrence.event {
        Event::Message(_) | Event::Typing { .. } => return None,
        Event::Updated(message) => (
            "message_updated",
            json!({
                "room": room, "id": message.id, "sequence": message.sequence, "message": message.text,
                "status": message.status.as_str(),
                "failure": (!message.failure.is_empty()).then_some(&message.failure),
                "attachments": message.attachments.iter().map(attachment).collect::<Vec<_>>(), "timestamp": at,
            }),
        ),
        Event::Analyzed {
            sequence,
            text,
            analysis,
            suggestions,
        } => (
            "ai_analysis",
            json!({
                "room": room, "message": text, "sequence": sequence, "intent": analysis.intent.broad().as_str(),
                "confidence": analysis.confidence.rounded(),
                "suggestion": suggestions.first().map_or("", String::as_str), "suggestions": suggestions,
                "timestamp": at,
            }),
        ),
        Event::StatusChanged {
            status,
            agent_name,
            text,
        } => (
            "room_status",
            json!({
                "room": room, "status": status.as_str(), "agent": agent_out(status, agent_name.as_deref()),
                "reason": reason(status), "message": text, "timestamp": at,
            }),
        ),
        Event::Rated(rating) => (
            "room_rating",
            json!({"room": room, "rating": rating.stars, "comment": rating.comment, "timestamp": at}),
        ),
        Event::Offered {
            reason,
            customer_name,
            until,
        } => (
            "handover_offer",
            json!({
                "room": room, "reason": reason.as_str(), "customer_name": customer_name, "until": until.to_string(),
                "timestamp": at,
            }),
        ),
    };
    Some(out)
}

/// The agent in charge, if one is.
pub(super) fn agent_out(status: &Status, name: Option<&str>) -> Value {
    status
        .agent()
        .map_or(Value::Null, |id| json!({"id": id, "name": name}))
}

fn reason(status: &Status) -> Option<&'static str> {
    match status {
        Status::Waiting { reason, .. } => Some(reason.as_str()),
        _ => None,
    }
}

fn typing(view: &RoomView, typist: &Typist, is_typing: bool) -> Value {
    let (user, user_type) = match typist {
        Typist::Customer => (view.customer.as_str(), UserType::Customer),
        Typist::Assistant => (ASSISTANT, UserType::Admin),
        Typist::Agent { name, .. } => (name.as_str(), UserType::Admin),
    };
    json!({"room": view.room, "user": user, "user_type": user_type, "isTyping": is_typing})
}
