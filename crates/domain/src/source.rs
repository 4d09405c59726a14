//! Where an answer comes from: a FAQ or a passage of the company's knowledge, found for one question.

use serde::{Deserialize, Serialize};

use crate::analysis::Confidence;

/// What kind of record a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A question with its answer.
    Faq,
    /// A passage of a knowledge article.
    KnowledgeBase,
}

impl SourceKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faq => "faq",
            Self::KnowledgeBase => "knowledge_base",
        }
    }
}

/// One retrieved source with its relevance to the question it was retrieved for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its kind.
    pub kind: SourceKind,
    /// The id of the FAQ or knowledge record.
    pub id: String,
    /// The FAQ's question or the article's title.
    pub title: String,
    /// The words that answer, verbatim.
    pub text: String,
    /// Where the customer can read more.
    pub url: Option<String>,
    /// Similarity to the question.
    pub relevance: Confidence,
}
