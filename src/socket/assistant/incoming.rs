//! What clients may send, one JSON object a frame.

use serde::Deserialize;
use switchboard_domain::conversation::Rating;

use crate::socket::talk::act::Act;

/// A client's frame.
#[derive(Debug, Deserialize)]
pub(super) struct FrameIn {
    /// The number of the conversation it is about.
    #[serde(default)]
    pub(super) conversation_id: Option<u64>,
    /// What it is.
    #[serde(flatten)]
    pub(super) kind: Kind,
}

/// What a frame asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Kind {
    /// A message.
    Message {
        /// Its words.
        content: String,
    },
    /// Somebody types, or has stopped.
    Typing {
        /// Which.
        #[serde(rename = "isTyping")]
        is_typing: bool,
    },
    /// The customer wants a person.
    HandoverRequest,
    /// An agent takes charge.
    HandoverAccept,
    /// An agent gives the conversation back to the assistant.
    HandoverRelease,
    /// The conversation is over.
    Close,
    /// The customer's satisfaction.
    Rating {
        /// 1 to 5.
        rating: u8,
        /// In words.
        #[serde(default)]
        comment: Option<String>,
    },
}

impl From<Kind> for Act {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Message { content } => Self::Say(content),
            Kind::Typing { is_typing } => Self::Type(is_typing),
            Kind::HandoverRequest => Self::RequestHandover,
            Kind::HandoverAccept => Self::Accept,
            Kind::HandoverRelease => Self::Release,
            Kind::Close => Self::Close,
            Kind::Rating { rating, comment } => Self::Rate(Rating {
                stars: rating,
                comment,
            }),
        }
    }
}
