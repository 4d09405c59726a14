//! The `Assistant` port over the embedded model: cache first, then the pool; the rest is plain text work.

use std::io;
use std::sync::Arc;

use switchboard_domain::analysis::{Analysis, Confidence, Entity, Intent};
use switchboard_domain::excerpt::{excerpt, first_characters};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::assistant::{Answer, AnswerRequest, Assistant, AssistantError, ModelInfo};
use switchboard_domain::settings::primary_language;
use switchboard_domain::vector::Embedding;

use crate::cache::VectorCache;
use crate::complaints::complains;
use crate::entities::entities;
use crate::intents::{IntentModel, Prediction};
use crate::language::is_language_known;
use crate::model::{DIMENSIONS, Model, ModelError};
use crate::pool::Pool;
use crate::requests::asks_for_person;
use crate::sentiment::sentiment;

/// Texts embedded in one go; between two goes, waiting messages get their turn.
const BATCH: usize = 4;

/// Characters of a message that are looked at; the model itself reads about 600.
const LONGEST_TEXT: usize = 4000;

/// How certain an intent is that was recognized by its words.
const PLAIN_WORDS: f32 = 0.99;

/// Why the assistant could not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The model in the binary cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The operating system gave no threads.
    #[error("the assistant's threads did not start: {0}")]
    Threads(#[from] io::Error),
}

/// How much the assistant may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Threads that run the model.
    pub threads: usize,
    /// Jobs that may wait for a thread, four texts each at most; one more is refused.
    pub queue: usize,
    /// Vectors that are remembered, 1.6 KB each.
    pub cached_vectors: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            threads: 1,
            queue: 256,
            cached_vectors: 4096,
        }
    }
}

/// The assistant that needs no key and no network.
#[derive(Debug)]
pub struct EmbeddedAssistant {
    info: ModelInfo,
    model: Arc<Model>,
    intents: IntentModel,
    vectors: Arc<VectorCache>,
    pool: Pool,
}

impl EmbeddedAssistant {
    /// Loads the model with the default [`Size`]; takes milliseconds.
    pub fn load() -> Result<Self, LoadError> {
        Self::with_size(Size::default())
    }

    /// Loads the model with a size of one's own.
    pub fn with_size(size: Size) -> Result<Self, LoadError> {
        let model = Model::load()?;
        Ok(Self {
            info: ModelInfo {
                id: "all-minilm-l6-v2-int8".into(),
                dimensions: DIMENSIONS,
                remote: false,
            },
            intents: IntentModel::load(&model),
            model: Arc::new(model),
            vectors: Arc::new(VectorCache::new(size.cached_vectors)),
            pool: Pool::start(size.threads, size.queue)?,
        })
    }

    async fn embed_all(&self, texts: Vec<String>) -> Result<Vec<Embedding>, AssistantError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            vectors.extend(self.embed_batch(batch).await?);
        }
        Ok(vectors)
    }

    async fn embed_batch(&self, texts: &[String]) -> Result<Vec<Embedding>, AssistantError> {
        let known: Option<Vec<_>> = texts.iter().map(|text| self.vectors.find(text)).collect();
        if let Some(vectors) = known {
            return Ok(vectors);
        }
        let (model, cache, texts) = (Arc::clone(&self.model), Arc::clone(&self.vectors), texts.to_vec());
        self.pool
            .run(move || texts.iter().map(|text| embed_one(&model, &cache, text)).collect())
            .await
    }

    async fn analyze_text(&self, text: String) -> Result<Analysis, AssistantError> {
        let text = first_characters(&text, LONGEST_TEXT).to_owned();
        let vectors = self.embed_all(vec![text.clone()]).await?;
        let vector = vectors
            .into_iter()
            .next()
            .ok_or(AssistantError::Unsupported("embed this text"))?;
        Ok(self.read(&text, self.intents.predict(&vector)))
    }

    fn read(&self, text: &str, found: Prediction) -> Analysis {
        let (intent, confidence) = if asks_for_person(text) {
            (Intent::AgentRequest, Confidence::clamped(PLAIN_WORDS))
        } else if complains(text) {
            (Intent::Complaint, Confidence::clamped(PLAIN_WORDS))
        } else {
            (found.intent, found.confidence)
        };
        Analysis {
            intent,
            confidence,
            familiarity: found.familiarity,
            entities: entities(text),
            sentiment: sentiment(text, intent),
            language_known: is_language_known(text, |word| self.model.is_whole_token(word)),
        }
    }
}

fn embed_one(model: &Model, cache: &VectorCache, text: &str) -> Embedding {
    cache.find(text).unwrap_or_else(|| {
        let vector = model.embed(text);
        cache.insert(text, vector.clone());
        vector
    })
}

impl Assistant for EmbeddedAssistant {
    fn model(&self) -> &ModelInfo {
        &self.info
    }

    fn speaks(&self, language: &str) -> bool {
        primary_language(language) == "en"
    }

    fn entities(&self, text: &str) -> Vec<Entity> {
        entities(text)
    }

    fn analyze(&self, text: String) -> BoxFuture<'_, Result<Analysis, AssistantError>> {
        Box::pin(self.analyze_text(text))
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Embedding>, AssistantError>> {
        Box::pin(self.embed_all(texts))
    }

    fn answer(&self, request: AnswerRequest) -> BoxFuture<'_, Result<Answer, AssistantError>> {
        Box::pin(async move { quote(request) })
    }

    fn transcribe(&self, _: Vec<u8>, _: String) -> BoxFuture<'_, Result<String, AssistantError>> {
        Box::pin(async { Err(AssistantError::Unsupported("transcribe audio")) })
    }
}

/// The best source in its own words.
fn quote(request: AnswerRequest) -> Result<Answer, AssistantError> {
    let best = request.sources.into_iter().next();
    let source = best.ok_or_else(|| AssistantError::Failed("there is no source to answer from".into()))?;
    let text = excerpt(&source.text, request.max_characters).to_owned();
    Ok(Answer {
        text,
        sources: vec![source],
        tokens: 0,
    })
}
