//! What stands behind the ports: the configured engine, files, the system's clock and randomness, the local bus, the
//! embedded assistant and the paid provider.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use parking_lot::Mutex;
use switchboard_actors::bus::LocalBus;
use switchboard_actors::channel::ChannelPorts;
use switchboard_actors::records::Records;
use switchboard_actors::services::Ports;
use switchboard_assistant::openai::{OpenAi, Service};
use switchboard_assistant::{EmbeddedAssistant, Size};
use switchboard_domain::ports::clock::{Clock, Random};
use switchboard_domain::ports::provider::Provider;
use switchboard_domain::time::Timestamp;
use switchboard_store::{EngineKind, EngineOptions, FileBlobs};

use super::StartError;
use crate::config::Config;
use crate::config::ai::Provider as AiProvider;
use crate::config::store::EngineName;
use crate::egress::outward::Outward;
use crate::egress::{self, KeyFetcher};

/// Opens everything that is opened once.
pub(super) fn open(config: &Config) -> Result<Ports, StartError> {
    let options = engine_options(config);
    let engine = switchboard_store::open(&options)?;
    let blobs = FileBlobs::open(&options)?;
    let size = Size {
        threads: config.ai.workers,
        queue: config.ai.queue,
        ..Size::default()
    };
    let assistant =
        EmbeddedAssistant::with_size(size).map_err(|error| StartError::Assistant(error.to_string()))?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
    Ok(Ports {
        provider: provider(config, &random)?,
        records: Records::new(engine),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        random,
        bus: Arc::new(LocalBus::default()),
        assistant: Arc::new(assistant),
        keys: Arc::new(KeyFetcher::new(issuers_client(config))),
        channels: ChannelPorts {
            poster: Some(Arc::new(Outward::new(config.egress.allow_private))),
            ..ChannelPorts::default()
        },
    })
}

/// The paid AI, if one is configured.
fn provider(config: &Config, random: &Arc<dyn Random>) -> Result<Option<Arc<dyn Provider>>, StartError> {
    let ai = &config.ai;
    if ai.provider == AiProvider::Embedded {
        return Ok(None);
    }
    let client = egress::client().map_err(|error| StartError::Assistant(error.to_string()))?;
    let service = Service {
        base_url: ai.base_url.clone(),
        api_key: ai.api_key.as_ref().map(|key| key.expose().to_owned()),
        model: ai.model.clone(),
        embedding_model: ai.embedding_model.clone(),
        transcription_model: ai.transcription_model.clone(),
        patience: ai.timeout,
    };
    Ok(Some(Arc::new(OpenAi::new(client, service, Arc::clone(random)))))
}

/// Nobody sets up what nothing is configured for.
fn issuers_client(config: &Config) -> Result<reqwest::Client, String> {
    if config.auth.issuers.is_empty() {
        return Err("no issuer is configured".to_owned());
    }
    egress::client().map_err(|error| error.to_string())
}

/// The store's options as configured.
pub(super) fn engine_options(config: &Config) -> EngineOptions {
    let kind = match config.store.engine {
        EngineName::Sled => EngineKind::Sled,
        EngineName::Fjall => EngineKind::Fjall,
    };
    EngineOptions {
        cache_mb: config.store.cache_mb,
        reserve_bytes: config.store.reserve_mb.saturating_mul(1024 * 1024),
        ..EngineOptions::new(kind, &config.store.path)
    }
}

/// The machine's clock.
#[derive(Debug)]
pub(super) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock port's one real implementation"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Bytes fetched from the system at once: an id needs ten, and a call into the system costs more than an id.
const POOL: usize = 1024;

/// The system's randomness, fetched in blocks; no byte is given out twice.
#[derive(Debug, Default)]
struct SystemRandom {
    pool: Mutex<Vec<u8>>,
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > POOL {
            return fresh(bytes);
        }
        let mut pool = self.pool.lock();
        if pool.len() < bytes.len() {
            pool.resize(POOL, 0);
            fresh(&mut pool);
        }
        let from = pool.len() - bytes.len();
        for (place, byte) in bytes.iter_mut().zip(pool.drain(from..)) {
            *place = byte;
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "without randomness no id and no secret is safe; the process must not go on"
)]
fn fresh(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system gives random bytes");
}
