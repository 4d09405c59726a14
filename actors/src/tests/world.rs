//! A running core: a real store in a temporary folder that may refuse, a scripted assistant, a listener that remembers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use switchboard_domain::account::Role;
use switchboard_domain::analysis::{Analysis, Confidence, Entity, Intent, Sentiment};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::decision::Thresholds;
use switchboard_domain::desk::DeskPolicy;
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::id::{AccountId, ConnectionId, TokenId};
use switchboard_domain::message::Message;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::assistant::{Answer, AnswerRequest, Assistant, AssistantError, ModelInfo};
use switchboard_domain::ports::bus::{Listener, Topic};
use switchboard_domain::ports::clock::{Clock, Random};
use switchboard_domain::ports::engine::{
    Batch, Change, Direction, Engine, EngineStats, Entry, KeyRange, StoreError, Told, WriteHealth,
};
use switchboard_domain::ports::keys::{KeyDocumentError, KeyDocuments};
use switchboard_domain::price::PriceTable;
use switchboard_domain::scope::{AccountPrincipal, Principal, Scope};
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::time::Timestamp;
use switchboard_domain::vector::Embedding;
use switchboard_store::{EngineKind, EngineOptions, FileBlobs};
use tempfile::TempDir;
use tokio::sync::{Semaphore, oneshot};

use crate::bus::LocalBus;
use crate::channel::ChannelPorts;
use crate::hub::Hub;
use crate::hub::conversations::{GuestConversation, OpenConversation};
use crate::hub::knowledge::NewFaq;
use crate::hub::messages::NewMessage;
use crate::records::Records;
use crate::records::keys::Kind;
use crate::root::Root;
use crate::services::Ports;
use crate::session::Done;
use crate::settings::{AccountLimits, AssistantLimits, HubSettings};

/// What the scripted assistant answers to everything it knows.
pub(super) const ANSWER: &str = "Within thirty days.";
/// Longest a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// No issuer has any keys.
#[derive(Debug)]
struct NoKeys;

impl KeyDocuments for NoKeys {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<u8>, KeyDocumentError>> {
        Box::pin(async { Err(KeyDocumentError("there are none".to_owned())) })
    }
}

/// The machine's clock, put forward as a test wants.
#[derive(Debug, Default)]
pub(super) struct TestClock(AtomicU64);

impl TestClock {
    /// It is later by this.
    pub(super) fn advance(&self, time: Duration) {
        self.0
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests of the whole core run in real time"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let ahead = Duration::from_millis(self.0.load(Ordering::SeqCst));
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap()).after(ahead)
    }
}

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

/// An assistant that knows one answer, panics on "panic", fails on "fail", and waits where it is told to.
#[derive(Debug)]
pub(super) struct Scripted {
    info: ModelInfo,
    /// One permit for each turn that may go on; plenty unless a test takes them away.
    pub(super) gate: Semaphore,
    pub(super) turns: AtomicUsize,
}

impl Assistant for Scripted {
    fn model(&self) -> &ModelInfo {
        &self.info
    }

    fn speaks(&self, language: &str) -> bool {
        language == "en"
    }

    fn entities(&self, _: &str) -> Vec<Entity> {
        Vec::new()
    }

    fn analyze(&self, text: String) -> BoxFuture<'_, Result<Analysis, AssistantError>> {
        Box::pin(async move {
            self.turns.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.unwrap().forget();
            assert!(!text.contains("panic"), "the script asks for a panic");
            if text.contains("fail") {
                return Err(AssistantError::Failed("the script asks for it".to_owned()));
            }
            Ok(Analysis {
                intent: if text.contains("person") {
                    Intent::AgentRequest
                } else {
                    Intent::Inquiry
                },
                confidence: Confidence::clamped(0.9),
                familiarity: Confidence::clamped(0.9),
                entities: Vec::new(),
                sentiment: Sentiment::Neutral,
                language_known: true,
            })
        })
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Embedding>, AssistantError>> {
        let of = |text: &String| {
            let strange = text.contains("strange");
            Embedding::from_raw(if strange { vec![0.0, 1.0] } else { vec![1.0, 0.0] })
        };
        let embeddings = texts.iter().map(of).collect();
        Box::pin(async move { Ok(embeddings) })
    }

    fn answer(&self, request: AnswerRequest) -> BoxFuture<'_, Result<Answer, AssistantError>> {
        Box::pin(async move {
            Ok(Answer {
                text: request.sources[0].text.clone(),
                sources: request.sources,
                tokens: 0,
            })
        })
    }

    fn transcribe(&self, _: Vec<u8>, _: String) -> BoxFuture<'_, Result<String, AssistantError>> {
        Box::pin(async { Err(AssistantError::Unsupported("hear")) })
    }
}

/// A real engine that refuses commits while it is told to.
#[derive(Debug)]
pub(super) struct Refusing {
    inner: Arc<dyn Engine>,
    pub(super) full: AtomicBool,
    /// What was committed since a test has begun to watch.
    pub(super) watched: Mutex<Option<Vec<Batch>>>,
    /// The next commit that writes a record of this kind is held until a test lets it go.
    held: Mutex<Option<(Kind, oneshot::Receiver<()>)>>,
}

