//! One turn of the assistant: understand, find sources, decide, and put it in words.
//!
//! An earlier answer to the same question goes first, then the paid provider where one is configured and affordable,
//! and the embedded assistant does whatever is left. Never fails: what goes wrong ends in the fallback, with an agent.

mod context;
mod find;
mod kept;
mod paid;
mod words;

use switchboard_domain::conversation::life::{Advice, TurnOutcome, Verdict};
use switchboard_domain::cost::Money;
use switchboard_domain::customer::Channel;
use switchboard_domain::decision::{self, Decision, Situation};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::message::Trace;
use switchboard_domain::ports::assistant::PastMessage;
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::source::Source;

use self::find::Findings;
use super::TurnJob;
use crate::error::HubError;
use crate::services::{OrganizationCache, Services};

/// Suggestions shown to staff.
const SUGGESTIONS: usize = 3;

/// A question to answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Whose customer asks.
    pub(crate) organization: OrganizationId,
    /// Where.
    pub(crate) channel: Channel,
    /// What, possibly several messages joined by newlines.
    pub(crate) text: &'a str,
    /// What was said before, oldest first.
    pub(crate) history: &'a [PastMessage],
    /// What is remembered of this customer.
    pub(crate) memories: &'a [String],
    /// Turns in a row that did not settle the question.
    pub(crate) unresolved_turns: u8,
    /// Without money for a configured provider there is no answer, instead of the embedded assistant's.
    pub(crate) must_pay: bool,
}

/// A question with everything it is answered by.
#[derive(Clone, Copy)]
struct Asked<'a> {
    services: &'a Services,
    organization: &'a OrganizationCache,
    settings: &'a AssistantSettings,
    question: Question<'a>,
    is_prohibited: bool,
}

/// What the assistant will say, and why.
pub(crate) struct Reply {
    /// Its words.
    pub(crate) text: String,
    /// The sources considered, best first.
    pub(crate) sources: Vec<Source>,
    /// One word for the trace.
    pub(crate) decision: &'static str,
    /// Why, in words for staff.
    pub(crate) reason: String,
    /// Tokens billed.
    pub(crate) tokens: u32,
    /// Money billed.
    pub(crate) cost: Money,
    /// Whether the question is settled.
    pub(crate) verdict: Verdict,
    /// Whether an earlier answer was found; none when none was looked for.
    pub(crate) cache_hit: Option<bool>,
    /// The answer was kept for whoever asks the same.
    pub(crate) is_kept: bool,
}

/// Takes the turn.
pub(super) async fn take(services: &Services, job: &TurnJob) -> TurnOutcome {
    let limit = services.settings.assistant.timeout;
    let memories = services.memories_for_turn(job.organization, job.customer);
    let question = question_of(job, &memories);
    let taken = tokio::time::timeout(limit, Box::pin(answer(services, question))).await;
    let (advice, reply) = match taken {
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
        cost: reply.cost,
        cached: reply.cache_hit == Some(true),
    };
    TurnOutcome {
        epoch: job.epoch,
        through: job.through,
        advice,
        text: reply.text,
        trace,
        verdict: reply.verdict,
        cache_hit: reply.cache_hit,
    }
}

/// What staff should know of a message that the assistant may not answer; `None` when it cannot say. Free of charge:
/// the embedded assistant reads it.
pub(super) async fn advise(services: &Services, job: &TurnJob) -> Option<Advice> {
    let organization = services.organization(job.organization).ok()?;
    let findings = tokio::time::timeout(
        services.settings.assistant.timeout,
        find::embedded(services, &organization, &question_of(job, &[])),
    )
    .await;
    findings.ok()?.ok().map(advice_of)
}

/// Answers a question, or says why an agent is needed.
///
/// # Errors
/// When the embedded assistant fails too, and [`HubError::BudgetUsedUp`] where it must be paid for and cannot.
pub(crate) async fn answer(
    services: &Services,
    question: Question<'_>,
) -> Result<(Findings, Reply), HubError> {
    let organization = services.organization(question.organization)?;
    let settings = organization.settings.load_full();
    let asked = Asked {
        services,
        organization: &organization,
        settings: &settings,
        question,
        is_prohibited: context::is_prohibited(&question, &settings),
    };
    let version = organization.answers.version();
    let own = find::embedded(services, &organization, &question).await?;
    let shelf = kept::Shelf::of(&asked, &own, version);
    if let Some(reply) = shelf.as_ref().and_then(|shelf| shelf.find(&asked, &own)) {
        return Ok((own, reply));
    }
    let (findings, mut reply) = match paid::take(&asked, &own).await? {
        paid::Outcome::Said(findings, reply) => (*findings, *reply),
        paid::Outcome::NotAsked => asked.embedded(own).await?,
        paid::Outcome::Failed { why, cost } => {
            let (own, reply) = asked.embedded(own).await?;
            let reason = format!("{}; {why}", reply.reason);
            (
                own,
                Reply {
                    reason,
                    cost,
                    ..reply
                },
            )
        }
    };
    if let Some(shelf) = shelf {
        reply.cache_hit = Some(false);
        reply.is_kept = shelf.keep(&asked, &findings, &reply);
    }
    Ok((findings, reply))
}

impl<'a> Asked<'a> {
    /// All that the decision depends on, with what was found and by which thresholds it counts.
    fn situation(&self, findings: &'a Findings) -> Situation<'a> {
        Situation {
            analysis: &findings.analysis,
            sources: &findings.sources,
            settings: self.settings,
            thresholds: findings.thresholds,
            unresolved_turns: self.question.unresolved_turns,
            is_prohibited: self.is_prohibited,
            speaks_language: self.speaks_language(findings.is_paid),
        }
    }

    fn speaks_language(&self, is_paid: bool) -> bool {
        let language = self.settings.language.as_str();
        is_paid || language.is_empty() || self.services.ports.assistant.speaks(language)
    }

    /// The embedded assistant's own turn.
    async fn embedded(&self, own: Findings) -> Result<(Findings, Reply), HubError> {
        let decision = decision::decide(&self.situation(&own));
        let text = match decision {
            Decision::Answer => Some(words::quoted(self, &own).await?),
            _ => None,
        };
        let reply = words::put(self, &own, decision, text);
        Ok((own, reply))
    }
}

fn question_of<'a>(job: &'a TurnJob, memories: &'a [String]) -> Question<'a> {
    Question {
        organization: job.organization,
        channel: job.channel,
        text: &job.question,
        history: &job.history,
        memories,
        unresolved_turns: job.unresolved_turns,
        must_pay: false,
    }
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
        cost: Money::ZERO,
        verdict: Verdict::HandOver(HandoverReason::AssistantFailure),
        cache_hit: None,
        is_kept: false,
    }
}
