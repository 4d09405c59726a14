//! Opening a store: the folder first, then the engine's library, then the threads.
//!
//! The only place that knows which backend belongs to which engine.

use std::sync::Arc;

use switchboard_domain::ports::engine::{Engine, StoreError};

use crate::backend::Backend;
use crate::backend::fjall::FjallBackend;
use crate::backend::sled::SledBackend;
use crate::engine::GroupEngine;
use crate::folder::Folder;
use crate::options::{EngineKind, EngineOptions};
use crate::space::Room;

/// Opens the store in `options.path`, creating it when absent.
///
/// `Incompatible` says in a sentence why a folder cannot be opened: in use, of another engine, of a newer release.
pub fn open(options: &EngineOptions) -> Result<Arc<dyn Engine>, StoreError> {
    let folder = Folder::open(&options.path, options.kind)?;
    let path = folder.engine_path();
    match options.kind {
        EngineKind::Sled => start(folder, SledBackend::open(&path, options.cache_mb)?, options),
        EngineKind::Fjall => start(folder, FjallBackend::open(&path, options.cache_mb)?, options),
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
    Ok(Arc::new(GroupEngine::start(
        folder,
        backend,
        options.queue_batches,
        room,
    )?))
}