impl Refusing {
    /// Holds the next commit, but for those of sessions, that writes a record of this kind until something is sent.
    pub(super) fn hold(&self, kind: Kind) -> oneshot::Sender<()> {
        let (go_on, gate) = oneshot::channel();
        *self.held.lock() = Some((kind, gate));
        go_on
    }

    /// Whether nothing is to be held any more: it is held by now.
    pub(super) fn is_held(&self) -> bool {
        self.held.lock().is_none()
    }

    fn gate(&self, batch: &Batch) -> Option<oneshot::Receiver<()>> {
        let mut held = self.held.lock();
        let is_meant = |kind: Kind| {
            let mut keys = batch.changes.iter().map(Change::key);
            keys.any(|key| key[0] == kind as u8)
        };
        held.take_if(|(kind, _)| is_meant(*kind)).map(|(_, gate)| gate)
    }

    fn admitted(&self, batch: &Batch) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        if let Some(watched) = self.watched.lock().as_mut() {
            watched.push(batch.clone());
        }
        Ok(())
    }
}

impl Engine for Refusing {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.inner.scan(range, direction, limit)
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'static, Result<(), StoreError>> {
        if let Err(full) = self.admitted(&batch) {
            return Box::pin(async { Err(full) });
        }
        let Some(gate) = self.gate(&batch) else {
            return self.inner.commit(batch);
        };
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            gate.await.unwrap();
            inner.commit(batch).await
        })
    }

    fn commit_then(&self, batch: Batch, told: Told) {
        match self.admitted(&batch) {
            Ok(()) => self.inner.commit_then(batch, told),
            Err(full) => told(Err(full)),
        }
    }

    fn write_health(&self) -> WriteHealth {
        self.inner.write_health()
    }

    fn stats(&self) -> EngineStats {
        self.inner.stats()
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
        self.inner.verify(progress)
    }

    fn path(&self) -> &Path {
        self.inner.path()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}

/// Remembers what it hears.
#[derive(Debug)]
pub(super) struct Ear {
    id: ConnectionId,
    staff: bool,
    pub(super) heard: Mutex<Vec<Arc<Occurrence>>>,
    pub(super) ended: AtomicBool,
}

impl Listener for Ear {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn is_staff(&self) -> bool {
        self.staff
    }

    fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        self.heard.lock().extend(occurrences.iter().cloned());
    }
}

/// A running core.
pub(super) struct World {
    pub(super) hub: Hub,
    pub(super) root: Root,
    pub(super) engine: Arc<Refusing>,
    pub(super) assistant: Arc<Scripted>,
    pub(super) clock: Arc<TestClock>,
    channels: ChannelPorts,
    settings: HubSettings,
    folder: TempDir,
}

impl World {
    /// Up, after its first start, with one FAQ.
    pub(super) async fn up() -> Self {
        Self::with_channels(settings(), ChannelPorts::default()).await
    }

    pub(super) async fn with_channels(settings: HubSettings, channels: ChannelPorts) -> Self {
        let world = Self::over(TempDir::new().unwrap(), settings, channels).await;
        world.teach().await;
        world
    }

