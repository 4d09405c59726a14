//! What an organization has decided about its assistant.

use serde::{Deserialize, Serialize};

use crate::analysis::Confidence;
use crate::topics::words;

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

    /// The style a free word for a tone comes closest to; `None` for a word that names none of them.
    pub fn of_tone(tone: &str) -> Option<Self> {
        const TONES: [(ResponseStyle, &[&str]); 3] = [
            (
                ResponseStyle::Formal,
                &[
                    "formal",
                    "professional",
                    "polite",
                    "businesslike",
                    "business",
                    "serious",
                ],
            ),
            (
                ResponseStyle::Concise,
                &["concise", "brief", "short", "terse", "direct"],
            ),
            (
                ResponseStyle::Friendly,
                &["friendly", "warm", "casual", "empathetic", "cheerful", "informal"],
            ),
        ];
        let said = words(tone);
        said.iter().find_map(|word| {
            TONES
                .iter()
                .find(|(_, names)| names.contains(&word.as_str()))
                .map(|(style, _)| *style)
        })
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
    /// What a generating model is told about its part, before everything else; empty: nothing.
    pub prompt: String,
    /// The tone in a free word ("professional"); empty: the one of `style`. See [`Self::follow`].
    pub tone: String,
    /// The language answers are in, as a BCP 47 tag; empty: the customer's.
    pub language: String,
    /// Nothing is answered on these; such questions go to an agent.
    pub prohibited_topics: Vec<String>,
}

/// How an answer is to be put, and what it must leave alone: what a generating model is told of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guidance {
    /// The organization's own words about the assistant's part; may be empty.
    pub prompt: String,
    /// The tone, one word; never empty.
    pub tone: String,
    /// A BCP 47 tag; empty: the customer's language.
    pub language: String,
    /// Topics that are not answered.
    pub prohibited_topics: Vec<String>,
}

impl AssistantSettings {
    /// Tone and style say the same thing in two ways: whichever of them has changed since `before` decides both.
    #[must_use]
    pub fn follow(mut self, before: &Self) -> Self {
        if self.tone != before.tone {
            self.style = ResponseStyle::of_tone(&self.tone).unwrap_or(self.style);
        } else if self.style != before.style {
            self.tone.clear();
        }
        self
    }

    /// What a generating model is told.
    pub fn guidance(&self) -> Guidance {
        let tone = match self.tone.trim() {
            "" => self.style.as_str(),
            tone => tone,
        };
        Guidance {
            prompt: self.prompt.clone(),
            tone: tone.to_owned(),
            language: self.language.clone(),
            prohibited_topics: self.prohibited_topics.clone(),
        }
    }
}

/// The primary subtag of a BCP 47 tag, in lower case: the language without script and region.
pub fn primary_language(tag: &str) -> String {
    let primary = tag.split('-').next().unwrap_or_default();
    primary.trim().to_ascii_lowercase()
}

/// Whether `tag` has the form of a BCP 47 tag (RFC 5646, 2.1): a language of 2 to 8 letters and subtags behind hyphens.
pub fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let is_language = |language: &str| {
        (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.len() <= LONGEST_LANGUAGE_TAG && subtags.next().is_some_and(is_language) && subtags.all(is_subtag)
}

/// Characters of the longest language tag that is taken.
const LONGEST_LANGUAGE_TAG: usize = 35;
/// Characters of the longest prompt.
pub const MAX_PROMPT_CHARACTERS: usize = 4_000;
/// Characters of the longest tone.
pub const MAX_TONE_CHARACTERS: usize = 50;
/// Most prohibited topics.
pub const MAX_PROHIBITED_TOPICS: usize = 50;
/// Characters of the longest prohibited topic.
pub const MAX_TOPIC_CHARACTERS: usize = 100;

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
            prompt: String::new(),
            tone: String::new(),
            language: String::new(),
            prohibited_topics: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(style: ResponseStyle, tone: &str) -> AssistantSettings {
        AssistantSettings {
            style,
            tone: tone.to_owned(),
            ..AssistantSettings::default()
        }
    }

    #[test]
    fn tone_and_style_follow_whichever_was_changed_last() {
        let friendly = settings(ResponseStyle::Friendly, "");
        let formal = settings(ResponseStyle::Friendly, "Professional, but kind").follow(&friendly);
        assert_eq!(formal.style, ResponseStyle::Formal);
        assert_eq!(formal.guidance().tone, "Professional, but kind");
        let concise = settings(ResponseStyle::Concise, &formal.tone).follow(&formal);
        assert_eq!(
            (concise.style, concise.tone.as_str()),
            (ResponseStyle::Concise, "")
        );
        assert_eq!(concise.guidance().tone, "concise");
        let odd = settings(ResponseStyle::Concise, "piratical").follow(&concise);
        assert_eq!(
            (odd.style, odd.tone.as_str()),
            (ResponseStyle::Concise, "piratical")
        );
    }

    #[test]
    fn a_language_tag_is_told_from_other_words() {
        for tag in ["en", "en-GB", "zh-Hant-TW", "de-CH-1901", "fil"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for other in [
            "",
            "e",
            "english please",
            "en_GB",
            "en-",
            "-en",
            "12",
            "en-toolongsubtag",
        ] {
            assert!(!is_language_tag(other), "{other}");
        }
        assert_eq!(primary_language("EN-gb"), "en");
    }
}
