//! One turn of the assistant: understand, find sources, decide, and put it in words.

use switchboard_domain::analysis::{Analysis, Confidence};
use switchboard_domain::conversation::life::{Advice, TurnOutcome, Verdict};
use switchboard_domain::decision::{self, Decision, Situation};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::knowledge::nearest;
use switchboard_domain::message::Trace;
use switchboard_domain::ports::assistant::{AnswerRequest, Assistant, AssistantError};
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::source::Source;
use switchboard_domain::topics::prohibited;
use switchboard_domain::vector::PackedVector;

use super::TurnJob;
use crate::error::HubError;
use crate::services::{OrganizationCache, Services};

/// Sources looked at for one question.
const SOURCES: usize = 4;
/// Suggestions shown to staff.
const SUGGESTIONS: usize = 3;
/// A question with at most this many words may lean on the one before it.
const SHORT_QUESTION_WORDS: usize = 8;

/// How a question begins that goes on from the one before.
const CONTINUATIONS: [&str; 7] = ["and ", "what about", "how about", "but ", "or ", "also ", "even "];
/// Words that point at what was said before.
const REFERENCES: [&str; 7] = ["it", "that", "they", "them", "those", "these", "this"];

/// What was understood and found.
struct Findings {
    analysis: Analysis,
    sources: Vec<Source>,
}

/// What the assistant will say, and why.
struct Reply {
    text: String,
    sources: Vec<Source>,
    decision: &'static str,
    reason: String,
    tokens: u32,
    verdict: Verdict,
}

/// Takes the turn. Never fails: what goes wrong ends in the fallback and with an agent.
pub(super) async fn take(services: &Services, job: &TurnJob) -> TurnOutcome {
    let limit = services.settings.assistant.timeout;
    let (advice, reply) = match tokio::time::timeout(limit, answer(services, job)).await {
        Ok(Ok((findings, reply))) => (Some(advice_of(findings)), reply),
        Ok(Err(error)) => (None, fallback(services, job, &error.to_string())),
        Err(_) => (
            None,
            fallback(services, job, "the assistant did not answer in time"),
        ),
    };
    let response_millis = u64::try_from(services.now().since(job.asked_at).as_millis()).unwrap_or(u64::MAX);
    let trace = Trace {
        sources: reply.sources,
        decision: reply.decision.to_owned(),
        reason: reply.reason,
        tokens: reply.tokens,
        response_millis,
        epoch: job.epoch,
    };
    TurnOutcome {
        epoch: job.epoch,
        through: job.through,
        advice,
        text: reply.text,
        trace,
        verdict: reply.verdict,
    }
}

/// What staff should know of a message that the assistant may not answer; `None` when it cannot say.
pub(super) async fn advise(services: &Services, job: &TurnJob) -> Option<Advice> {
    let organization = services.organization(job.organization).ok()?;
    let findings = tokio::time::timeout(
        services.settings.assistant.timeout,
        find(services, &organization, job),
    )
    .await;
    findings.ok()?.ok().map(advice_of)
}

fn advice_of(findings: Findings) -> Advice {
    let suggestions = findings
        .sources
        .into_iter()
        .take(SUGGESTIONS)
        .map(|source| source.text)
        .collect();
    Advice {
        analysis: findings.analysis,
        suggestions,
    }
}

async fn answer(services: &Services, job: &TurnJob) -> Result<(Findings, Reply), HubError> {
    let organization = services.organization(job.organization)?;
    let settings = organization.settings.load_full();
    let findings = find(services, &organization, job).await?;
    let language = settings.language.as_str();
    let situation = Situation {
        analysis: &findings.analysis,
        sources: &findings.sources,
        settings: &settings,
        thresholds: services.settings.assistant.thresholds,
        unresolved_turns: job.unresolved_turns,
        is_prohibited: is_prohibited(job, &settings),
        speaks_language: language.is_empty() || services.ports.assistant.speaks(language),
    };
    let decision = decision::decide(&situation);
    let confidence = decision::answer_confidence(&situation);
    let reply = put_in_words(services, job, &settings, &findings, decision, confidence).await?;
    Ok((findings, reply))
}

