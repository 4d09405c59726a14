//! What clients of Socket.IO may emit: the event's name, and one object with it.

use serde::Deserialize;
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::Value;

/// What the object may weigh beside its texts, when waiting frames are weighed.
const FRAME_BYTES: usize = 256;

/// The two types of users this family knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UserType {
    /// Any member of staff.
    Admin,
    /// A customer, registered or not.
    Customer,
}

/// `join_room`; the name of the user comes from the credential, whatever `user` says.
#[derive(Debug, Deserialize)]
pub(super) struct JoinIn {
    /// The room's id.
    pub(super) room: String,
    /// What the client says it is.
    pub(super) user_type: Option<UserType>,
    /// The newest message it has seen; 0 for everything, without it only what comes.
    #[serde(rename = "lastSequence")]
    pub(super) last_sequence: Option<u64>,
}

/// `send_message`; the time is the hub's, whatever `timestamp` says.
#[derive(Debug, Deserialize)]
pub(super) struct MessageIn {
    /// The room's id.
    pub(super) room: String,
    /// The words.
    pub(super) message: String,
    /// What the client says it is.
    pub(super) user_type: Option<UserType>,
    /// The client's own id for the message: sent again it is the same message.
    pub(super) id: Option<String>,
}

/// `typing`.
#[derive(Debug, Deserialize)]
pub(super) struct TypingIn {
    /// The room's id.
    pub(super) room: String,
    /// Has begun, or has stopped.
    #[serde(rename = "isTyping")]
    pub(super) is_typing: bool,
}

/// `rate_room`.
#[derive(Debug, Deserialize)]
pub(super) struct RatingIn {
    /// The room's id.
    pub(super) room: String,
    /// 1 to 5.
    pub(super) rating: u8,
    /// In words.
    pub(super) comment: Option<String>,
}

/// An event that is about a room and nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct RoomIn {
    /// The room's id.
    pub(super) room: String,
}

/// What is to be done with a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoomAct {
    /// `leave_room`: hear no more of it.
    Leave,
    /// `handover_request`: the customer wants a person.
    RequestHandover,
    /// `handover_accept`: an agent takes charge.
    AcceptHandover,
    /// `handover_release`: an agent gives it back to the assistant.
    ReleaseHandover,
    /// `close_room`: the conversation is over.
    Close,
}

/// The names of events; whoever emits another is told them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventName {
    JoinRoom,
    SendMessage,
    Typing,
    RateRoom,
    HandoverRequest,
    HandoverAccept,
    HandoverRelease,
    CloseRoom,
    LeaveRoom,
}

/// A client's event.
#[derive(Debug)]
pub(super) enum EventIn {
    /// Hear a room.
    Join(JoinIn),
    /// Say something in a room.
    Message(MessageIn),
    /// Type in a room.
    Typing(TypingIn),
    /// Rate a room.
    Rating(RatingIn),
    /// Do something with a room.
    Room(RoomAct, RoomIn),
}

impl EventIn {
    /// Reads an event.
    ///
    /// # Errors
    /// What is wrong with it, naming the field.
    pub(super) fn parse(event: &str, data: Value) -> Result<Self, String> {
        let name = EventName::deserialize(event.into_deserializer());
        let act = match name.map_err(|error: ValueError| format!("event: {error}"))? {
            EventName::JoinRoom => return read(data).map(Self::Join),
            EventName::SendMessage => return read(data).map(Self::Message),
            EventName::Typing => return read(data).map(Self::Typing),
            EventName::RateRoom => return read(data).map(Self::Rating),
            EventName::HandoverRequest => RoomAct::RequestHandover,
            EventName::HandoverAccept => RoomAct::AcceptHandover,
            EventName::HandoverRelease => RoomAct::ReleaseHandover,
            EventName::CloseRoom => RoomAct::Close,
            EventName::LeaveRoom => RoomAct::Leave,
        };
        read(data).map(|room| Self::Room(act, room))
    }

    /// Bytes it takes while it waits, roughly.
    pub(super) fn weight(&self) -> usize {
        let texts = match self {
            Self::Join(JoinIn { room, .. })
            | Self::Typing(TypingIn { room, .. })
            | Self::Room(_, RoomIn { room }) => room.len(),
            Self::Message(message) => {
                message.room.len() + message.message.len() + message.id.as_ref().map_or(0, String::len)
            }
            Self::Rating(rating) => rating.room.len() + rating.comment.as_ref().map_or(0, String::len),
        };
        texts.saturating_add(FRAME_BYTES)
    }
}

fn read<T: DeserializeOwned>(data: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(data).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_samples_of_the_family_are_understood() {
        let join = EventIn::parse(
            "join_room",
            json!({"room": "r", "user": "u", "user_type": "admin"}),
        );
        assert!(matches!(
            join,
            Ok(EventIn::Join(JoinIn {
                user_type: Some(UserType::Admin),
                last_sequence: None,
                ..
            }))
        ));
        let data = json!({"room": "r", "message": "m", "user_type": "customer", "timestamp": "2026-01-01T00:00:00.000Z"});
        assert!(matches!(
            EventIn::parse("send_message", data),
            Ok(EventIn::Message(_))
        ));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |event: &str, data: Value| EventIn::parse(event, data).unwrap_err();
        assert!(wrong("join_room", json!({})).contains("room"));
        assert!(wrong("join_room", json!({"room": "r", "user_type": "owner"})).contains("user_type"));
        assert!(wrong("join_room", json!({"room": "r", "lastSequence": -1})).contains("lastSequence"));
        assert!(wrong("typing", json!({"room": "r", "isTyping": "yes"})).contains("isTyping"));
        assert!(wrong("no_such_event", json!({})).contains("event"));
        assert!(!wrong("send_message", json!("text")).is_empty());
    }
}
