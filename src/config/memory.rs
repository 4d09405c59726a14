//! `[memory]`: what is remembered of customers.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::seconds;

/// The section's keys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Time after which a short-term memory ends.
    #[serde(rename = "short_term_seconds", deserialize_with = "seconds")]
    pub short_term: Duration,
}

impl Memory {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(
            !self.short_term.is_zero(),
            "short_term_seconds",
            "a whole number above zero",
        )
    }
}