/// Understands the question and finds the nearest sources.
async fn find(
    services: &Services,
    organization: &OrganizationCache,
    job: &TurnJob,
) -> Result<Findings, HubError> {
    let assistant = services.ports.assistant.as_ref();
    let analysis = assistant.analyze(job.question.clone()).await?;
    let sources = organization.sources.load_full();
    let mut asked = vec![job.question.clone()];
    asked.extend(with_context(job));
    let mut best: Vec<Source> = Vec::new();
    for embedding in assistant.embed(asked).await? {
        let found = nearest(
            &sources,
            &assistant.model().id,
            &PackedVector::pack(&embedding),
            SOURCES,
        );
        if relevance(&found) > relevance(&best) {
            best = found;
        }
    }
    Ok(Findings {
        analysis,
        sources: best,
    })
}

fn relevance(found: &[Source]) -> Confidence {
    found.first().map_or(Confidence::ZERO, |source| source.relevance)
}

/// A short question that leans on the customer's one before it ("and for shoes?"), read together with that.
///
/// Only what answers a question of ours, or sounds like a continuation, does: the earlier question weighs more than the
/// new words in the joint vector, so anything else would get the earlier answer again.
fn with_context(job: &TurnJob) -> Option<String> {
    let question = job.question.to_lowercase();
    let mut words = question
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let short = words.clone().count() <= SHORT_QUESTION_WORDS;
    let continues = CONTINUATIONS.iter().any(|start| question.starts_with(start));
    let refers = words.any(|word| REFERENCES.contains(&word));
    let before = job.history.iter().rev().find(|message| message.from_customer);
    let before = before.filter(|_| short && (job.unresolved_turns > 0 || continues || refers))?;
    Some(format!("{} {}", before.text, job.question))
}

/// The question, or what it goes on from, is on a topic that must not be answered.
fn is_prohibited(job: &TurnJob, settings: &AssistantSettings) -> bool {
    let asked = with_context(job).unwrap_or_else(|| job.question.clone());
    prohibited(&settings.prohibited_topics, &asked).is_some()
}

async fn put_in_words(
    services: &Services,
    job: &TurnJob,
    settings: &AssistantSettings,
    findings: &Findings,
    decision: Decision,
    confidence: Confidence,
) -> Result<Reply, HubError> {
    let sources = findings.sources.clone();
    let reason = format!(
        "intent {}, answer confidence {:.2}",
        findings.analysis.intent.as_str(),
        confidence.value()
    );
    let said = |text: String, verdict| Reply {
        text,
        sources: sources.clone(),
        decision: decision.as_str(),
        reason: reason.clone(),
        tokens: 0,
        verdict,
    };
    Ok(match decision {
        Decision::Answer => {
            let answer = grounded(services.ports.assistant.as_ref(), job, settings, sources.clone()).await?;
            Reply {
                tokens: answer.tokens,
                ..said(answer.text, Verdict::Settled)
            }
        }
        Decision::Clarify => said(decision::clarifying_question(&findings.sources), Verdict::Open),
        Decision::SmallTalk(intent) => said(
            decision::small_talk(intent, settings.style).to_owned(),
            Verdict::Settled,
        ),
        Decision::HandOver(why) => said(handover_text(why, settings), Verdict::HandOver(why)),
    })
}

async fn grounded(
    assistant: &dyn Assistant,
    job: &TurnJob,
    settings: &AssistantSettings,
    sources: Vec<Source>,
) -> Result<switchboard_domain::ports::assistant::Answer, AssistantError> {
    let max_characters = usize::try_from(settings.max_response_length).unwrap_or(usize::MAX);
    let request = AnswerRequest {
        question: job.question.clone(),
        history: job.history.clone(),
        sources,
        max_characters,
        guidance: settings.guidance(),
    };
    assistant.answer(request).await
}

fn handover_text(reason: HandoverReason, settings: &AssistantSettings) -> String {
    match reason {
        HandoverReason::CustomerRequest | HandoverReason::Complaint => settings.handover_message.clone(),
        _ => settings.fallback_message.clone(),
    }
}

fn fallback(services: &Services, job: &TurnJob, why: &str) -> Reply {
    tracing::warn!(conversation = %job.conversation, why, "the assistant failed; an agent is asked for");
    let settings = services
        .organization(job.organization)
        .map(|organization| organization.settings.load_full());
    let text = settings
        .map(|settings| settings.fallback_message.clone())
        .unwrap_or_default();
    Reply {
        text,
        sources: Vec::new(),
        decision: "fallback",
        reason: why.to_owned(),
        tokens: 0,
        verdict: Verdict::HandOver(HandoverReason::AssistantFailure),
    }
}
