//! Earlier answers: when one may be looked for, given again, and kept.

use switchboard_domain::conversation::life::Verdict;
use switchboard_domain::cost::Money;
use switchboard_domain::decision::{self, Decision};
use switchboard_domain::settings::primary_language;
use switchboard_domain::vector::PackedVector;

use super::find::Findings;
use super::{Asked, Reply, context};
use crate::answers::{Circumstances, KeptAnswer, is_general};
use crate::services::Services;

/// Where the answer to a question would lie, if it may lie anywhere.
pub(super) struct Shelf {
    circumstances: Circumstances,
    vector: PackedVector,
}

impl Shelf {
    /// `None` for a question whose answer is nobody else's: it names something, leans on what was said, is no question,
    /// or is in a language whose likeness the embedded model cannot judge.
    pub(super) fn of(asked: &Asked<'_>, own: &Findings, version: u64) -> Option<Self> {
        let vector = own.vector.clone()?;
        let decision = decision::decide(&asked.situation(own));
        let wants_answer = match decision {
            Decision::Answer | Decision::Clarify => true,
            Decision::SmallTalk(_) => false,
            Decision::HandOver(why) => has_provider(asked.services) && is_for_want_of_sources(why),
        };
        let stands_alone =
            context::with_context(&asked.question).is_none() && own.analysis.entities.is_empty();
        let is_eligible = wants_answer && stands_alone && own.analysis.language_known;
        is_eligible.then(|| Self {
            circumstances: circumstances(asked, version),
            vector,
        })
    }

    /// The earlier answer.
    pub(super) fn find(&self, asked: &Asked<'_>, own: &Findings) -> Option<Reply> {
        let answers = &asked.organization.answers;
        let KeptAnswer { text, sources } =
            answers.find(&self.circumstances, asked.question.text, &self.vector)?;
        Some(Reply {
            text,
            sources,
            decision: Decision::Answer.as_str(),
            reason: format!("intent {}, answered before", own.analysis.intent.as_str()),
            tokens: 0,
            cost: Money::ZERO,
            verdict: Verdict::Settled,
            cache_hit: Some(true),
            is_kept: false,
        })
    }

    /// Keeps an answer that anybody may get; returns whether it was one.
    pub(super) fn keep(self, asked: &Asked<'_>, findings: &Findings, reply: &Reply) -> bool {
        let is_answer = reply.verdict == Verdict::Settled && reply.decision == Decision::Answer.as_str();
        // A provider has read the history and what is remembered, and its words may lean on them.
        let read = !asked.question.history.is_empty() || !asked.question.memories.is_empty();
        let stands_alone = !(findings.is_paid && read);
        let by_the_rule = findings.is_paid == has_provider(asked.services);
        let entities = asked.services.ports.assistant.entities(&reply.text);
        let is_general = is_general(&findings.analysis.entities, &entities, &reply.sources);
        if !(is_answer && stands_alone && by_the_rule && is_general) {
            return false;
        }
        let answer = KeptAnswer {
            text: reply.text.clone(),
            sources: reply.sources.clone(),
        };
        let (question, channel) = (asked.question.text, asked.question.channel);
        asked
            .organization
            .answers
            .keep(self.circumstances, question, self.vector, answer, channel);
        true
    }
}

fn circumstances(asked: &Asked<'_>, version: u64) -> Circumstances {
    let language = match asked.settings.language.as_str() {
        "" => "en".to_owned(),
        language => primary_language(language),
    };
    let ports = &asked.services.ports;
    let model = match &ports.provider {
        Some(provider) => provider.model().to_owned(),
        None => ports.assistant.model().id.clone(),
    };
    Circumstances {
        language,
        model,
        version,
    }
}

fn has_provider(services: &Services) -> bool {
    services.ports.provider.is_some()
}

/// The embedded assistant finds nothing near enough, or may not speak; a provider may have answered all the same.
const fn is_for_want_of_sources(why: switchboard_domain::handover::HandoverReason) -> bool {
    use switchboard_domain::handover::HandoverReason;
    matches!(
        why,
        HandoverReason::LowConfidence | HandoverReason::Unresolved | HandoverReason::UnknownLanguage
    )
}
