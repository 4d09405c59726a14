//! What the assistant does with a message: answer, ask back, small talk, or hand over. Pure rules, no model.
//!
//! Caller: the assistant's worker, after analysis and retrieval. An answer with no source is never given.

use crate::analysis::{Analysis, Confidence, Intent};
use crate::handover::HandoverReason;
use crate::settings::{AssistantSettings, ResponseStyle};
use crate::source::Source;

/// Where an embedding model's cosines mean "this answers it" and "this might".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From here a source answers; shown to users as confidence 0.7.
    pub answer: f32,
    /// From here it is worth asking back; shown as confidence 0.6.
    pub clarify: f32,
}

/// Confidence shown at the `answer` cosine.
const ANSWER_CONFIDENCE: f32 = 0.7;
/// How far below the organization's threshold a question may lie and still be asked back about.
const CLARIFY_BAND: f32 = 0.1;
/// Below this the intent is a guess and no rule hangs on it.
const SURE_OF_INTENT: f32 = 0.5;

impl Thresholds {
    /// A source's relevance as a confidence that means the same for every model: piecewise linear through
    /// `clarify` → 0.6 and `answer` → 0.7.
    pub fn confidence(&self, relevance: Confidence) -> Confidence {
        let (x, clarify_confidence) = (relevance.value(), ANSWER_CONFIDENCE - CLARIFY_BAND);
        let between =
            |x0: f32, y0: f32, x1: f32, y1: f32| y0 + (x - x0) / (x1 - x0).max(f32::EPSILON) * (y1 - y0);
        Confidence::clamped(if x >= self.answer {
            between(self.answer, ANSWER_CONFIDENCE, 1.0, 1.0)
        } else if x >= self.clarify {
            between(self.clarify, clarify_confidence, self.answer, ANSWER_CONFIDENCE)
        } else {
            between(0.0, 0.0, self.clarify, clarify_confidence)
        })
    }
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Answer from the best sources.
    Answer,
    /// Ask which of the best sources was meant.
    Clarify,
    /// Return a greeting, thanks or farewell.
    SmallTalk(Intent),
    /// An agent is needed.
    HandOver(HandoverReason),
}

impl Decision {
    /// One word for the trace.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Clarify => "clarify",
            Self::SmallTalk(_) => "small_talk",
            Self::HandOver(_) => "hand_over",
        }
    }
}

/// All that a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What the message says.
    pub analysis: &'a Analysis,
    /// What was found for it, best first.
    pub sources: &'a [Source],
    /// What the organization wants.
    pub settings: &'a AssistantSettings,
    /// The model's cosines.
    pub thresholds: Thresholds,
    /// Turns in a row that did not settle the question.
    pub unresolved_turns: u8,
    /// The question is on a topic the organization has prohibited.
    pub is_prohibited: bool,
    /// The assistant can answer in the language the organization wants.
    pub speaks_language: bool,
}

/// Decides. The order of the rules is their rank.
pub fn decide(situation: &Situation<'_>) -> Decision {
    let Situation {
        analysis, settings, ..
    } = situation;
    let confidence = answer_confidence(situation);
    let answers = confidence >= settings.confidence_threshold;
    let sure = analysis.confidence.value() >= SURE_OF_INTENT;
    match analysis.intent {
        Intent::AgentRequest if sure => Decision::HandOver(HandoverReason::CustomerRequest),
        _ if situation.is_prohibited => Decision::HandOver(HandoverReason::ProhibitedTopic),
        _ if !analysis.language_known || !situation.speaks_language => {
            Decision::HandOver(HandoverReason::UnknownLanguage)
        }
        Intent::Complaint if sure && settings.complaints_to_agent => {
            Decision::HandOver(HandoverReason::Complaint)
        }
        _ if answers => Decision::Answer,
        intent @ (Intent::Greeting | Intent::Thanks | Intent::Goodbye) if sure => Decision::SmallTalk(intent),
        _ => undecided(situation, confidence),
    }
}

/// Nothing answers well enough: ask back once where something comes near, else hand over.
fn undecided(situation: &Situation<'_>, confidence: Confidence) -> Decision {
    let near = confidence.value() >= situation.settings.confidence_threshold.value() - CLARIFY_BAND;
    match situation.unresolved_turns {
        0 if near && !situation.sources.is_empty() => Decision::Clarify,
        0 => Decision::HandOver(HandoverReason::LowConfidence),
        _ => Decision::HandOver(HandoverReason::Unresolved),
    }
}

/// How sure an answer from the best source would be; 0 without sources.
pub fn answer_confidence(situation: &Situation<'_>) -> Confidence {
    let best = situation
        .sources
        .first()
        .map_or(Confidence::ZERO, |source| source.relevance);
    situation.thresholds.confidence(best)
}

/// The assistant's own words for a greeting, thanks or farewell.
pub const fn small_talk(intent: Intent, style: ResponseStyle) -> &'static str {
    match (intent, style) {
        (Intent::Thanks, ResponseStyle::Friendly) => {
            "You're very welcome! Is there anything else I can help with?"
        }
        (Intent::Thanks, ResponseStyle::Formal) => {
            "You are welcome. Please let me know if you need anything else."
        }
        (Intent::Thanks, ResponseStyle::Concise) => "You're welcome.",
        (Intent::Goodbye, ResponseStyle::Friendly) => {
            "Goodbye, and thanks for stopping by! Have a great day."
        }
        (Intent::Goodbye, ResponseStyle::Formal) => "Thank you for contacting us. Goodbye.",
        (Intent::Goodbye, ResponseStyle::Concise) => "Goodbye.",
        (_, ResponseStyle::Friendly) => "Hi there! How can I help you today?",
        (_, ResponseStyle::Formal) => "Good day. How may I assist you?",
        (_, ResponseStyle::Concise) => "Hello. How can I help?",
    }
}

