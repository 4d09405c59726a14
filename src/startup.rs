//! The composition root: the one place that names concrete engines, models and families, and wires them together.
//!
//! Called by `main` and by tests alike: [`start`] brings everything up, [`Running::until_stopped`] serves until the
//! order to stop comes or the core fails beyond its limits.

mod channels;
pub mod doctor;
mod ports;
mod secret;
mod surfaces;
mod welcome;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard_actors::hub::Hub;
use switchboard_actors::root::Root;
use switchboard_actors::settings::{AccountLimits, AssistantLimits, HubSettings, Issuer};
use switchboard_domain::decision::Thresholds;
use switchboard_domain::desk::DeskPolicy;
use switchboard_domain::ports::engine::{Engine, StoreError, WriteHealth};
use switchboard_domain::settings::AssistantSettings;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::demo;
use crate::http::{Handler, serve};
use crate::shutdown::Signal;

/// How often a dead store is looked for.
const STORE_WATCH: Duration = Duration::from_millis(200);
/// Commands that may wait in all sessions together before callers are told to come back.
const MAX_WAITING_COMMANDS: usize = 20_000;
/// Passwords hashed at the same time, and waiting to be.
const HASHING: (usize, usize) = (2, 64);

/// Why the hub could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store could not be opened, or has failed for good.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// A part of the core could not be started.
    #[error("the core: {0}")]
    Core(#[from] switchboard_actors::error::HubError),
    /// The assistant could not be loaded.
    #[error("the assistant: {0}")]
    Assistant(String),
    /// A channel to the outside could not be set up.
    #[error("the channels: {0}")]
    Channel(String),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Failures went beyond the root of the supervision tree.
    #[error("the core has failed beyond its limits and cannot go on")]
    Failed,
}

/// The hub, up and listening.
pub struct Running {
    /// The core.
    pub hub: Hub,
    root: Root,
    engine: Arc<dyn Engine>,
    handler: Arc<dyn Handler>,
    listeners: Vec<TcpListener>,
    settings: serve::ServeSettings,
    /// What the operator is to enter elsewhere.
    notes: Vec<String>,
}

/// Starts, says what to try, and serves until the order to stop: what `main` does.
///
/// # Errors
/// When it cannot start, or has to stop because a part has failed for good.
pub async fn run(config: Config, listeners: Vec<TcpListener>, stop: Signal) -> Result<(), StartError> {
    let running = start(&config, listeners, &stop).await?;
    welcome::print(&config, &running);
    running.until_stopped(stop).await
}

/// Opens the store, loads the assistant, starts the core and mounts every family on these listeners.
///
/// # Errors
/// When a part cannot be started; nothing is left running then.
pub async fn start(
    config: &Config,
    listeners: Vec<TcpListener>,
    stop: &Signal,
) -> Result<Running, StartError> {
    let mut opened = ports::open(config)?;
    let engine = Arc::clone(opened.records.engine());
    let secret = secret::token_secret(config)?;
    let clock = Arc::clone(&opened.clock);
    channels::open(config, &secret, &clock, &mut opened.channels)?;
    let notes = channels::addresses(config, &secret);
    let settings = hub_settings(config, secret);
    let (hub, root) = Hub::start(opened.clone(), settings).await?;
    let password = config
        .admin_password
        .as_ref()
        .map(|secret| secret.expose().to_owned());
    hub.ensure_first_start(password, welcome::announce_password)
        .await?;
    if config.demo {
        demo::load(&hub).await?;
    }
    let handler = surfaces::mount(config, &hub, &opened, stop);
    let settings = config.server.serve_settings();
    Ok(Running {
        hub,
        root,
        engine,
        handler,
        listeners,
        settings,
        notes,
    })
}

impl Running {
    /// The addresses it listens on.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners
            .iter()
            .filter_map(|listener| listener.local_addr().ok())
            .collect()
    }

    /// Serves until the order to stop, then drains: no new connections, sockets closed with "come back", the store
    /// closed last.
    ///
    /// # Errors
    /// When the core or the store has failed for good; the process is to end with an error then.
    pub async fn until_stopped(self, stop: Signal) -> Result<(), StartError> {
        let Self {
            hub,
            mut root,
            engine,
            handler,
            listeners,
            settings,
            ..
        } = self;
        let failure = tokio::select! {
            _ = serve::serve(listeners, handler, &settings, stop) => None,
            () = root.ended() => Some(StartError::Failed),
            () = dead_store(engine.as_ref()) => Some(StartError::Store(StoreError::Closed)),
        };
        drop(hub);
        if failure.is_none() {
            root.stop().await;
        }
        let closed = tokio::task::spawn_blocking(move || engine.close()).await;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(closed.map_err(|error| StoreError::Failed(error.to_string()))??),
        }
    }
}

/// Returns once the store acknowledges nothing any more; a failed sync is never retried.
async fn dead_store(engine: &dyn Engine) {
    let mut tick = tokio::time::interval(STORE_WATCH);
    while engine.write_health() != WriteHealth::Dead {
        tick.tick().await;
    }
}

fn issuer(configured: &crate::config::auth::Issuer) -> Issuer {
    Issuer {
        issuer: configured.issuer.clone(),
        audience: configured.audience.clone(),
        jwks_url: configured.jwks_url.clone(),
        trust_roles: configured.trust_roles,
    }
}

fn hub_settings(config: &Config, token_secret: Vec<u8>) -> HubSettings {
    let ai = &config.ai;
    let limited = config.limits.enabled;
    HubSettings {
        assistant: AssistantLimits {
            workers: ai.workers,
            queue: ai.queue,
            debounce: ai.debounce,
            timeout: ai.timeout,
            thresholds: Thresholds {
                answer: ai.answer_threshold,
                clarify: ai.clarify_threshold,
            },
            provider_thresholds: Thresholds {
                answer: ai.embedding_answer_threshold,
                clarify: ai.embedding_clarify_threshold,
            },
        },
        defaults: AssistantSettings {
            handover_message: config.handover.message.clone(),
            fallback_message: config.handover.fallback_message.clone(),
            ..AssistantSettings::default()
        },
        desk: DeskPolicy {
            offer: config.handover.offer,
            capacity: usize::try_from(config.handover.agent_capacity).unwrap_or(usize::MAX),
        },
        agent_grace: config.handover.grace,
        session_idle: config.sessions.idle,
        typing_ends_after: config.sessions.typing,
        short_term_memory: config.memory.short_term,
        public_url: config.server.public_url.clone(),
        automatic_mails_per_hour: config.email.automatic_per_hour,
        max_waiting_commands: MAX_WAITING_COMMANDS,
        prices: config.prices.table(),
        accounts: AccountLimits {
            token_ttl: config.auth.token_ttl,
            token_secret,
            login_attempts_per_minute: limited.then_some(config.limits.login_attempts_per_minute),
            sockets_per_account: limited.then_some(config.limits.sockets_per_account),
            hashing_workers: HASHING.0,
            hashing_queue: HASHING.1,
            issuers: config.auth.issuers.iter().map(issuer).collect(),
        },
    }
}
