//! The provider's turn: money first, then analysis, search and answer, all within a part of the turn's time.
//!
//! Whatever goes wrong here leaves the turn to the embedded assistant; what was used by then is booked all the same.

use std::time::Duration;

use switchboard_domain::cost::{Money, Service};
use switchboard_domain::decision::{self, Decision};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::ports::assistant::{Answer, AssistantError};
use switchboard_domain::ports::provider::{Called, Provider, Understood};
use switchboard_domain::source::Source;
use switchboard_domain::topics::prohibited;

use super::find::{self, Findings};
use super::{Asked, Reply, words};
use crate::budgets::Tab;
use crate::error::HubError;

/// How much of the turn's time the provider has, in fifths; the rest is the embedded assistant's.
const FIFTHS: u32 = 4;

/// How the provider's turn went.
pub(super) enum Outcome {
    /// There is none, or no money for it, or nothing it may answer.
    NotAsked,
    /// It failed; the embedded assistant takes the turn.
    Failed {
        /// Why, in words for staff.
        why: &'static str,
        /// What it has cost nevertheless.
        cost: Money,
    },
    /// It has taken the turn.
    Said(Box<Findings>, Box<Reply>),
}

/// Lets the provider take the turn, if there is one and it can be paid.
pub(super) async fn take(asked: &Asked<'_>, own: &Findings) -> Result<Outcome, HubError> {
    let Some(provider) = asked.services.ports.provider.as_deref() else {
        return Ok(Outcome::NotAsked);
    };
    if asked.is_prohibited {
        return Ok(Outcome::NotAsked);
    }
    let mut tab = match open(asked, provider) {
        Ok(tab) => tab,
        Err(HubError::BudgetUsedUp) if !asked.question.must_pay => {
            return Ok(Outcome::Failed {
                why: "the budget is used up",
                cost: Money::ZERO,
            });
        }
        Err(error) => return Err(error),
    };
    let limit: Duration = asked.services.settings.assistant.timeout * FIFTHS / 5;
    let talked = tokio::time::timeout(limit, talk(asked, own, provider, &mut tab)).await;
    let cost = tab.close().await;
    Ok(match talked {
        Ok(Ok((findings, reply))) => Outcome::Said(Box::new(findings), Box::new(Reply { cost, ..reply })),
        Ok(Err(error)) => failed(&error, cost),
        Err(_) => {
            tracing::warn!("the provider did not answer in time");
            Outcome::Failed {
                why: "the provider did not answer in time",
                cost,
            }
        }
    })
}

fn failed(error: &AssistantError, cost: Money) -> Outcome {
    tracing::warn!(%error, "the provider failed");
    Outcome::Failed {
        why: "the provider failed",
        cost,
    }
}

fn open(asked: &Asked<'_>, provider: &dyn Provider) -> Result<Tab, HubError> {
    let mut bounds = vec![(
        Service::OpenaiGpt,
        provider.turn_bound(&words::request(asked, Vec::new())),
    )];
    if provider.embedding_model().is_some() {
        let texts = find::texts(&asked.question);
        bounds.push((Service::OpenaiEmbedding, provider.embed_bound(&texts)));
    }
    let Asked {
        services, question, ..
    } = asked;
    services
        .budgets
        .open(question.organization, question.channel, &bounds)
}

async fn talk(
    asked: &Asked<'_>,
    own: &Findings,
    provider: &dyn Provider,
    tab: &mut Tab,
) -> Result<(Findings, Reply), AssistantError> {
    let findings = understand(asked, own, provider, tab).await?;
    let decision = decision::decide(&asked.situation(&findings));
    if !is_worth_asking(decision, &findings) {
        let reply = words::put(asked, &findings, decision, None);
        return Ok((findings, reply));
    }
    let request = words::request(asked, findings.sources.clone());
    let Called { result, usage } = provider.answer(request).await;
    tab.charge(Service::OpenaiGpt, usage);
    let topics = &asked.settings.prohibited_topics;
    let answer = result?.filter(|answer| prohibited(topics, &answer.text).is_none());
    let reply = said(asked, &findings, decision, answer);
    Ok((findings, reply))
}

/// What the provider understood, and the sources found by its vectors or, where it has none, by the embedded model's.
async fn understand(
    asked: &Asked<'_>,
    own: &Findings,
    provider: &dyn Provider,
    tab: &mut Tab,
) -> Result<Findings, AssistantError> {
    let (understood, found) = tokio::join!(
        provider.analyze(asked.question.text.to_owned()),
        search(asked, provider)
    );
    tab.charge(Service::OpenaiGpt, understood.usage);
    let found = found.map(|found| {
        tab.charge(Service::OpenaiEmbedding, found.usage);
        found.result
    });
    let Understood { analysis, .. } = understood.result?;
    let assistant = &asked.services.settings.assistant;
    let (sources, thresholds, is_foreign_to_search) = match found.transpose()? {
        Some(sources) if !sources.is_empty() => (sources, assistant.provider_thresholds, false),
        _ => (own.sources.clone(), own.thresholds, own.is_foreign_to_search),
    };
    Ok(Findings {
        analysis,
        sources,
        thresholds,
        vector: own.vector.clone(),
        is_paid: true,
        is_foreign_to_search,
    })
}

async fn search(asked: &Asked<'_>, provider: &dyn Provider) -> Option<Called<Vec<Source>>> {
    let model = provider.embedding_model()?;
    let Called { result, usage } = provider.embed(find::texts(&asked.question)).await;
    let result = result.map(|embeddings| find::best(asked.organization, model, &embeddings));
    Some(Called { result, usage })
}

/// A model that reads the sources judges better than a cosine whether they answer; so it is asked from where the
/// embedded assistant would ask back, and always where the cosine was taken of a language its model does not know.
fn is_worth_asking(decision: Decision, findings: &Findings) -> bool {
    match decision {
        Decision::Answer | Decision::Clarify => true,
        Decision::HandOver(HandoverReason::LowConfidence | HandoverReason::Unresolved) => {
            findings.is_foreign_to_search && !findings.sources.is_empty()
        }
        _ => false,
    }
}

/// The provider has answered, or found that the sources do not.
fn said(asked: &Asked<'_>, findings: &Findings, decision: Decision, answer: Option<Answer>) -> Reply {
    match (answer, decision) {
        (Some(answer), _) => {
            let sources = answer.sources.clone();
            let reply = words::put(asked, findings, Decision::Answer, Some(answer));
            Reply { sources, ..reply }
        }
        (None, Decision::Answer) => {
            let why = if asked.question.unresolved_turns > 0 {
                HandoverReason::Unresolved
            } else {
                HandoverReason::LowConfidence
            };
            words::put(asked, findings, Decision::HandOver(why), None)
        }
        (None, other) => words::put(asked, findings, other, None),
    }
}
