//! The answer cache: what the assistant has said to a question before, for whoever asks the same again.
//!
//! One for each organization, in memory, bounded. Callers: the assistant's turn, and the hub's cache calls. Invariants:
//! an entry is found only under the language, model and state of the knowledge it was made with; nothing that failed,
//! was handed over, names somebody's data or hangs on what was said before is ever put in (see [`is_general`]).

use std::collections::VecDeque;

use parking_lot::Mutex;
use switchboard_domain::agreement::agree;
use switchboard_domain::analysis::Entity;
use switchboard_domain::customer::Channel;
use switchboard_domain::source::Source;
use switchboard_domain::vector::PackedVector;

/// Least cosine of two questions that are the same, by the embedded model.
///
/// Measured on the sample shop (`crates/assistant/tests/likeness.rs`): of 13,648 pairs of its different questions the
/// nearest lies at 0.856; what comes nearer elsewhere, [`agree`] tells apart by its words.
pub const LIKENESS: f32 = 0.9;
/// Most entries of one organization; the one least recently used goes first.
pub const MAX_ENTRIES: usize = 1_000;

/// What an entry was made with, all of which must be the same to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The language answers are in.
    pub language: String,
    /// The model that answers.
    pub model: String,
    /// The state of knowledge and settings, as [`AnswerCache::version`] tells it.
    pub version: u64,
}

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAnswer {
    /// Its words.
    pub text: String,
    /// What it was made from.
    pub sources: Vec<Source>,
}

#[derive(Debug)]
struct Entry {
    circumstances: Circumstances,
    question: String,
    vector: PackedVector,
    answer: KeptAnswer,
    channel: Channel,
    hits: u64,
}

/// The answers of one organization.
#[derive(Debug, Default)]
pub struct AnswerCache {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    version: u64,
    /// Least recently used first.
    entries: VecDeque<Entry>,
}

/// A question that was asked again and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopQuery {
    /// As it was asked first.
    pub query: String,
    /// How often since.
    pub hits: u64,
}

impl AnswerCache {
    /// Counts the changes of knowledge and settings. Read it before the sources are read.
    pub fn version(&self) -> u64 {
        self.inner.lock().version
    }

    /// Knowledge or settings have changed: no answer stands any more, nor one that is in the making.
    pub fn invalidate(&self) {
        let mut inner = self.inner.lock();
        inner.version += 1;
        inner.entries.clear();
    }

    /// Forgets every answer; returns how many there were.
    pub fn clear(&self) -> usize {
        std::mem::take(&mut self.inner.lock().entries).len()
    }

    /// The answer given to this question before, if it was asked.
    pub fn find(
        &self,
        circumstances: &Circumstances,
        question: &str,
        vector: &PackedVector,
    ) -> Option<KeptAnswer> {
        let mut inner = self.inner.lock();
        let (place, entry, _) = inner
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.circumstances == *circumstances)
            .map(|(place, entry)| (place, entry, entry.vector.cosine(vector)))
            .filter(|(.., likeness)| *likeness >= LIKENESS)
            .max_by(|(.., a), (.., b)| a.total_cmp(b))?;
        if !agree(&entry.question, question) {
            return None;
        }
        let mut entry = inner.entries.remove(place)?;
        entry.hits += 1;
        let answer = entry.answer.clone();
        inner.entries.push_back(entry);
        Some(answer)
    }

    /// Keeps an answer, unless knowledge or settings have changed since it was begun.
    pub fn keep(
        &self,
        circumstances: Circumstances,
        question: &str,
        vector: PackedVector,
        answer: KeptAnswer,
        channel: Channel,
    ) {
        let mut inner = self.inner.lock();
        if circumstances.version != inner.version {
            return;
        }
        inner
            .entries
            .retain(|entry| entry.circumstances != circumstances || entry.question != question);
        if inner.entries.len() >= MAX_ENTRIES {
            inner.entries.pop_front();
        }
        inner.entries.push_back(Entry {
            circumstances,
            question: question.to_owned(),
            vector,
            answer,
            channel,
            hits: 0,
        });
    }

    /// How many answers are kept, first given on this channel, or on all.
    pub fn count(&self, channel: Option<Channel>) -> usize {
        let inner = self.inner.lock();
        let of_channel = inner
            .entries
            .iter()
            .filter(|entry| channel.is_none_or(|channel| entry.channel == channel));
        of_channel.count()
    }

    /// The questions asked again most often, at most `limit`.
    pub fn top(&self, limit: usize) -> Vec<TopQuery> {
        let inner = self.inner.lock();
        let mut top: Vec<_> = inner
            .entries
            .iter()
            .filter(|entry| entry.hits > 0)
            .map(|entry| TopQuery {
                query: entry.question.clone(),
                hits: entry.hits,
            })
            .collect();
        top.sort_by_key(|query| std::cmp::Reverse(query.hits));
        top.truncate(limit);
        top
    }
}

