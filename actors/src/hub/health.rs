//! How the hub is, found by looking.

use switchboard_domain::customer::Channel;
use switchboard_domain::ports::engine::{EngineStats, WriteHealth};

use super::Hub;

/// How a channel to the outside is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelState {
    /// Not configured.
    Off {
        /// Messages that wait for it to be configured again.
        waiting: usize,
    },
    /// All of it works, as far as it was tried.
    Works,
    /// A part of it does not work, or has not been tried yet.
    Limps,
    /// Nothing of it works.
    Fails,
}

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
    /// Email: whether the mailboxes are read, and mails go out.
    pub email: ChannelState,
    /// Sessions alive.
    pub sessions: usize,
    /// Connections open.
    pub connections: usize,
    /// The engine's own figures.
    pub engine: EngineStats,
    /// How WhatsApp is.
    pub whatsapp: ChannelState,
    /// How SMS is.
    pub sms: ChannelState,
}

impl Hub {
    /// Looks at every part.
    pub fn figures(&self) -> Figures {
        let engine = self.services.records().engine();
        Figures {
            store: engine.write_health(),
            readable: engine.get(b"\0health").is_ok(),
            assistant: self.links.assistant.is_up(),
            websocket: self.links.web.get().is_some(),
            email: self.email_state(),
            sessions: self.links.directory.live(),
            connections: self.connections.count(),
            engine: engine.stats(),
            whatsapp: self.way_out(Channel::Whatsapp),
            sms: self.way_out(Channel::Sms),
        }
    }

    fn way_out(&self, channel: Channel) -> ChannelState {
        let services = &self.services;
        services.conditions.of(&services.ports.channels, channel)
    }

    fn email_state(&self) -> ChannelState {
        let services = &self.services;
        let way_out = self.way_out(Channel::Email);
        let Ok(mailboxes) = self.mailboxes() else {
            return way_out;
        };
        let (wanted, read) = services.mail.count(mailboxes.poll(), services.now());
        let (all_read, none_read) = (wanted > 0 && read == wanted, read == 0);
        match (way_out, all_read, none_read) {
            (ChannelState::Works, true, _) => ChannelState::Works,
            (ChannelState::Fails, _, true) => ChannelState::Fails,
            _ => ChannelState::Limps,
        }
    }
}
