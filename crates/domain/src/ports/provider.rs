//! The port of a paid AI outside: what it understood, answered, embedded or heard, each with what it has used.
//!
//! The core never relies on it: whatever fails here is done by the embedded [`super::assistant::Assistant`] instead.

use std::fmt;

use super::BoxFuture;
use super::assistant::{Answer, AnswerRequest, AssistantError};
use crate::analysis::Analysis;
use crate::audio::AudioFormat;
use crate::price::Usage;
use crate::vector::Embedding;

/// How a call went, and what it has used, which is owed even when its result is worthless.
#[derive(Debug, Clone)]
pub struct Called<T> {
    /// What came of it.
    pub result: Result<T, AssistantError>,
    /// Tokens or seconds, as the provider reports them.
    pub usage: Usage,
}

/// What a provider understood of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The analysis; `language_known` is true, a provider answers in most languages.
    pub analysis: Analysis,
    /// The message's language as a BCP 47 tag; empty: it could not tell.
    pub language: String,
}

/// A paid AI behind the hub.
pub trait Provider: Send + Sync + fmt::Debug {
    /// Names the model that answers.
    fn model(&self) -> &str;

    /// Names the embedding model; none: it embeds nothing, the embedded model does.
    fn embedding_model(&self) -> Option<&str>;

    /// Whether it hears recordings.
    fn transcribes(&self) -> bool;

    /// The most that analysing `request.question` and answering the request can use.
    fn turn_bound(&self, request: &AnswerRequest) -> Usage;

    /// The most that embedding these texts can use.
    fn embed_bound(&self, texts: &[String]) -> Usage;

    /// The most that hearing a recording of so many bytes can use.
    fn audio_bound(&self, bytes: usize) -> Usage;

    /// Intent, confidence, entities, sentiment and language.
    fn analyze(&self, text: String) -> BoxFuture<'_, Called<Understood>>;

    /// An answer from the request's sources alone; none when they do not answer the question.
    fn answer(&self, request: AnswerRequest) -> BoxFuture<'_, Called<Option<Answer>>>;

    /// One unit vector for each text, in the same order.
    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Called<Vec<Embedding>>>;

    /// The words of a recording.
    fn transcribe(&self, audio: Vec<u8>, format: AudioFormat) -> BoxFuture<'_, Called<String>>;
}
