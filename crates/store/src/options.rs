//! What can be chosen when a store is opened; filled in from the configuration by the composition root.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use switchboard_domain::ports::engine::StoreError;

use crate::space::{DiskSpace, SpaceProbe};

/// The embedded engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// sled 0.34: the default.
    Sled,
    /// fjall 3: an LSM tree, less CPU and disk for each message; for large installations.
    Fjall,
}

impl EngineKind {
    /// The name used in the configuration and in the store's `format` file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }

    /// Free space, bytes, below which writes are refused unless configured otherwise.
    ///
    /// fjall needs room for journals, memtables and a compaction that are already under way.
    fn default_reserve(self) -> u64 {
        match self {
            Self::Sled => 64 << 20,
            Self::Fjall => 512 << 20,
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EngineKind {
    type Err = StoreError;

    fn from_str(name: &str) -> Result<Self, StoreError> {
        match name {
            "sled" => Ok(Self::Sled),
            "fjall" => Ok(Self::Fjall),
            other => Err(StoreError::Incompatible(format!(
                "there is no engine named {other:?}: sled or fjall"
            ))),
        }
    }
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Which engine.
    pub kind: EngineKind,
    /// The store's folder, created when absent.
    pub path: PathBuf,
    /// Memory for cached data, mebibytes.
    pub cache_mb: u64,
    /// Free space, bytes, that writes must leave; below it they are refused with `Full`.
    pub reserve_bytes: u64,
    /// Batches that may wait for the writer; beyond that they are refused with `Overloaded`.
    pub queue_batches: usize,
    /// What tells the free space.
    pub space: Arc<dyn SpaceProbe>,
}

impl EngineOptions {
    /// The defaults for `kind` in the folder `path`.
    pub fn new(kind: EngineKind, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            kind,
            space: Arc::new(DiskSpace::new(&path)),
            path,
            cache_mb: 64,
            reserve_bytes: kind.default_reserve(),
            queue_batches: 16_384,
        }
    }
}
