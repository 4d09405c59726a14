//! One Engine.IO session as the hub keeps it, whatever carries it: long polls, a WebSocket, or first one and then the other.
//!
//! The library knows sessions too, but lets nobody end a single one without its client's help, nor see how fast its
//! client reads. A [`Transport`] is made with the handshake and lives as long as the library's session, which holds it
//! among the handshake's extensions; requests that belong to a session find it by the session's id.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};

use dashmap::DashMap;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::engine::Engine;
use crate::http::limits::connections::{ConnectionLimits, ConnectionSlot, Refused};

/// Every session that polls, or has begun by polling.
#[derive(Debug)]
pub(super) struct ChannelPorts {
    limits: Arc<ConnectionLimits>,
    named: DashMap<String, Weak<Transport>>,
    engine: OnceLock<Weak<Engine>>,
}

/// One session.
#[derive(Debug)]
pub(super) struct Transport {
    home: Arc<ChannelPorts>,
    id: OnceLock<String>,
    /// Bytes that have left for the client.
    written: watch::Sender<u64>,
    cut: watch::Sender<bool>,
    _slot: ConnectionSlot,
}

impl ChannelPorts {
    /// A table of sessions, so many at once.
    pub(super) fn new(limits: Arc<ConnectionLimits>) -> Arc<Self> {
        Arc::new(Self {
            limits,
            named: DashMap::new(),
            engine: OnceLock::new(),
        })
    }

    /// From now on a session that is cut ends in the library, too.
    pub(super) fn ended_by(&self, engine: &Arc<Engine>) {
        self.engine.get_or_init(|| Arc::downgrade(engine));
    }

    /// A new session of a client at this address.
    ///
    /// # Errors
    /// Which limit is reached.
    pub(super) fn open(self: &Arc<Self>, address: IpAddr) -> Result<Arc<Transport>, Refused> {
        let slot = self.limits.admit(address)?;
        Ok(Arc::new(Transport {
            home: Arc::clone(self),
            id: OnceLock::new(),
            written: watch::Sender::new(0),
            cut: watch::Sender::new(false),
            _slot: slot,
        }))
    }

    /// The session of this id, unless it is over.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Transport>> {
        let found = self.named.get(id).and_then(|transport| transport.upgrade());
        found.filter(|transport| !transport.is_cut())
    }
}

impl Transport {
    /// From now on requests find the session by this id.
    pub(super) fn name(self: &Arc<Self>, id: &str) {
        let named = self.id.get_or_init(|| id.to_owned());
        self.home.named.insert(named.clone(), Arc::downgrade(self));
    }

    /// Ends the session at once: its client comes back, and resumes.
    pub(super) fn cut(&self) {
        if self.cut.send_replace(true) {
            return;
        }
        let engine = self.home.engine.get().and_then(Weak::upgrade);
        // Without a runtime the whole process is about to end.
        let runtime = Handle::try_current();
        if let (Some(engine), Some(id), Ok(runtime)) = (engine, self.id.get(), runtime) {
            runtime.spawn(engine.end(id));
        }
    }

    /// Whether the session was ended.
    pub(super) fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Waits until the session is ended.
    pub(super) async fn until_cut(&self) {
        // The sender is this transport's own: it is there for as long as anybody waits.
        drop(self.cut.subscribe().wait_for(|cut| *cut).await);
    }

    /// So many bytes more have left for the client.
    pub(super) fn wrote(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.written
            .send_modify(|written| *written = written.saturating_add(bytes));
    }

    /// Bytes that have left for the client.
    pub(super) fn written(&self) -> u64 {
        *self.written.borrow()
    }

    /// Waits until so many bytes have left in all; a client that reads slowly makes it wait.
    pub(super) async fn until_written(&self, bytes: u64) {
        drop(
            self.written
                .subscribe()
                .wait_for(|written| *written >= bytes)
                .await,
        );
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if let Some(id) = self.id.get() {
            self.home.named.remove(id);
        }
    }
}
