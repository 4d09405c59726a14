//! The vectors that knowledge is found by: the embedded model's always, the provider's besides where it embeds.
//!
//! Callers: the hub's knowledge calls, and [`Reindexer`], which makes up for what is missing. Invariants: vectors of two
//! models are never compared; a provider that fails or is not paid leaves a source findable by the embedded model.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::cost::Service;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{FaqId, OrganizationId, PassageId};
use switchboard_domain::knowledge::{Faq, IndexedSource, ModelVectors, Passage};
use switchboard_domain::passages::{faq_texts, passage_text};
use switchboard_domain::ports::assistant::AssistantError;
use switchboard_domain::ports::provider::Provider;
use switchboard_domain::source::SourceKind;
use switchboard_domain::vector::PackedVector;

use crate::error::HubError;
use crate::services::Services;

/// How long the provider may take over one source.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two sources that are embedded anew, so that customers' questions come first.
const PACE: Duration = Duration::from_millis(20);
/// How often it is looked for sources without vectors of the models in use.
const SWEEP: Duration = Duration::from_secs(300);

/// A FAQ with its vectors.
pub(crate) async fn of_faq(services: &Services, faq: &Faq) -> Result<IndexedSource, HubError> {
    let source = IndexedSource {
        kind: SourceKind::Faq,
        id: faq.id.to_string(),
        title: faq.question.clone(),
        text: faq.answer.clone(),
        url: None,
        model: String::new(),
        vectors: Vec::new(),
        others: Vec::new(),
    };
    embedded(services, faq.organization, source, texts_of_faq(faq)).await
}

/// A passage with its vectors.
pub(crate) async fn of_passage(services: &Services, passage: &Passage) -> Result<IndexedSource, HubError> {
    let source = IndexedSource {
        kind: SourceKind::KnowledgeBase,
        id: passage.id.to_string(),
        title: passage.title.clone(),
        text: passage.text.clone(),
        url: passage.url.clone(),
        model: String::new(),
        vectors: Vec::new(),
        others: Vec::new(),
    };
    let texts = vec![passage_text(&passage.title, &passage.text)];
    embedded(services, passage.organization, source, texts).await
}

fn texts_of_faq(faq: &Faq) -> Vec<String> {
    let variants = faq.variants.iter().map(String::as_str);
    faq_texts(&faq.question, &faq.answer, variants)
}

/// Fills in whatever vectors of the models in use a source lacks.
async fn embedded(
    services: &Services,
    organization: OrganizationId,
    mut source: IndexedSource,
    texts: Vec<String>,
) -> Result<IndexedSource, HubError> {
    let assistant = &services.ports.assistant;
    let model = &assistant.model().id;
    if source.model != *model {
        let embeddings = assistant.embed(texts.clone()).await?;
        source.vectors = embeddings.iter().map(PackedVector::pack).collect();
        source.model.clone_from(model);
    }
    let provider = services.ports.provider.as_deref();
    if let Some((provider, model)) = provider.and_then(|p| Some((p, p.embedding_model()?)))
        && source.vectors_by(model).is_none()
    {
        match bought(services, organization, provider, texts).await {
            Ok(vectors) => {
                let model = model.to_owned();
                source.others = vec![ModelVectors { model, vectors }];
            }
            Err(error) => tracing::warn!(%error, "a source has no vectors by the provider yet"),
        }
    }
    Ok(source)
}

async fn bought(
    services: &Services,
    organization: OrganizationId,
    provider: &dyn Provider,
    texts: Vec<String>,
) -> Result<Vec<PackedVector>, HubError> {
    let bounds = [(Service::OpenaiEmbedding, provider.embed_bound(&texts))];
    let mut tab = services.budgets.open(organization, Channel::Web, &bounds)?;
    let called = tokio::time::timeout(PATIENCE, provider.embed(texts)).await;
    let called = called.map_err(|_| AssistantError::Failed("it did not embed in time".to_owned()))?;
    tab.charge(Service::OpenaiEmbedding, called.usage);
    tab.close().await;
    let embeddings = called.result?;
    Ok(embeddings.iter().map(PackedVector::pack).collect())
}

/// What the reindexer can be told.
#[derive(Debug)]
pub enum ReindexCommand {
    /// Look for sources that the models in use have not read.
    Sweep,
}

/// Embeds anew, in the background and at a modest pace, what other models than those in use have embedded.
#[derive(Debug)]
pub struct Reindexer {
    services: Arc<Services>,
}

impl Reindexer {
    /// Starts it under a supervisor.
    pub async fn spawn(services: Arc<Services>, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { services }, (), supervisor).await?;
        Ok(actor.get_cell())
    }
}

impl Actor for Reindexer {
    type Msg = ReindexCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_message(ReindexCommand::Sweep)?;
        myself.send_interval(SWEEP, || ReindexCommand::Sweep);
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        command: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            ReindexCommand::Sweep => {
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "the knowledge could not be embedded anew");
                }
            }
        }
        Ok(())
    }
}

impl Reindexer {
    async fn sweep(&self) -> Result<(), HubError> {
        for organization in self.services.records().list_organizations()? {
            let cached = self.services.organization(organization.id)?;
            for source in cached.sources.load_full().iter() {
                if self.is_lacking(source) {
                    self.embed_anew(organization.id, source).await?;
                    tokio::time::sleep(PACE).await;
                }
            }
        }
        Ok(())
    }

    fn is_lacking(&self, source: &IndexedSource) -> bool {
        let ports = &self.services.ports;
        let provided = ports.provider.as_deref().and_then(Provider::embedding_model);
        source.model != ports.assistant.model().id
            || provided.is_some_and(|model| source.vectors_by(model).is_none())
    }

    /// Whoever changes the source meanwhile wins.
    async fn embed_anew(&self, organization: OrganizationId, old: &IndexedSource) -> Result<(), HubError> {
        let records = self.services.records();
        let Some(stored) = records.find_source(organization, &old.id)? else {
            return Ok(());
        };
        let Some(texts) = self.texts(organization, &old.id)? else {
            return Ok(());
        };
        let next = embedded(&self.services, organization, stored.record.clone(), texts).await?;
        if next == stored.record {
            return Ok(());
        }
        let mut batch = switchboard_domain::ports::engine::Batch::new();
        crate::records::knowledge::update_source(&mut batch, organization, &stored, &next)?;
        records.commit(batch).await?;
        self.services
            .organization(organization)?
            .put_source(&Arc::new(next));
        Ok(())
    }

    fn texts(&self, organization: OrganizationId, id: &str) -> Result<Option<Vec<String>>, HubError> {
        let records = self.services.records();
        if let Some(id) = FaqId::parse(id) {
            let faq = records.find_faq(organization, id)?;
            return Ok(faq.map(|faq| texts_of_faq(&faq.record)));
        }
        let Some(id) = PassageId::parse(id) else {
            return Ok(None);
        };
        let passage = records.find_passage(organization, id)?;
        Ok(passage.map(|Passage { title, text, .. }| vec![passage_text(&title, &text)]))
    }
}
