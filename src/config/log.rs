//! `[log]`: what is logged, and in which form.

use serde::Deserialize;

use super::error::{Invalid, require};

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Every request.
    All,
    /// Those answered with status 500 and above.
    Errors,
    /// None.
    Off,
}

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Least severity.
    pub level: String,
    /// Form of a line.
    pub format: Format,
    /// Which requests.
    pub access: Access,
}

impl Log {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let known = ["error", "warn", "info", "debug", "trace"].contains(&self.level.as_str());
        require(
            known,
            "level",
            "one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
        )
    }
}
