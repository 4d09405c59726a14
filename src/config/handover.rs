//! `[handover]`: what customers read meanwhile, and how long agents have.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::seconds;

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// What the customer reads when an agent is called.
    pub message: String,
    /// What the customer reads when no answer can be given.
    pub fallback_message: String,
    /// Time an agent has to take an offered conversation.
    #[serde(rename = "offer_seconds", deserialize_with = "seconds")]
    pub offer: Duration,
    /// Time an agent may be disconnected.
    #[serde(rename = "grace_seconds", deserialize_with = "seconds")]
    pub grace: Duration,
    /// Conversations of one agent at once.
    pub agent_capacity: u32,
}

impl Handover {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(
            !self.message.trim().is_empty(),
            "message",
            "a text that is not empty",
        )?;
        require(
            !self.fallback_message.trim().is_empty(),
            "fallback_message",
            "a text that is not empty",
        )?;
        require(
            !self.offer.is_zero(),
            "offer_seconds",
            "a whole number above zero",
        )?;
        require(
            self.agent_capacity > 0,
            "agent_capacity",
            "a whole number above zero",
        )
    }
}
