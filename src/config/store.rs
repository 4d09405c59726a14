//! `[store]`: the data folder and the engine in it.

use std::path::PathBuf;

use serde::Deserialize;

use super::error::{Invalid, require};

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// The default.
    Sled,
    /// For large installations.
    Fjall,
}

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Which engine keeps the records.
    pub engine: EngineName,
    /// The data folder.
    pub path: PathBuf,
    /// Megabytes for the engine's cache.
    pub cache_mb: u64,
    /// Megabytes of disk that stay free.
    pub reserve_mb: u64,
}

impl Store {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(!self.path.as_os_str().is_empty(), "path", "a folder")?;
        require(
            (1..=1_048_576).contains(&self.cache_mb),
            "cache_mb",
            "a whole number from 1 to 1048576",
        )?;
        require(
            self.reserve_mb <= 1_048_576,
            "reserve_mb",
            "a whole number up to 1048576",
        )
    }
}
