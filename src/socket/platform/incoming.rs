//! What clients of `/ws` may send, one JSON object a frame.

use serde::Deserialize;
use serde_json::Value;

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

/// A frame that could be read as far as its `id`.
pub(super) struct Parsed {
    /// The client's id for the frame, which its answer carries.
    pub(super) id: Option<String>,
    /// The frame, or what is wrong with it.
    pub(super) frame: Result<FrameIn, String>,
}

impl Parsed {
    /// Reads a text frame; never fails, so that the error can carry the frame's `id`.
    pub(super) fn of(text: &str) -> Self {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                return Self {
                    id: None,
                    frame: Err(format!("not JSON: {error}")),
                };
            }
        };
        let id = match value.get("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => {
                return Self {
                    id: None,
                    frame: Err("id: must be a string".to_owned()),
                };
            }
        };
        let frame = FrameIn::deserialize(value).map_err(|error| error.to_string());
        Self { id, frame }
    }
}
