//! A scripted provider of a channel: numbers what it takes, refuses or hangs where it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::message::{DeliveryStatus, PendingFile};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::files::FileSource;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};
use switchboard_domain::price::PriceTable;
use tokio::sync::Semaphore;

use super::world::{World, settings};
use crate::channel::ChannelPorts;
use crate::settings::HubSettings;

/// The provider.
#[derive(Debug)]
pub(super) struct Carrier {
    calls: AtomicUsize,
    sent: Mutex<Vec<Outgoing>>,
    failures: Mutex<Vec<SendError>>,
    /// Calls that hang until they are let go.
    hanging: AtomicUsize,
    gate: Semaphore,
}

impl Carrier {
    /// What every file is.
    pub(super) const FILE: &[u8] = b"OggS\0 a recording";

    /// How often it was called.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// What it has taken.
    pub(super) fn sent(&self) -> Vec<Outgoing> {
        self.sent.lock().clone()
    }

    /// The next calls end in this.
    pub(super) fn fail(&self, calls: usize, error: SendError) {
        self.failures.lock().extend(std::iter::repeat_n(error, calls));
    }

    /// The next calls hang.
    pub(super) fn wait_for(&self, calls: usize) {
        self.hanging.store(calls, Ordering::SeqCst);
    }

    /// What hangs goes on.
    pub(super) fn go_on(&self) {
        self.gate.add_permits(1_000);
    }
}

impl Transport for Carrier {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        Box::pin(async move {
            let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
            let hangs = self
                .hanging
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if hangs.is_ok() {
                self.gate.acquire().await.unwrap().forget();
            }
            if let Some(error) = self.failures.lock().pop() {
                return Err(error);
            }
            self.sent.lock().push(message);
            Ok(Receipt {
                provider_id: format!("out.{call}"),
                parts: 1,
            })
        })
    }

    /// Two for a long one.
    fn parts(&self, text: &str) -> u32 {
        1 + u32::from(text.len() > 160)
    }

    fn acknowledge(&self, _: String, _: bool) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

impl FileSource for Carrier {
    fn fetch(&self, _: PendingFile) -> BoxFuture<'_, Result<Vec<u8>, SendError>> {
        Box::pin(async { Ok(Self::FILE.to_vec()) })
    }
}

/// A core whose WhatsApp and SMS are the carrier's, for nothing.
pub(super) async fn carried() -> (World, Arc<Carrier>) {
    carried_at(PriceTable::default()).await
}

/// The same at these prices.
pub(super) async fn carried_at(prices: PriceTable) -> (World, Arc<Carrier>) {
    carried_by(HubSettings { prices, ..settings() }).await
}

/// The same under these settings.
pub(super) async fn carried_by(settings: HubSettings) -> (World, Arc<Carrier>) {
    let carrier = Arc::new(Carrier {
        calls: AtomicUsize::new(0),
        sent: Mutex::default(),
        failures: Mutex::default(),
        hanging: AtomicUsize::new(0),
        gate: Semaphore::new(0),
    });
    let port: Arc<dyn Transport> = Arc::<Carrier>::clone(&carrier);
    let files: Arc<dyn FileSource> = Arc::<Carrier>::clone(&carrier);
    let channels = ChannelPorts {
        whatsapp: Some(Arc::clone(&port)),
        email: Some(Arc::clone(&port)),
        sms: Some(port),
        files: Some(files),
        ..ChannelPorts::default()
    };
    (World::with_channels(settings, channels).await, carrier)
}

impl World {
    /// Waits until the provider has a message.
    pub(super) async fn until_sent(&self, conversation: &Conversation, sequence: u64) {
        let organization = conversation.organization;
        let records = self.hub.services().records();
        self.until("the message to be sent", || {
            let found = records
                .find_message(organization, conversation.id, sequence)
                .unwrap();
            found.is_some_and(|message| message.status == DeliveryStatus::Sent)
        })
        .await;
    }
}
