//! What an organization has decided about its assistant.

use serde::{Deserialize, Serialize};

use crate::analysis::Confidence;

/// The tone of the assistant's own phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseStyle {
    /// Warm.
    #[default]
    Friendly,
    /// Polite and brief.
    Formal,
    /// As few words as possible.
    Concise,
}

impl ResponseStyle {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Friendly => "friendly",
            Self::Formal => "formal",
            Self::Concise => "concise",
        }
    }

    /// The style of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Friendly, Self::Formal, Self::Concise]
            .into_iter()
            .find(|style| style.as_str() == name)
    }
}

/// The settings of `…/system-config`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssistantSettings {
    /// Without it nothing is answered, sent or stored in the assistant's name.
    pub auto_reply_enabled: bool,
    /// Longest answer, characters.
    pub max_response_length: u32,
    /// Least confidence at which an answer is sent.
    pub confidence_threshold: Confidence,
    /// The tone of the assistant's own phrases.
    pub style: ResponseStyle,
    /// Complaints go to an agent at once.
    pub complaints_to_agent: bool,
    /// Said when an agent is asked for.
    pub handover_message: String,
    /// Said when the assistant cannot answer.
    pub fallback_message: String,
}

/// The bounds of [`AssistantSettings::max_response_length`], characters.
pub const RESPONSE_LENGTH: std::ops::RangeInclusive<u32> = 20..=8_000;

impl Default for AssistantSettings {
    fn default() -> Self {
        Self {
            auto_reply_enabled: true,
            max_response_length: 500,
            confidence_threshold: Confidence::clamped(0.7),
            style: ResponseStyle::Friendly,
            complaints_to_agent: true,
            handover_message: "Connecting you with a human agent...".to_owned(),
            fallback_message: "I am not sure about that one, so I am asking a colleague to help you."
                .to_owned(),
        }
    }
}
