//! `[sessions]`: conversations that are in memory.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::seconds;

/// The section's keys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Time without a message after which a conversation leaves memory.
    #[serde(rename = "idle_seconds", deserialize_with = "seconds")]
    pub idle: Duration,
    /// Time after which typing ends by itself.
    #[serde(rename = "typing_seconds", deserialize_with = "seconds")]
    pub typing: Duration,
}

impl Sessions {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(!self.idle.is_zero(), "idle_seconds", "a whole number above zero")?;
        require(
            !self.typing.is_zero(),
            "typing_seconds",
            "a whole number above zero",
        )
    }
}