/// Whether an answer may be given to anybody who asks the same: neither question nor answer names an entity, unless it
/// is one that the sources themselves name.
pub fn is_general(in_question: &[Entity], in_answer: &[Entity], sources: &[Source]) -> bool {
    let is_public = |entity: &Entity| sources.iter().any(|source| source.text.contains(&entity.value));
    in_question.is_empty() && in_answer.iter().all(is_public)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::analysis::{Confidence, EntityKind};
    use switchboard_domain::source::SourceKind;
    use switchboard_domain::vector::Embedding;

    use super::*;

    fn here() -> Circumstances {
        Circumstances {
            language: "en".to_owned(),
            model: "m".to_owned(),
            version: 0,
        }
    }

    fn vector(x: f32, y: f32) -> PackedVector {
        PackedVector::pack(&Embedding::from_raw(vec![x, y]))
    }

    fn answer(text: &str) -> KeptAnswer {
        KeptAnswer {
            text: text.to_owned(),
            sources: Vec::new(),
        }
    }

    fn kept(question: &str) -> AnswerCache {
        let cache = AnswerCache::default();
        cache.keep(here(), question, vector(1.0, 0.0), answer("yes"), Channel::Web);
        cache
    }

    #[test]
    fn the_same_question_is_found_and_counted() {
        let cache = kept("Do you ship to Norway?");
        let found = cache.find(&here(), "do you ship to norway", &vector(1.0, 0.1));
        assert_eq!(found, Some(answer("yes")));
        assert_eq!(cache.top(5)[0].hits, 1);
        assert_eq!((cache.count(None), cache.count(Some(Channel::Email))), (1, 0));
    }

    #[test]
    fn other_words_other_circumstances_or_another_direction_find_nothing_and_lose_nothing() {
        let cache = kept("Do you ship to Norway?");
        let near = vector(1.0, 0.1);
        assert_eq!(cache.find(&here(), "Do you ship to Sweden?", &near), None);
        let asked = "Do you ship to Norway?";
        assert_eq!(cache.find(&here(), asked, &vector(0.0, 1.0)), None);
        for other in [
            Circumstances {
                language: "de".to_owned(),
                ..here()
            },
            Circumstances {
                model: "n".to_owned(),
                ..here()
            },
            Circumstances { version: 1, ..here() },
        ] {
            assert_eq!(cache.find(&other, asked, &near), None);
        }
        assert!(cache.find(&here(), asked, &near).is_some());
    }

    #[test]
    fn a_change_of_knowledge_forgets_everything_even_what_is_in_the_making() {
        let cache = kept("Do you ship to Norway?");
        cache.invalidate();
        assert_eq!(cache.count(None), 0);
        cache.keep(here(), "late", vector(1.0, 0.0), answer("old"), Channel::Web);
        assert_eq!(cache.count(None), 0);
    }

    #[test]
    fn there_are_never_more_entries_than_allowed() {
        let cache = AnswerCache::default();
        for number in 0..MAX_ENTRIES + 10 {
            let question = format!("question {number}");
            cache.keep(here(), &question, vector(1.0, 0.0), answer("a"), Channel::Web);
        }
        assert_eq!(cache.count(None), MAX_ENTRIES);
    }

    #[test]
    fn what_names_somebodys_data_is_not_general() {
        let entity = |value: &str| Entity {
            kind: EntityKind::Email,
            value: value.to_owned(),
        };
        let source = Source {
            kind: SourceKind::Faq,
            id: "f".to_owned(),
            title: "t".to_owned(),
            text: "Write to help@shop.example.".to_owned(),
            url: None,
            relevance: Confidence::ZERO,
        };
        let sources = [source];
        assert!(is_general(&[], &[entity("help@shop.example")], &sources));
        assert!(!is_general(&[], &[entity("anna@example.com")], &sources));
        assert!(!is_general(&[entity("help@shop.example")], &[], &sources));
    }
}
