//! The assistant's port: understanding a message, answering from given sources, embedding text, hearing audio.
//!
//! The decision what to do with an answer (send, ask back, hand over) is not the provider's: see [`crate::decision`].

use std::fmt;

use super::BoxFuture;
use crate::analysis::{Analysis, Entity};
use crate::settings::Guidance;
use crate::source::Source;
use crate::vector::Embedding;

/// What a provider is and can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// Names the embedding model; vectors of two different ids are never compared.
    pub id: String,
    /// Length of its vectors.
    pub dimensions: usize,
    /// `false` for the embedded default, which costs nothing and needs no network.
    pub remote: bool,
}

/// One earlier exchange, oldest first, as the provider may use it for context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastMessage {
    /// `true` for the customer's words, `false` for the assistant's or an agent's.
    pub from_customer: bool,
    /// The text as it was sent.
    pub text: String,
}

/// What the provider answers from. It must not use anything else as a fact.
#[derive(Debug, Clone)]
pub struct AnswerRequest {
    /// The customer's question, possibly several short messages joined by newlines.
    pub question: String,
    /// Earlier messages of the same conversation.
    pub history: Vec<PastMessage>,
    /// What is remembered of this customer, a line each, most important first; may be empty. For the tone and what the
    /// customer refers to, not a source of facts about the company.
    pub memories: Vec<String>,
    /// Retrieved sources, best first; never empty.
    pub sources: Vec<Source>,
    /// Longest answer wanted, characters.
    pub max_characters: usize,
    /// How to put it, and what to leave alone. What only quotes its sources obeys the length alone.
    pub guidance: Guidance,
}

/// A provider's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Plain text, never markup to be trusted.
    pub text: String,
    /// The sources it used, a subset of those given, best first.
    pub sources: Vec<Source>,
    /// Tokens billed; 0 for the embedded model.
    pub tokens: u32,
}

/// What can go wrong with a provider. Every kind ends in the fallback, none loses the customer's message.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AssistantError {
    /// More work is queued than the provider's pool takes.
    #[error("the assistant has too much to do")]
    Overloaded,
    /// The provider lacks this capability.
    #[error("the assistant's provider cannot {0}")]
    Unsupported(&'static str),
    /// It failed; the text is for the log.
    #[error("the assistant failed: {0}")]
    Failed(String),
}

/// An AI behind the hub.
pub trait Assistant: Send + Sync + fmt::Debug {
    /// The embedding model in use.
    fn model(&self) -> &ModelInfo;

    /// Whether it can answer in the language of that BCP 47 tag.
    fn speaks(&self, language: &str) -> bool;

    /// What a text names, by its words alone.
    fn entities(&self, text: &str) -> Vec<Entity>;

    /// Intent, confidence, entities, sentiment and whether the language is one the model knows.
    fn analyze(&self, text: String) -> BoxFuture<'_, Result<Analysis, AssistantError>>;

    /// One unit vector for each text, in the same order.
    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Embedding>, AssistantError>>;

    /// An answer grounded in the request's sources.
    fn answer(&self, request: AnswerRequest) -> BoxFuture<'_, Result<Answer, AssistantError>>;

    /// The words of a recording. Providers without this capability answer [`AssistantError::Unsupported`].
    fn transcribe(&self, audio: Vec<u8>, format: String) -> BoxFuture<'_, Result<String, AssistantError>>;
}
