//! What the assistant answers from: FAQs and passages of knowledge articles, with their vectors.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::analysis::Confidence;
use crate::id::{FaqId, OrganizationId, PassageId};
use crate::source::{Source, SourceKind};
use crate::time::Timestamp;
use crate::vector::PackedVector;

/// A frequently asked question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faq {
    /// Its id.
    pub id: FaqId,
    /// Counted up per organization, for families with integer ids.
    pub number: u64,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The question as customers ask it.
    pub question: String,
    /// The answer, sent verbatim.
    pub answer: String,
    /// A word to group by.
    pub category: String,
    /// Other ways to ask the same.
    pub variants: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A piece of knowledge, short enough to be an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Its id.
    pub id: PassageId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The article's title; may be empty.
    pub title: String,
    /// The words, sent verbatim.
    pub text: String,
    /// Where it was taken from, as the caller said (`knowledge_base`, …).
    pub source: String,
    /// The caller's id for the article.
    pub source_id: Option<String>,
    /// Where the customer can read more.
    pub url: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// One thing the assistant can answer with, and the vectors it is found by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexedSource {
    /// What kind of record it is.
    pub kind: SourceKind,
    /// The record's id.
    pub id: String,
    /// The FAQ's question or the article's title.
    pub title: String,
    /// The words that answer.
    pub text: String,
    /// Where the customer can read more.
    pub url: Option<String>,
    /// The embedding model; vectors of another model are skipped until they are made anew.
    pub model: String,
    /// The question, each variant, and question with answer; or title with text.
    pub vectors: Vec<PackedVector>,
    /// The same texts by another model, so that either of the two can search.
    pub others: Vec<ModelVectors>,
}

/// Vectors by one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelVectors {
    /// The embedding model.
    pub model: String,
    /// One for each text.
    pub vectors: Vec<PackedVector>,
}

impl IndexedSource {
    /// Its vectors by this model; none when the model has not read it.
    pub fn vectors_by(&self, model: &str) -> Option<&[PackedVector]> {
        if self.model == model {
            return Some(&self.vectors);
        }
        let other = self.others.iter().find(|other| other.model == model);
        other.map(|other| other.vectors.as_slice())
    }

    /// The best cosine of any of its vectors by this model to the question, which is by the same model.
    fn relevance(&self, model: &str, question: &PackedVector) -> Option<Confidence> {
        let best = self
            .vectors_by(model)?
            .iter()
            .map(|vector| vector.cosine(question))
            .fold(0.0_f32, f32::max);
        Some(Confidence::clamped(best))
    }

    /// This source as found for a question.
    pub fn found(&self, relevance: Confidence) -> Source {
        Source {
            kind: self.kind,
            id: self.id.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            url: self.url.clone(),
            relevance,
        }
    }
}

/// The `limit` sources nearest to the question, best first; sources of another model are left out.
pub fn nearest(
    sources: &[Arc<IndexedSource>],
    model: &str,
    question: &PackedVector,
    limit: usize,
) -> Vec<Source> {
    let mut scored: Vec<_> = sources
        .iter()
        .filter_map(|source| Some((source.relevance(model, question)?, source)))
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.value().total_cmp(&a.value()));
    scored
        .into_iter()
        .take(limit)
        .map(|(relevance, source)| source.found(relevance))
        .collect()
}
