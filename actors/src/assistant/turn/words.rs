//! From a decision to the words a customer reads.

use switchboard_domain::conversation::life::Verdict;
use switchboard_domain::cost::Money;
use switchboard_domain::decision::{self, Decision};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::memory::name_in;
use switchboard_domain::ports::assistant::{Answer, AnswerRequest};
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::source::Source;

use super::find::Findings;
use super::{Asked, Reply};
use crate::error::HubError;

/// What is asked of whoever answers from these sources.
pub(super) fn request(asked: &Asked<'_>, sources: Vec<Source>) -> AnswerRequest {
    let max_characters = usize::try_from(asked.settings.max_response_length).unwrap_or(usize::MAX);
    AnswerRequest {
        question: asked.question.text.to_owned(),
        history: asked.question.history.to_vec(),
        memories: asked.question.memories.to_vec(),
        sources,
        max_characters,
        guidance: asked.settings.guidance(),
    }
}

/// The embedded assistant's answer: the best source in its own words.
pub(super) async fn quoted(asked: &Asked<'_>, own: &Findings) -> Result<Answer, HubError> {
    let request = request(asked, own.sources.clone());
    Ok(asked.services.ports.assistant.answer(request).await?)
}

/// Puts a decision in words; `answer` is what [`Decision::Answer`] says.
pub(super) fn put(
    asked: &Asked<'_>,
    findings: &Findings,
    decision: Decision,
    answer: Option<Answer>,
) -> Reply {
    let situation = asked.situation(findings);
    let reason = format!(
        "intent {}, answer confidence {:.2}",
        findings.analysis.intent.as_str(),
        decision::answer_confidence(&situation).value()
    );
    let settings = asked.settings;
    let (text, verdict) = match (decision, &answer) {
        (Decision::Answer, Some(answer)) => (answer.text.clone(), Verdict::Settled),
        (Decision::Clarify, _) => (decision::clarifying_question(&findings.sources), Verdict::Open),
        (Decision::SmallTalk(intent), _) => (
            decision::small_talk_with(intent, settings.style, name_in(asked.question.memories)),
            Verdict::Settled,
        ),
        (Decision::HandOver(why), _) => (handover_text(why, settings), Verdict::HandOver(why)),
        (Decision::Answer, None) => {
            let why = HandoverReason::LowConfidence;
            (handover_text(why, settings), Verdict::HandOver(why))
        }
    };
    Reply {
        text,
        sources: findings.sources.clone(),
        decision: decision.as_str(),
        reason,
        tokens: answer.map_or(0, |answer| answer.tokens),
        cost: Money::ZERO,
        verdict,
        cache_hit: None,
        is_kept: false,
    }
}

fn handover_text(reason: HandoverReason, settings: &AssistantSettings) -> String {
    match reason {
        HandoverReason::CustomerRequest | HandoverReason::Complaint => settings.handover_message.clone(),
        _ => settings.fallback_message.clone(),
    }
}