/// [`small_talk`] with a greeting that calls the customer by name, where the name is known.
pub fn small_talk_with(intent: Intent, style: ResponseStyle, name: Option<&str>) -> String {
    match (intent, style, name) {
        (Intent::Thanks | Intent::Goodbye, ..) | (_, _, None) => small_talk(intent, style).to_owned(),
        (_, ResponseStyle::Friendly, Some(name)) => format!("Hi {name}! How can I help you today?"),
        (_, ResponseStyle::Formal, Some(name)) => format!("Good day, {name}. How may I assist you?"),
        (_, ResponseStyle::Concise, Some(name)) => format!("Hello {name}. How can I help?"),
    }
}

/// Asks which of the nearest sources was meant.
pub fn clarifying_question(sources: &[Source]) -> String {
    let titles: Vec<_> = sources
        .iter()
        .take(2)
        .map(|source| format!("“{}”", source.title))
        .collect();
    match titles.as_slice() {
        [first, second] => {
            format!("Just to be sure I help with the right thing: is it about {first} or {second}?")
        }
        [only] => format!("Just to be sure I help with the right thing: is it about {only}?"),
        _ => "Could you tell me a little more about what you need?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Sentiment;
    use crate::source::SourceKind;

    const THRESHOLDS: Thresholds = Thresholds {
        answer: 0.60,
        clarify: 0.55,
    };

    fn analysis(intent: Intent) -> Analysis {
        Analysis {
            intent,
            confidence: Confidence::clamped(0.9),
            familiarity: Confidence::clamped(0.9),
            entities: Vec::new(),
            sentiment: Sentiment::Neutral,
            language_known: true,
        }
    }

    fn near_source(relevance: f32) -> Source {
        Source {
            kind: SourceKind::Faq,
            id: "faq".to_owned(),
            title: "Returns".to_owned(),
            text: "Thirty days.".to_owned(),
            url: None,
            relevance: Confidence::clamped(relevance),
        }
    }

    fn decide_with(analysis: &Analysis, relevance: f32, unresolved_turns: u8) -> Decision {
        let source = near_source(relevance);
        let settings = AssistantSettings::default();
        decide(&Situation {
            analysis,
            sources: &[source],
            settings: &settings,
            thresholds: THRESHOLDS,
            unresolved_turns,
            is_prohibited: false,
            speaks_language: true,
        })
    }

    #[test]
    fn a_near_source_answers_and_a_far_one_hands_over() {
        let question = analysis(Intent::Inquiry);
        assert_eq!(decide_with(&question, 0.61, 0), Decision::Answer);
        assert_eq!(decide_with(&question, 0.57, 0), Decision::Clarify);
        assert_eq!(
            decide_with(&question, 0.40, 0),
            Decision::HandOver(HandoverReason::LowConfidence)
        );
    }

    #[test]
    fn a_clarifying_question_is_asked_once() {
        let question = analysis(Intent::Inquiry);
        assert_eq!(
            decide_with(&question, 0.57, 1),
            Decision::HandOver(HandoverReason::Unresolved)
        );
    }

    #[test]
    fn whoever_asks_for_a_person_gets_one_whatever_the_sources_say() {
        let plea = analysis(Intent::AgentRequest);
        assert_eq!(
            decide_with(&plea, 0.99, 0),
            Decision::HandOver(HandoverReason::CustomerRequest)
        );
    }

    #[test]
    fn an_unknown_language_is_never_answered() {
        let foreign = Analysis {
            language_known: false,
            ..analysis(Intent::Inquiry)
        };
        assert_eq!(
            decide_with(&foreign, 0.99, 0),
            Decision::HandOver(HandoverReason::UnknownLanguage)
        );
    }

    #[test]
    fn a_prohibited_topic_or_a_language_it_does_not_speak_is_never_answered() {
        let question = analysis(Intent::Inquiry);
        let settings = AssistantSettings::default();
        let source = near_source(0.99);
        let situation = Situation {
            analysis: &question,
            sources: std::slice::from_ref(&source),
            settings: &settings,
            thresholds: THRESHOLDS,
            unresolved_turns: 0,
            is_prohibited: true,
            speaks_language: true,
        };
        assert_eq!(
            decide(&situation),
            Decision::HandOver(HandoverReason::ProhibitedTopic)
        );
        let foreign = Situation {
            is_prohibited: false,
            speaks_language: false,
            ..situation
        };
        assert_eq!(
            decide(&foreign),
            Decision::HandOver(HandoverReason::UnknownLanguage)
        );
    }

    #[test]
    fn confidence_rises_with_relevance_through_the_two_thresholds() {
        let at = |relevance| THRESHOLDS.confidence(Confidence::clamped(relevance)).rounded();
        assert_eq!((at(0.0), at(0.55), at(0.60), at(1.0)), (0.0, 0.6, 0.7, 1.0));
        assert!(at(0.3) < at(0.5) && at(0.7) < at(0.9));
    }
}
