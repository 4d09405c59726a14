//! A hub with its default organization, a clock to turn, and personas.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use switchboard_domain::account::{Account, Role};
use switchboard_domain::analysis::{Analysis, Entity};
use switchboard_domain::decision::Thresholds;
use switchboard_domain::desk::DeskPolicy;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::assistant::{Answer, AnswerRequest, Assistant, AssistantError, ModelInfo};
use switchboard_domain::ports::clock::{Clock, Random};
use switchboard_domain::ports::keys::{KeyDocumentError, KeyDocuments};
use switchboard_domain::price::PriceTable;
use switchboard_domain::scope::Scope;
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::time::Timestamp;
use switchboard_domain::vector::Embedding;
use switchboard_store::{EngineKind, EngineOptions, FileBlobs};
use tempfile::TempDir;

use crate::bus::LocalBus;
use crate::channel::ChannelPorts;
use crate::credentials::passwords::HashCost;
use crate::credentials::{Credential, Credentials};
use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::accounts::{Login, NewAccount};
use crate::records::Records;
use crate::root::Root;
use crate::services::Ports;
use crate::settings::{AccountLimits, AssistantLimits, HubSettings};

/// Everybody's password.
pub(super) const PASSWORD: &str = "correct horse";
/// Failed logins a minute.
pub(super) const LOGINS: u32 = 4;
pub(super) const TOKEN_TTL: Duration = Duration::from_secs(3600);
pub(super) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Hashes that cost next to nothing.
const CHEAP: HashCost = HashCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

/// No issuer has any keys.
#[derive(Debug)]
struct NoKeys;

impl KeyDocuments for NoKeys {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<u8>, KeyDocumentError>> {
        Box::pin(async { Err(KeyDocumentError("there are none".to_owned())) })
    }
}

#[derive(Debug)]
pub(super) struct TestClock(AtomicI64);

impl TestClock {
    pub(super) fn turn(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).expect("a short span");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Hashes of a counter: never the same twice.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let digest = Sha256::digest(self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}

/// Accounts need no assistant.
#[derive(Debug)]
struct NoAssistant(ModelInfo);

fn unsupported<T: Send + 'static>() -> BoxFuture<'static, Result<T, AssistantError>> {
    Box::pin(async { Err(AssistantError::Unsupported("do anything")) })
}

impl Assistant for NoAssistant {
    fn model(&self) -> &ModelInfo {
        &self.0
    }

    fn speaks(&self, _: &str) -> bool {
        false
    }

    fn entities(&self, _: &str) -> Vec<Entity> {
        Vec::new()
    }

    fn analyze(&self, _: String) -> BoxFuture<'_, Result<Analysis, AssistantError>> {
        unsupported()
    }

    fn embed(&self, _: Vec<String>) -> BoxFuture<'_, Result<Vec<Embedding>, AssistantError>> {
        unsupported()
    }

    fn answer(&self, _: AnswerRequest) -> BoxFuture<'_, Result<Answer, AssistantError>> {
        unsupported()
    }

    fn transcribe(&self, _: Vec<u8>, _: String) -> BoxFuture<'_, Result<String, AssistantError>> {
        unsupported()
    }
}

/// A hub after its first start.
pub(super) struct World {
    pub(super) hub: Hub,
    pub(super) clock: Arc<TestClock>,
    _root: Root,
    _folder: TempDir,
}

impl World {
    pub(super) async fn started() -> Self {
        let world = Self::empty().await;
        let started = world
            .hub
            .ensure_first_start(Some(PASSWORD.to_owned()), |_| {})
            .await;
        started.expect("the first start succeeds");
        world
    }

