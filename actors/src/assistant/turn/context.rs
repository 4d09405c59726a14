//! What a question leans on: whether it goes on from the one before, and whether it may be answered at all.

use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::topics::prohibited;

use super::Question;

/// A question with at most this many words may lean on the one before it.
const SHORT_QUESTION_WORDS: usize = 8;

/// How a question begins that goes on from the one before.
const CONTINUATIONS: [&str; 7] = ["and ", "what about", "how about", "but ", "or ", "also ", "even "];
/// Words that point at what was said before.
const REFERENCES: [&str; 7] = ["it", "that", "they", "them", "those", "these", "this"];

/// A short question that leans on the customer's one before it ("and for shoes?"), read together with that.
///
/// Only what answers a question of ours, or sounds like a continuation, does: the earlier question weighs more than the
/// new words in the joint vector, so anything else would get the earlier answer again.
pub(super) fn with_context(question: &Question<'_>) -> Option<String> {
    let text = question.text.to_lowercase();
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let short = words.clone().count() <= SHORT_QUESTION_WORDS;
    let continues = CONTINUATIONS.iter().any(|start| text.starts_with(start));
    let refers = words.any(|word| REFERENCES.contains(&word));
    let before = question
        .history
        .iter()
        .rev()
        .find(|message| message.from_customer);
    let before = before.filter(|_| short && (question.unresolved_turns > 0 || continues || refers))?;
    Some(format!("{} {}", before.text, question.text))
}

/// The question, or what it goes on from, is on a topic that must not be answered.
pub(super) fn is_prohibited(question: &Question<'_>, settings: &AssistantSettings) -> bool {
    let asked = with_context(question).unwrap_or_else(|| question.text.to_owned());
    prohibited(&settings.prohibited_topics, &asked).is_some()
}
