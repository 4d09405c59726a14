//! What clients of `/ws` may send, one JSON object a frame.

use serde::Deserialize;
use switchboard_domain::conversation::Rating;

use crate::socket::talk::act::Act;

/// A client's frame.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FrameIn {
    /// A message.
    Text {
        /// Its words.
        text: String,
    },
    /// A recording.
    Audio {
        /// Base64 of the file.
        audio: String,
        /// What kind of file (`mp3`, `wav`, …).
        format: String,
    },
    /// The customer wants a person.
    HandoverRequest,
    /// Somebody types, or has stopped.
    Typing {
        /// Which.
        #[serde(rename = "isTyping")]
        is_typing: bool,
    },
    /// An agent takes charge; of the session it has joined, or of one it was offered.
    HandoverAccept {
        /// The offered session, for an agent who has joined none.
        #[serde(rename = "sessionId", default)]
        session_id: Option<String>,
    },
    /// An agent gives the session back to the assistant.
    HandoverRelease,
    /// The session is over.
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
            FrameIn::Text { text } => Self::Say(text),
            FrameIn::Audio { audio, format } => Self::Record { audio, format },
            FrameIn::HandoverRequest => Self::RequestHandover,
            FrameIn::Typing { is_typing } => Self::Type(is_typing),
            FrameIn::HandoverAccept { .. } => Self::Accept,
            FrameIn::HandoverRelease => Self::Release,
            FrameIn::Close => Self::Close,
            FrameIn::Rating { rating, comment } => Self::Rate(Rating {
                stars: rating,
                comment,
            }),
        }
    }
}
