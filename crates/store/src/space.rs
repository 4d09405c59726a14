//! How much room is left on the disk; asked by the writer before each group.
//!
//! sled and fjall both refuse all further writes once one has failed for want of space, so the writer stops before
//! they find out, and needs no restart when there is room again.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tells the free space; a test replaces it.
pub trait SpaceProbe: Send + Sync + fmt::Debug {
    /// Bytes this process may still write.
    fn available_bytes(&self) -> io::Result<u64>;
}

/// The free space of the file system that holds a folder.
#[derive(Debug)]
pub struct DiskSpace {
    folder: PathBuf,
}

impl DiskSpace {
    /// Asks about the file system of `folder`.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }
}

impl SpaceProbe for DiskSpace {
    fn available_bytes(&self) -> io::Result<u64> {
        let figures = rustix::fs::statvfs(&self.folder)?;
        Ok(figures.f_bavail.saturating_mul(figures.f_frsize))
    }
}

/// A probe and the space that must stay free.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) probe: Arc<dyn SpaceProbe>,
    pub(crate) reserve_bytes: u64,
}

impl Room {
    /// Whether `bytes` may be written; a probe that cannot tell does not stop the store.
    pub(crate) fn has(&self, bytes: u64) -> bool {
        match self.probe.available_bytes() {
            Ok(available) => available >= self.reserve_bytes.saturating_add(bytes),
            Err(error) => {
                tracing::warn!(%error, "the free space of the store's disk cannot be read");
                true
            }
        }
    }
}
