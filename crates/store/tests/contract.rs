//! The contract of the store's ports, held against both engines.
//!
//! Each promise is a function over an `EngineKind`; `for_both_engines` makes two tests of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

#[path = "contract/atomic.rs"]
mod atomic;
#[path = "contract/blobs.rs"]
mod blobs;
#[path = "contract/folder.rs"]
mod folder;
#[path = "contract/kill.rs"]
mod kill;
#[path = "contract/maintenance.rs"]
mod maintenance;
#[path = "contract/memory.rs"]
mod memory;
#[path = "contract/model.rs"]
mod model;
#[path = "contract/scan.rs"]
mod scan;
#[path = "contract/space.rs"]
mod space;

use std::path::Path;
use std::sync::Arc;

use switchboard_domain::ports::engine::{Batch, Engine, StoreError};
use switchboard_store::{EngineKind, EngineOptions, open};
use tempfile::TempDir;

/// Makes a test for sled and one for fjall of each function.
macro_rules! for_both_engines {
    ($($promise:ident),* $(,)?) => {
        mod sled {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(switchboard_store::EngineKind::Sled).await;
            })*
        }
        mod fjall {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(switchboard_store::EngineKind::Fjall).await;
            })*
        }
    };
}
pub(crate) use for_both_engines;

pub(crate) const BOTH: [EngineKind; 2] = [EngineKind::Sled, EngineKind::Fjall];

pub(crate) fn options(kind: EngineKind, path: &Path) -> EngineOptions {
    EngineOptions {
        cache_mb: 16,
        reserve_bytes: 0,
        ..EngineOptions::new(kind, path)
    }
}

pub(crate) fn fresh(kind: EngineKind) -> (TempDir, Arc<dyn Engine>) {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&options(kind, folder.path())).unwrap();
    (folder, engine)
}

pub(crate) async fn put(engine: &Arc<dyn Engine>, key: &str, value: &str) {
    let mut batch = Batch::new();
    batch.put(key.to_owned(), value.to_owned());
    engine.commit(batch).await.unwrap();
}

pub(crate) fn text(engine: &Arc<dyn Engine>, key: &str) -> Option<String> {
    engine
        .get(key.as_bytes())
        .unwrap()
        .map(|value| String::from_utf8(value.to_vec()).unwrap())
}

pub(crate) fn is_conflict(result: &Result<(), StoreError>, on: &str) -> bool {
    matches!(result, Err(StoreError::Conflict { key }) if key == on)
}