    /// Before the first start.
    pub(super) async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock(AtomicI64::new(1_750_000_000_000)));
        let options = EngineOptions::new(EngineKind::Sled, folder.path());
        let engine = switchboard_store::open(&options).expect("the store opens");
        let ports = Ports {
            records: Records::new(engine),
            blobs: Arc::new(FileBlobs::open(&options).expect("attachments open")),
            clock: Arc::<TestClock>::clone(&clock),
            random: Arc::new(Counted::default()),
            keys: Arc::new(NoKeys),
            channels: ChannelPorts::default(),
            bus: Arc::new(LocalBus::default()),
            provider: None,
            assistant: Arc::new(NoAssistant(ModelInfo {
                id: "none".to_owned(),
                dimensions: 1,
                remote: false,
            })),
        };
        let (mut hub, root) = Hub::start(ports, settings()).await.expect("the hub starts");
        let credentials = Credentials::with_cost(Arc::clone(&hub.services), CHEAP);
        hub.credentials = Arc::new(credentials.expect("credentials"));
        Self {
            hub,
            clock,
            _root: root,
            _folder: folder,
        }
    }

    pub(super) async fn login(&self, name: &str, password: &str) -> Result<Login, HubError> {
        self.hub.login(name, password, HOME).await
    }

    /// The token of somebody who logs in with everybody's password.
    pub(super) async fn token(&self, name: &str) -> String {
        let login = self.login(name, PASSWORD).await;
        login.map(|login| login.token).expect("the login succeeds")
    }

    pub(super) fn authenticate(&self, token: &str) -> Result<Scope, HubError> {
        let authenticated = self
            .hub
            .credentials
            .authenticate(Credential::Bearer(token), "care");
        authenticated.map(|authenticated| authenticated.scope)
    }

    pub(super) async fn scope(&self, name: &str) -> Scope {
        let token = self.token(name).await;
        self.authenticate(&token).expect("a fresh token stands")
    }

    pub(super) async fn admin(&self) -> Scope {
        self.scope("admin").await
    }

    /// Somebody of that role in the default organization.
    pub(super) async fn person(&self, name: &str, role: Role) -> Arc<Account> {
        let admin = self.admin().await;
        // Ids sort by the millisecond, and lists by ids.
        self.clock.turn(Duration::from_millis(1));
        let created = self
            .hub
            .create_account(&admin, new_account(name), role, None)
            .await;
        created.expect("the account is created")
    }
}

fn settings() -> HubSettings {
    HubSettings {
        assistant: AssistantLimits {
            workers: 1,
            queue: 1,
            debounce: Duration::ZERO,
            timeout: Duration::from_secs(1),
            thresholds: Thresholds {
                answer: 0.6,
                clarify: 0.55,
            },
            provider_thresholds: Thresholds {
                answer: 0.6,
                clarify: 0.55,
            },
        },
        defaults: AssistantSettings::default(),
        typing_ends_after: Duration::from_secs(6),
        short_term_memory: Duration::from_secs(86_400),
        desk: DeskPolicy {
            offer: Duration::from_secs(30),
            capacity: 1,
        },
        agent_grace: Duration::from_secs(30),
        session_idle: Duration::from_secs(60),
        public_url: Some("https://hub.example".to_owned()),
        automatic_mails_per_hour: 10,
        max_waiting_commands: 16,
        prices: PriceTable::default(),
        accounts: AccountLimits {
            token_ttl: TOKEN_TTL,
            token_secret: b"a secret of this hub, never shown".to_vec(),
            login_attempts_per_minute: Some(LOGINS),
            sockets_per_account: None,
            hashing_workers: 2,
            hashing_queue: 64,
            issuers: Vec::new(),
        },
    }
}

/// `name`, name@example.com, everybody's password.
pub(super) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        username: Some(name.to_owned()),
        email: format!("{name}@example.com"),
        password: PASSWORD.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
    }
}

/// The field a refusal names.
pub(super) fn invalid_field<T>(result: &Result<T, HubError>) -> Option<&'static str> {
    match result {
        Err(HubError::Invalid { field, .. }) => Some(field),
        _ => None,
    }
}

pub(super) fn is_unauthenticated<T>(result: &Result<T, HubError>) -> bool {
    matches!(result, Err(HubError::Unauthenticated))
}

pub(super) fn is_forbidden<T>(result: &Result<T, HubError>) -> bool {
    matches!(result, Err(HubError::Forbidden(_)))
}

pub(super) fn is_not_found<T>(result: &Result<T, HubError>) -> bool {
    matches!(result, Err(HubError::NotFound(_)))
}
