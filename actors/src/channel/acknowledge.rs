//! Telling customers that their message was seen and that an answer is on its way, where their channel can show it.
//!
//! Called by the sessions, off their way: nothing waits for it and nothing depends on it. Invariant: so many are under
//! way at most; beyond that they are left out.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::customer::Channel;
use switchboard_domain::message::Message;
use tokio::sync::Semaphore;

use super::ChannelPorts;

/// Under way at the same time.
const AT_ONCE: usize = 64;
/// Longest one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Those under way.
#[derive(Debug)]
pub(crate) struct Acknowledgements {
    free: Arc<Semaphore>,
}

impl Default for Acknowledgements {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Acknowledgements {
    /// Marks a customer's message as read; `is_typing` shows besides that an answer is being written.
    pub(crate) fn tell(&self, ports: &ChannelPorts, channel: Channel, message: &Message, is_typing: bool) {
        let (Some(transport), Some(told)) = (ports.of(channel), &message.provided) else {
            return;
        };
        let Ok(held) = Arc::clone(&self.free).try_acquire_owned() else {
            tracing::debug!(channel = channel.as_str(), "a read mark was left out");
            return;
        };
        let (transport, id) = (Arc::clone(transport), told.id.clone());
        tokio::spawn(async move {
            // Whether it was shown or not, the place is free again.
            drop(tokio::time::timeout(PATIENCE, transport.acknowledge(id, is_typing)).await);
            drop(held);
        });
    }
}
