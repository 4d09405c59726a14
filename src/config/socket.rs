//! `[socket]`: what a WebSocket may take.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::seconds;
use crate::socket::SocketSettings;

/// The section's keys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    /// Bytes of a client's message.
    pub max_frame_bytes: usize,
    /// Bytes that may wait for a client.
    pub outbox_bytes: usize,
    /// Time between two pings.
    #[serde(rename = "ping_seconds", deserialize_with = "seconds")]
    pub ping: Duration,
    /// Pings that may stay unanswered.
    pub missed_pings: u32,
    /// Time to answer a close frame.
    #[serde(rename = "close_seconds", deserialize_with = "seconds")]
    pub close: Duration,
}

impl Socket {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(self.max_frame_bytes >= 1024, "max_frame_bytes", "at least 1024")?;
        require(self.outbox_bytes >= 16 * 1024, "outbox_bytes", "at least 16384")?;
        require(!self.ping.is_zero(), "ping_seconds", "a whole number above zero")?;
        require(self.missed_pings > 0, "missed_pings", "a whole number above zero")
    }

    /// What every connection keeps to.
    pub fn settings(&self) -> SocketSettings {
        SocketSettings {
            max_message_bytes: self.max_frame_bytes,
            outbox_bytes: self.outbox_bytes,
            ping: self.ping,
            missed_pings: self.missed_pings,
            close_wait: self.close,
        }
    }
}
