//! `[ai]`: who answers, how sure it has to be, and how much of it at once.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::{Secret, millis, optional, seconds, secret};

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The model in the binary: no key, no network.
    Embedded,
    /// An OpenAI-compatible service.
    Openai,
}

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ai {
    /// Who answers.
    pub provider: Provider,
    /// Where the service is.
    pub base_url: String,
    /// The key for it.
    #[serde(deserialize_with = "secret")]
    pub api_key: Option<Secret>,
    /// Its model for analysis and answers.
    pub model: String,
    /// Its model for embeddings; `None`: the embedded one.
    #[serde(deserialize_with = "optional")]
    pub embedding_model: Option<String>,
    /// Its model for transcription; `None`: recordings go to an agent.
    #[serde(deserialize_with = "optional")]
    pub transcription_model: Option<String>,
    /// Least confidence for an answer, 0.0 to 1.0.
    pub answer_threshold: f32,
    /// Least confidence for a clarifying question, 0.0 to 1.0.
    pub clarify_threshold: f32,
    /// Least confidence for an answer, by the cosines of `embedding_model`.
    pub embedding_answer_threshold: f32,
    /// Least confidence for a clarifying question, by the cosines of `embedding_model`.
    pub embedding_clarify_threshold: f32,
    /// Time to wait for more of a burst.
    #[serde(rename = "debounce_ms", deserialize_with = "millis")]
    pub debounce: Duration,
    /// Time an answer may take.
    #[serde(rename = "timeout_seconds", deserialize_with = "seconds")]
    pub timeout: Duration,
    /// Answers in the making at once.
    pub workers: usize,
    /// Conversations that may wait for an answer.
    pub queue: usize,
}

impl Ai {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        self.validate_thresholds()?;
        self.validate_provider()?;
        require(
            !self.timeout.is_zero(),
            "timeout_seconds",
            "a whole number above zero",
        )?;
        require(
            (1..=64).contains(&self.workers),
            "workers",
            "a whole number from 1 to 64",
        )?;
        require(self.queue > 0, "queue", "a whole number above zero")
    }

    fn validate_thresholds(&self) -> Result<(), Invalid> {
        let share = 0.0..=1.0;
        for (key, threshold) in [
            ("answer_threshold", self.answer_threshold),
            ("clarify_threshold", self.clarify_threshold),
            ("embedding_answer_threshold", self.embedding_answer_threshold),
            ("embedding_clarify_threshold", self.embedding_clarify_threshold),
        ] {
            require(share.contains(&threshold), key, "a number from 0.0 to 1.0")?;
        }
        require(
            self.clarify_threshold <= self.answer_threshold,
            "clarify_threshold",
            "a number not above ai.answer_threshold",
        )?;
        require(
            self.embedding_clarify_threshold <= self.embedding_answer_threshold,
            "embedding_clarify_threshold",
            "a number not above ai.embedding_answer_threshold",
        )
    }

    /// A service without a key is one in the own network; it is asked without credentials then.
    fn validate_provider(&self) -> Result<(), Invalid> {
        let url = reqwest::Url::parse(&self.base_url);
        let is_http = url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        require(is_http, "base_url", "an address like https://api.openai.com/v1")?;
        require(!self.model.trim().is_empty(), "model", "the name of a model")
    }
}
