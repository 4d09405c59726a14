//! A paid AI behind an OpenAI-compatible API: the `Provider` port over HTTP.
//!
//! Request types are those of `async-openai`; its transport is not used, because it hides `Retry-After`, logs answers it
//! cannot read, and reads bodies without bound. Invariant: what customers write goes into a prompt as data, in a JSON
//! object of the user turn, and never into the system turn; and no error or log line repeats any of it.

mod audio;
mod breaker;
mod chat;
mod pace;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput};
use serde::Deserialize;
use switchboard_domain::audio::AudioFormat;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::assistant::{Answer, AnswerRequest, AssistantError};
use switchboard_domain::ports::clock::Random;
use switchboard_domain::ports::provider::{Called, Provider, Understood};
use switchboard_domain::price::Usage;
use switchboard_domain::vector::Embedding;

use self::transport::Transport;

/// Texts embedded in one request.
const EMBEDDED_AT_ONCE: usize = 64;
/// Bytes a second of the thinnest speech there is (AMR at 4.75 kbit/s), for a bound on a recording's length.
const THINNEST_BYTES_A_SECOND: usize = 590;

/// Where the service is, and what is asked of it.
#[derive(Clone)]
pub struct Service {
    /// The address up to and with `/v1`.
    pub base_url: String,
    /// The key; none is sent without.
    pub api_key: Option<String>,
    /// The model for analysis and answers.
    pub model: String,
    /// The model for embeddings, if the service is to embed.
    pub embedding_model: Option<String>,
    /// The model for transcription, if the service is to hear.
    pub transcription_model: Option<String>,
    /// The longest one call may take, all attempts together.
    pub patience: Duration,
}

/// The provider.
#[derive(Debug)]
pub struct OpenAi {
    model: String,
    embedding_model: Option<String>,
    embedding_id: Option<String>,
    transcription_model: Option<String>,
    transport: Transport,
}

impl OpenAi {
    /// Over this HTTP client, which others may share.
    pub fn new(client: reqwest::Client, service: Service, random: Arc<dyn Random>) -> Self {
        let Service {
            base_url,
            api_key,
            model,
            embedding_model,
            transcription_model,
            patience,
        } = service;
        let host = base_url.trim_end_matches('/').to_owned();
        Self {
            model,
            embedding_id: embedding_model.as_ref().map(|model| format!("{host} {model}")),
            embedding_model,
            transcription_model,
            transport: Transport::new(client, host, api_key, random, patience),
        }
    }

    async fn embed_all(&self, texts: Vec<String>) -> Called<Vec<Embedding>> {
        let mut usage = Usage::default();
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(EMBEDDED_AT_ONCE) {
            let called = self.embed_batch(batch.to_vec()).await;
            usage = usage.plus(called.usage);
            match called.result {
                Ok(embedded) => vectors.extend(embedded),
                Err(error) => {
                    return Called {
                        result: Err(error),
                        usage,
                    };
                }
            }
        }
        Called {
            result: Ok(vectors),
            usage,
        }
    }

    async fn embed_batch(&self, texts: Vec<String>) -> Called<Vec<Embedding>> {
        let Some(model) = self.embedding_model.clone() else {
            return Called {
                result: Err(AssistantError::Unsupported("embed")),
                usage: Usage::default(),
            };
        };
        let wanted = texts.len();
        let request = CreateEmbeddingRequest {
            model,
            input: EmbeddingInput::StringArray(texts),
            ..CreateEmbeddingRequest::default()
        };
        match self.transport.post::<_, Embedded>("/embeddings", &request).await {
            Ok(embedded) => Called {
                usage: embedded.usage(),
                result: embedded.vectors(wanted),
            },
            Err(error) => Called {
                result: Err(error),
                usage: Usage::default(),
            },
        }
    }
}

/// What `/embeddings` answers; more than this is not asked of a compatible service.
#[derive(Debug, Deserialize)]
struct Embedded {
    data: Vec<EmbeddedText>,
    #[serde(default)]
    usage: Option<EmbeddedUsage>,
}

#[derive(Debug, Deserialize)]
struct EmbeddedText {
    #[serde(default)]
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Debug, Deserialize)]
struct EmbeddedUsage {
    #[serde(default)]
    prompt_tokens: u32,
}

impl Embedded {
    fn usage(&self) -> Usage {
        Usage {
            input_tokens: self.usage.as_ref().map_or(0, |usage| usage.prompt_tokens),
            ..Usage::default()
        }
    }

    fn vectors(mut self, wanted: usize) -> Result<Vec<Embedding>, AssistantError> {
        self.data.sort_by_key(|text| text.index);
        let length = self.data.first().map_or(0, |text| text.embedding.len());
        let is_whole = self.data.len() == wanted
            && length > 0
            && self.data.iter().all(|text| {
                text.embedding.len() == length && text.embedding.iter().all(|value| value.is_finite())
            });
        if !is_whole {
            return Err(AssistantError::Failed(
                "its vectors do not fit what was asked".into(),
            ));
        }
        let vectors = self
            .data
            .into_iter()
            .map(|text| Embedding::from_raw(text.embedding));
        Ok(vectors.collect())
    }
}

impl Provider for OpenAi {
    fn model(&self) -> &str {
        &self.model
    }

    fn embedding_model(&self) -> Option<&str> {
        self.embedding_id.as_deref()
    }

    fn transcribes(&self) -> bool {
        self.transcription_model.is_some()
    }

    fn turn_bound(&self, request: &AnswerRequest) -> Usage {
        chat::turn_bound(request)
    }

    fn embed_bound(&self, texts: &[String]) -> Usage {
        Usage {
            input_tokens: chat::tokens_of(texts.iter().map(String::len).sum()),
            ..Usage::default()
        }
    }

    fn audio_bound(&self, bytes: usize) -> Usage {
        Usage {
            audio_seconds: u32::try_from(bytes.div_ceil(THINNEST_BYTES_A_SECOND)).unwrap_or(u32::MAX),
            ..Usage::default()
        }
    }

    fn analyze(&self, text: String) -> BoxFuture<'_, Called<Understood>> {
        Box::pin(async move { chat::analyze(&self.transport, &self.model, &text).await })
    }

    fn answer(&self, request: AnswerRequest) -> BoxFuture<'_, Called<Option<Answer>>> {
        Box::pin(async move { chat::answer(&self.transport, &self.model, &request).await })
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Called<Vec<Embedding>>> {
        Box::pin(self.embed_all(texts))
    }

    fn transcribe(&self, audio: Vec<u8>, format: AudioFormat) -> BoxFuture<'_, Called<String>> {
        let model = self.transcription_model.as_deref().unwrap_or_default();
        Box::pin(audio::transcribe(&self.transport, model, audio, format))
    }
}
