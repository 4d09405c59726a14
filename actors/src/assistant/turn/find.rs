//! What was understood of a question, and the sources nearest to it.

use switchboard_domain::analysis::{Analysis, Confidence};
use switchboard_domain::decision::Thresholds;
use switchboard_domain::knowledge::nearest;
use switchboard_domain::source::Source;
use switchboard_domain::vector::{Embedding, PackedVector};

use super::{Question, context};
use crate::error::HubError;
use crate::services::{OrganizationCache, Services};

/// Sources looked at for one question.
const SOURCES: usize = 4;

/// What was understood and found.
pub(crate) struct Findings {
    /// What the question says.
    pub(crate) analysis: Analysis,
    /// Best first.
    pub(crate) sources: Vec<Source>,
    /// What the sources' relevance means, by the model that found them.
    pub(super) thresholds: Thresholds,
    /// The embedded model's vector of the question alone.
    pub(super) vector: Option<PackedVector>,
    /// The provider has understood it.
    pub(super) is_paid: bool,
    /// The sources were found by a model that does not know the question's language.
    pub(super) is_foreign_to_search: bool,
}

/// The texts a question is searched by: itself, and read together with what it leans on.
pub(super) fn texts(question: &Question<'_>) -> Vec<String> {
    let mut texts = vec![question.text.to_owned()];
    texts.extend(context::with_context(question));
    texts
}

/// What the embedded assistant understands and finds; free of charge.
pub(super) async fn embedded(
    services: &Services,
    organization: &OrganizationCache,
    question: &Question<'_>,
) -> Result<Findings, HubError> {
    let assistant = services.ports.assistant.as_ref();
    let analysis = assistant.analyze(question.text.to_owned()).await?;
    let embeddings = assistant.embed(texts(question)).await?;
    Ok(Findings {
        is_foreign_to_search: !analysis.language_known,
        analysis,
        sources: best(organization, &assistant.model().id, &embeddings),
        thresholds: services.settings.assistant.thresholds,
        vector: embeddings.first().map(PackedVector::pack),
        is_paid: false,
    })
}

/// The sources nearest to whichever of these vectors comes nearest to any.
pub(super) fn best(organization: &OrganizationCache, model: &str, embeddings: &[Embedding]) -> Vec<Source> {
    let sources = organization.sources.load_full();
    let mut best: Vec<Source> = Vec::new();
    for embedding in embeddings {
        let found = nearest(&sources, model, &PackedVector::pack(embedding), SOURCES);
        if relevance(&found) > relevance(&best) {
            best = found;
        }
    }
    best
}

fn relevance(found: &[Source]) -> Confidence {
    found.first().map_or(Confidence::ZERO, |source| source.relevance)
}
