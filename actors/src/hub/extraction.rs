//! FAQs that could be written, from what customers have asked of late.
//!
//! Looked at are the newest questions of the last thirty days, at most a thousand in different words, since each has to
//! be embedded. Left out is what a FAQ answers already, what is no question (greetings, thanks), and what names
//! somebody's data (an order, an address). Candidates are told, not stored: an agent's answer may not be meant for all.

use std::collections::HashMap;

use switchboard_domain::analysis::{Analysis, Intent};
use switchboard_domain::extraction::{Asked, Candidate, candidates};
use switchboard_domain::message::{Author, Message};
use switchboard_domain::scope::Scope;
use switchboard_domain::source::SourceKind;

use super::analytics::Span;
use super::{Hub, staff_only};
use crate::error::HubError;

/// Days looked back.
const DAYS: u64 = 30;
/// Questions in different words that are looked at.
const QUESTIONS: usize = 1_000;
/// Messages of one conversation that are looked at.
const MESSAGES: usize = 200;
/// The longest message that is taken for a question, characters.
const MAX_QUESTION_CHARACTERS: usize = 300;

/// One wording: how often it was asked, and what was answered last.
struct Wording {
    question: String,
    count: u64,
    answer: Option<String>,
}

impl Hub {
    /// What was asked at least `least` times and no FAQ answers, most frequent first, at most `most`. Staff and services.
    pub async fn extract_faqs(
        &self,
        scope: &Scope,
        least: u64,
        most: usize,
    ) -> Result<Vec<Candidate>, HubError> {
        staff_only(scope)?;
        let mut wordings = self.recent_questions(scope)?;
        wordings.sort_by_key(|wording| std::cmp::Reverse(wording.count));
        wordings.truncate(QUESTIONS);
        let texts = wordings.iter().map(|wording| wording.question.clone()).collect();
        let vectors = self.services.ports.assistant.embed(texts).await?;
        let asked: Vec<_> = wordings
            .into_iter()
            .zip(vectors)
            .map(|(wording, vector)| Asked {
                question: wording.question,
                vector,
                count: wording.count,
                answer: wording.answer,
            })
            .collect();
        Ok(candidates(&asked, least, most))
    }

    fn recent_questions(&self, scope: &Scope) -> Result<Vec<Wording>, HubError> {
        let span = Span::last_days(self.services.now(), DAYS);
        let records = self.services.records();
        let mut found: HashMap<String, Wording> = HashMap::new();
        for conversation in self.list_active_conversations(scope, span)?.into_iter().rev() {
            let newest = records.list_latest_messages(
                scope.organization,
                conversation.id,
                conversation.last_sequence,
                MESSAGES,
            )?;
            let messages: Vec<_> = newest.iter().rev().map(AsRef::as_ref).collect();
            for (question, answer) in exchanges(&messages) {
                note(&mut found, question, answer);
            }
            if found.len() >= QUESTIONS {
                break;
            }
        }
        Ok(found.into_values().collect())
    }
}

/// The questions of a conversation, each with what was answered next; those that a FAQ answered are left out.
fn exchanges<'a>(messages: &'a [&'a Message]) -> Vec<(&'a str, Option<&'a str>)> {
    let mut found = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        if !is_question(message) {
            continue;
        }
        let later = messages.get(place + 1..).unwrap_or_default();
        let answer = later.iter().find(|message| message.author != Author::Customer);
        if answer.is_some_and(|answer| is_from_faq(answer)) {
            continue;
        }
        let told = answer.filter(|answer| is_answer(answer));
        found.push((message.text.trim(), told.map(|answer| answer.text.as_str())));
    }
    found
}

fn is_question(message: &Message) -> bool {
    let asks = |analysis: &Analysis| {
        let small_talk = matches!(
            analysis.intent,
            Intent::Greeting | Intent::Thanks | Intent::Goodbye | Intent::AgentRequest | Intent::Complaint
        );
        !small_talk && analysis.entities.is_empty() && analysis.language_known
    };
    message.author == Author::Customer
        && message.text.chars().count() <= MAX_QUESTION_CHARACTERS
        && message.analysis.as_ref().is_some_and(asks)
}

/// What was said in answer, and not that somebody else will answer.
fn is_answer(message: &Message) -> bool {
    match (&message.author, &message.trace) {
        (Author::Assistant, Some(trace)) => trace.decision == "answer",
        (Author::Assistant, None) | (Author::Customer, _) => false,
        (Author::Agent(_), _) => true,
    }
}

fn is_from_faq(message: &Message) -> bool {
    let trace = message.trace.as_ref().filter(|trace| trace.decision == "answer");
    trace
        .and_then(|trace| trace.sources.first())
        .is_some_and(|source| source.kind == SourceKind::Faq)
}

fn note(found: &mut HashMap<String, Wording>, question: &str, answer: Option<&str>) {
    let key = question.trim_end_matches(['?', '!', '.', ' ']).to_lowercase();
    let wording = found.entry(key).or_insert_with(|| Wording {
        question: question.to_owned(),
        count: 0,
        answer: None,
    });
    wording.count += 1;
    if wording.answer.is_none() {
        wording.answer = answer.map(str::to_owned);
    }
}