    pub(super) async fn with(change: impl FnOnce(&mut HubSettings)) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let world = Self::over(TempDir::new().unwrap(), settings, ChannelPorts::default()).await;
        world.teach().await;
        world
    }

    async fn over(folder: TempDir, settings: HubSettings, channels: ChannelPorts) -> Self {
        let options = EngineOptions {
            reserve_bytes: 0,
            ..EngineOptions::new(EngineKind::Sled, folder.path())
        };
        let inner = switchboard_store::open(&options).unwrap();
        let engine = Arc::new(Refusing {
            inner,
            full: AtomicBool::new(false),
            watched: Mutex::default(),
            held: Mutex::default(),
        });
        let shared: Arc<dyn Engine> = Arc::<Refusing>::clone(&engine);
        let info = ModelInfo {
            id: "scripted".to_owned(),
            dimensions: 2,
            remote: false,
        };
        let assistant = Arc::new(Scripted {
            info,
            gate: Semaphore::new(10_000),
            turns: AtomicUsize::new(0),
        });
        let clock = Arc::new(TestClock::default());
        let port: Arc<dyn Assistant> = Arc::<Scripted>::clone(&assistant);
        let ports = Ports {
            records: Records::new(shared),
            blobs: Arc::new(FileBlobs::open(&options).unwrap()),
            clock: Arc::<TestClock>::clone(&clock),
            random: Arc::new(Counted(AtomicU64::new(clock.now().as_millis().unsigned_abs()))),
            keys: Arc::new(NoKeys),
            bus: Arc::new(LocalBus::default()),
            assistant: port,
            provider: None,
            channels: channels.clone(),
        };
        let (hub, root) = Hub::start(ports, settings.clone()).await.unwrap();
        hub.ensure_first_start(Some("correct horse".to_owned()), |_| {})
            .await
            .unwrap();
        Self {
            hub,
            root,
            engine,
            assistant,
            clock,
            channels,
            settings,
            folder,
        }
    }

    /// The whole core ends and another one starts over the same store.
    pub(super) async fn restarted(self) -> Self {
        let Self {
            hub,
            root,
            engine,
            channels,
            settings,
            folder,
            ..
        } = self;
        drop(hub);
        root.stop().await;
        engine.close().unwrap();
        drop(engine);
        Self::over(folder, settings, channels).await
    }

    /// The same with these channels configured instead; what was configured before.
    pub(super) async fn restarted_with(mut self, channels: ChannelPorts) -> (Self, ChannelPorts) {
        let before = std::mem::replace(&mut self.channels, channels);
        (self.restarted().await, before)
    }

    async fn teach(&self) {
        let scope = Scope::hub(self.hub.credentials().default_organization().unwrap());
        let faq = NewFaq {
            question: "Returns?".to_owned(),
            answer: ANSWER.to_owned(),
            ..NewFaq::default()
        };
        self.hub.create_faq(&scope, faq).await.unwrap();
    }

    pub(super) async fn guest(&self) -> GuestConversation {
        let organization = self.hub.credentials().default_organization().unwrap();
        self.hub
            .open_guest_conversation(organization, OpenConversation::default())
            .await
            .unwrap()
    }

    /// An agent of the default organization.
    pub(super) fn agent(&self, number: u8) -> Scope {
        let organization = self.hub.credentials().default_organization().unwrap();
        let principal = Principal::Account(AccountPrincipal {
            id: AccountId::from_bytes([number; 16]),
            role: Role::Agent,
            name: format!("Agent {number}"),
            token: TokenId::from_bytes([number; 16]),
            generation: 0,
        });
        Scope {
            organization,
            principal,
        }
    }

    pub(super) async fn say(&self, guest: &GuestConversation, text: &str) -> Done {
        self.hub
            .receive_message(&guest.scope, &guest.conversation, message(text))
            .await
            .unwrap()
    }

    pub(super) fn messages(&self, guest: &GuestConversation) -> Vec<Arc<Message>> {
        self.hub
            .list_messages(&guest.scope, &guest.conversation, 0, 1_000)
            .unwrap()
    }

    pub(super) fn texts(&self, guest: &GuestConversation) -> Vec<String> {
        self.messages(guest)
            .iter()
            .map(|message| message.text.clone())
            .collect()
    }

    pub(super) fn conversation(&self, guest: &GuestConversation) -> Arc<Conversation> {
        self.hub
            .get_conversation(&guest.scope, &guest.conversation.id.to_string())
            .unwrap()
    }

    /// A listener of this conversation.
    pub(super) fn ear(&self, topic: Topic, number: u8, staff: bool) -> Arc<Ear> {
        let ear = Arc::new(Ear {
            id: ConnectionId::from_bytes([number; 16]),
            staff,
            heard: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let listener: Arc<dyn Listener> = Arc::<Ear>::clone(&ear);
        self.hub.services().ports.bus.subscribe(topic, listener);
        ear
    }

    /// Waits until `holds`, which it must before long.
    pub(super) async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "never came: {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until the assistant has answered the last message.
    pub(super) async fn until_answered(&self, guest: &GuestConversation) {
        let settled = || self.conversation(guest).turn_due.is_none();
        self.until("the answer", settled).await;
    }
}

impl Ear {
    pub(super) fn typing(&self) -> Vec<bool> {
        let heard = self.heard.lock();
        let typing = heard.iter().filter_map(|occurrence| match &occurrence.event {
            Event::Typing { is_typing, .. } => Some(*is_typing),
            _ => None,
        });
        typing.collect()
    }
}

pub(super) fn message(text: &str) -> NewMessage {
    NewMessage {
        text: text.to_owned(),
        ..NewMessage::default()
    }
}

pub(super) fn settings() -> HubSettings {
    HubSettings {
        assistant: AssistantLimits {
            workers: 1,
            queue: 64,
            debounce: Duration::from_millis(5),
            timeout: Duration::from_secs(60),
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
        desk: DeskPolicy {
            offer: Duration::from_secs(30),
            capacity: 2,
        },
        agent_grace: Duration::from_millis(20),
        session_idle: Duration::from_secs(60),
        typing_ends_after: Duration::from_secs(6),
        short_term_memory: Duration::from_secs(86_400),
        public_url: Some("https://hub.example".to_owned()),
        automatic_mails_per_hour: 10,
        max_waiting_commands: 1_000,
        prices: PriceTable::default(),
        accounts: AccountLimits {
            token_ttl: Duration::from_secs(3600),
            token_secret: b"a secret of this hub, never shown".to_vec(),
            login_attempts_per_minute: None,
            sockets_per_account: None,
            hashing_workers: 1,
            hashing_queue: 8,
            issuers: Vec::new(),
        },
    }
}
