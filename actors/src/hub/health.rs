//! How the hub is, found by looking.

use switchboard_domain::customer::Channel;
use switchboard_domain::ports::engine::{EngineStats, WriteHealth};

use super::Hub;
use crate::channel::condition::Condition;

/// What a look at the hub has found.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Whether the store takes writes.
    pub store: WriteHealth,
    /// Whether the store can be read.
    pub readable: bool,
    /// Whether the assistant's pool answers.
    pub assistant: bool,
    /// Whether the web channel is up.
    pub websocket: bool,
    /// Sessions alive.
    pub sessions: usize,
    /// Connections open.
    pub connections: usize,
    /// The engine's own figures.
    pub engine: EngineStats,
    /// How WhatsApp is.
    pub whatsapp: Condition,
    /// How email is.
    pub email: Condition,
    /// How SMS is.
    pub sms: Condition,
}

impl Hub {
    /// Looks at every part.
    pub fn figures(&self) -> Figures {
        let ports = &self.services.ports.channels;
        let channel = |channel| self.services.conditions.of(ports, channel);
        let engine = self.services.records().engine();
        Figures {
            store: engine.write_health(),
            readable: engine.get(b"\0health").is_ok(),
            assistant: self.links.assistant.is_up(),
            websocket: self.links.web.get().is_some(),
            sessions: self.links.directory.live(),
            connections: self.connections.count(),
            engine: engine.stats(),
            whatsapp: channel(Channel::Whatsapp),
            email: channel(Channel::Email),
            sms: channel(Channel::Sms),
        }
    }
}
