//! Opening a store: the folder first, then the engine's library, then the threads.
//!
//! The only place that knows which backend belongs to which engine.

use std::sync::Arc;

use switchboard_domain::ports::engine::{Engine, StoreError};

use crate::backend::Backend;
use crate::backend::cached::Cached;
use crate::backend::fjall::FjallBackend;
use crate::backend::sled::SledBackend;
use crate::engine::GroupEngine;
use crate::folder::Folder;
use crate::options::{EngineKind, EngineOptions};
use crate::space::Room;

/// One part in so many of the cache's memory is for single rows; the rest is the library's, for blocks or pages.
const ROWS_SHARE: u64 = 4;

/// Opens the store in `options.path`, creating it when absent.
///
/// `Incompatible` says in a sentence why a folder cannot be opened: in use, of another engine, of a newer release.
pub fn open(options: &EngineOptions) -> Result<Arc<dyn Engine>, StoreError> {
    let folder = Folder::open(&options.path, options.kind)?;
    let path = folder.engine_path();
    let cache_mb = options.cache_mb - options.cache_mb / ROWS_SHARE;
    match options.kind {
        EngineKind::Sled => start(folder, SledBackend::open(&path, cache_mb)?, options),
        EngineKind::Fjall => start(folder, FjallBackend::open(&path, cache_mb)?, options),
    }
}

fn start(
    folder: Folder,
    backend: impl Backend,
    options: &EngineOptions,
) -> Result<Arc<dyn Engine>, StoreError> {
    let room = Room {
        probe: options.space.clone(),
        reserve_bytes: options.reserve_bytes,
    };
    let rows = (options.cache_mb << 20) / ROWS_SHARE;
    Ok(Arc::new(GroupEngine::start(
        folder,
        Cached::new(backend, rows),
        options.queue_batches,
        room,
    )?))
}
