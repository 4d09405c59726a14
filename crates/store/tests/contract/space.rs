//! A full disk: refused whole, reads go on, heals by itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_domain::ports::blobs::Blobs;
use switchboard_domain::ports::engine::{Batch, StoreError, WriteHealth};
use switchboard_store::{EngineKind, EngineOptions, FileBlobs, SpaceProbe, open};

use crate::{for_both_engines, put, text};

for_both_engines![a_full_disk_refuses_writes_and_heals];

#[derive(Debug)]
struct Tank(AtomicU64);

impl SpaceProbe for Tank {
    fn available_bytes(&self) -> io::Result<u64> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

async fn a_full_disk_refuses_writes_and_heals(kind: EngineKind) {
    let folder = tempfile::tempdir().unwrap();
    let tank = Arc::new(Tank(AtomicU64::new(u64::MAX)));
    let options = EngineOptions {
        space: tank.clone(),
        ..EngineOptions::new(kind, folder.path())
    };
    let engine = open(&options).unwrap();
    let blobs = FileBlobs::open(&options).unwrap();
    put(&engine, "before", "1").await;
    tank.0.store(options.reserve_bytes, Ordering::Relaxed);
    let mut batch = Batch::new();
    batch.put("during", "2").put("before", "changed");
    assert!(matches!(engine.commit(batch).await, Err(StoreError::Full)));
    assert!(matches!(blobs.put(vec![1]).await, Err(StoreError::Full)));
    assert_eq!(
        (text(&engine, "before").as_deref(), text(&engine, "during")),
        (Some("1"), None)
    );
    tank.0.store(0, Ordering::Relaxed);
    assert_eq!(engine.write_health(), WriteHealth::Full);
    tank.0.store(u64::MAX, Ordering::Relaxed);
    assert_eq!(engine.write_health(), WriteHealth::Healthy);
    put(&engine, "after", "3").await;
    blobs.put(vec![1]).await.unwrap();
    assert_eq!(text(&engine, "after").as_deref(), Some("3"));
}
