//! What clients may send, one JSON object a frame.

use serde::Deserialize;
use switchboard_domain::conversation::Rating;

use crate::socket::talk::act::Act;

/// A client's frame.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FrameIn {
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

impl From<FrameIn> for Act {
    fn from(frame: FrameIn) -> Self {
        match frame {
            FrameIn::Message { content } => Self::Say(content),
            FrameIn::Typing { is_typing } => Self::Type(is_typing),
            FrameIn::HandoverRequest => Self::RequestHandover,
            FrameIn::HandoverAccept => Self::Accept,
            FrameIn::HandoverRelease => Self::Release,
            FrameIn::Close => Self::Close,
            FrameIn::Rating { rating, comment } => Self::Rate(Rating {
                stars: rating,
                comment,
            }),
        }
    }
}
