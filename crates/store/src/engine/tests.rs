//! The engine over a backend in memory whose sync can be held up, made to fail, or to panic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::engine::{
    Batch, Direction, Engine, Entry, KeyRange, StoreError, WriteHealth, decode_counter,
};
use tempfile::TempDir;

use super::GroupEngine;
use crate::backend::Backend;
use crate::folder::Folder;
use crate::group::Slots;
use crate::options::EngineKind;
use crate::queue::WORTH_A_GROUP;
use crate::space::{DiskSpace, Room};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Disk {
    #[default]
    Works,
    Held,
    FailsToSync,
    FailsToWrite,
    Panics,
}

#[derive(Default)]
struct Memory {
    entries: Mutex<BTreeMap<Bytes, Bytes>>,
    disk: Mutex<Disk>,
    changed: Condvar,
    applied: AtomicU64,
    syncing: AtomicU64,
    syncs: AtomicU64,
}

#[derive(Clone, Default)]
struct Handle(Arc<Memory>);

impl Handle {
    fn set(&self, disk: Disk) {
        *self.0.disk.lock() = disk;
        self.0.changed.notify_all();
    }

    /// Waits until `count` groups have been applied to the backend, synced or not.
    fn wait_applied(&self, count: u64) {
        wait(&self.0.applied, count);
    }

    /// Waits until the first sync has begun.
    fn wait_syncing(&self) {
        wait(&self.0.syncing, 1);
    }
}

impl Backend for Handle {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.0.entries.lock().get(key).cloned())
    }

    fn range(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let entries = self.0.entries.lock();
        let inside = |key: &Bytes| *key >= range.from && range.until.as_ref().is_none_or(|until| key < until);
        let found = entries.iter().filter(|(key, _)| inside(key));
        let found = found.map(|(key, value)| Entry {
            key: key.clone(),
            value: value.clone(),
        });
        Ok(match direction {
            Direction::Forward => found.take(limit).collect(),
            Direction::Backward => found.rev().take(limit).collect(),
        })
    }

    fn apply(&self, slots: &Slots) -> Result<(), StoreError> {
        let broken = *self.0.disk.lock() == Disk::FailsToWrite;
        for (key, value) in slots.changes() {
            match value {
                Some(value) => drop(self.0.entries.lock().insert(key.clone(), value.clone())),
                None => drop(self.0.entries.lock().remove(key)),
            }
            if broken {
                return Err(StoreError::Failed("half a group was written".to_owned()));
            }
        }
        self.0.applied.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.0.syncing.fetch_add(1, Ordering::SeqCst);
        let mut disk = self.0.disk.lock();
        // Not for ever: a failed assertion closes the engine, which waits for this.
        self.0
            .changed
            .wait_while_for(&mut disk, |disk| *disk == Disk::Held, Duration::from_secs(5));
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        match *disk {
            Disk::Works | Disk::FailsToWrite | Disk::Held => Ok(()),
            Disk::FailsToSync => Err(StoreError::Failed("input/output error".to_owned())),
            Disk::Panics => panic!("the backend panics"),
        }
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

fn wait(counter: &AtomicU64, count: u64) {
    while counter.load(Ordering::SeqCst) < count {
        std::thread::yield_now();
    }
}

fn engine(queue: usize) -> (TempDir, Handle, Arc<dyn Engine>) {
    let folder = tempfile::tempdir().unwrap();
    let backend = Handle::default();
    let room = Room {
        probe: Arc::new(DiskSpace::new(folder.path())),
        reserve_bytes: 0,
    };
    let opened = Folder::open(folder.path(), EngineKind::Sled).unwrap();
    let engine = GroupEngine::start(opened, backend.clone(), queue, room).unwrap();
    (folder, backend, Arc::new(engine))
}

fn put(key: &str, value: &str) -> Batch {
    let mut batch = Batch::new();
    batch.put(key.to_owned(), value.to_owned());
    batch
}

/// As many more batches as are applied while the disk is held.
fn fill_a_group(engine: &Arc<dyn Engine>, key: &str) -> Vec<BoxFuture<'static, Result<(), StoreError>>> {
    let commits = (0..WORTH_A_GROUP).map(|_| engine.commit(put(key, "x")));
    commits.collect()
}

fn get(engine: &Arc<dyn Engine>, key: &str) -> Option<String> {
    engine
        .get(key.as_bytes())
        .unwrap()
        .map(|value| String::from_utf8(value.to_vec()).unwrap())
}

fn scan(engine: &Arc<dyn Engine>, direction: Direction, limit: usize) -> String {
    let found = engine.scan(&KeyRange::all(), direction, limit).unwrap();
    let pairs = found
        .iter()
        .map(|entry| [&entry.key[..], &entry.value[..]].concat());
    pairs
        .map(|pair| String::from_utf8(pair).unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn reads_show_nothing_before_it_is_synced() {
    let (_folder, backend, engine) = engine(100);
    for (key, value) in [("a", "1"), ("b", "1"), ("c", "1")] {
        engine.commit(put(key, value)).await.unwrap();
    }
    backend.set(Disk::Held);
    let mut batch = Batch::new();
    batch.put("a", "2").delete("b").put("bb", "2").put("d", "2");
    let first = engine.commit(batch);
    backend.wait_applied(4);
    let second = engine.commit(put("a", "3"));
    let others = fill_a_group(&engine, "d");
    backend.wait_applied(5);
    assert_eq!(
        backend.get(b"a").unwrap().as_deref(),
        Some(&b"3"[..]),
        "applied while the sync is held up"
    );
    assert_eq!(
        ["a", "b", "bb"].map(|key| get(&engine, key)),
        [Some("1".into()), Some("1".into()), None]
    );
    assert_eq!(scan(&engine, Direction::Forward, 10), "a1 b1 c1");
    assert_eq!(scan(&engine, Direction::Forward, 2), "a1 b1");
    assert_eq!(scan(&engine, Direction::Backward, 2), "c1 b1");
    backend.set(Disk::Works);
    first.await.unwrap();
    second.await.unwrap();
    for other in others {
        other.await.unwrap();
    }
    assert_eq!(scan(&engine, Direction::Forward, 10), "a3 bb2 c1 dx");
}

#[tokio::test]
async fn a_conflict_is_told_once_its_cause_can_be_read() {
    let (_folder, backend, engine) = engine(100);
    backend.set(Disk::Held);
    let cause = engine.commit(put("a", "1"));
    backend.wait_applied(1);
    let mut batch = Batch::new();
    batch.require_absent("a");
    let mut refused = engine.commit(batch);
    let others = fill_a_group(&engine, "b");
    backend.wait_applied(2);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut refused).await;
    assert!(early.is_err(), "told before the cause was durable");
    backend.set(Disk::Works);
    assert!(matches!(refused.await, Err(StoreError::Conflict { .. })));
    assert_eq!(get(&engine, "a").as_deref(), Some("1"));
    for commit in others.into_iter().chain([cause]) {
        commit.await.unwrap();
    }
}

#[tokio::test]
async fn one_sync_serves_all_that_was_applied_before_it() {
    let (_folder, backend, engine) = engine(10_000);
    backend.set(Disk::Held);
    let waiting: Vec<_> = (0..1000)
        .map(|number| engine.commit(put(&number.to_string(), "x")))
        .collect();
    backend.set(Disk::Works);
    for commit in waiting {
        commit.await.unwrap();
    }
    assert!(backend.0.syncs.load(Ordering::SeqCst) < 100);
    assert_eq!(engine.stats().committed_batches, 1000);
}

#[tokio::test]
async fn a_few_batches_wait_for_the_disk_and_a_group_does_not() {
    let (_folder, backend, engine) = engine(1000);
    backend.set(Disk::Held);
    let first = engine.commit(put("a", "1"));
    backend.wait_syncing();
    let few = engine.commit(put("b", "1"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(backend.get(b"b").unwrap(), None, "a group for one batch");
    let others = fill_a_group(&engine, "c");
    backend.wait_applied(2);
    backend.set(Disk::Works);
    for commit in [first, few].into_iter().chain(others) {
        commit.await.unwrap();
    }
    engine.commit(put("d", "1")).await.unwrap();
    assert_eq!(scan(&engine, Direction::Forward, 10), "a1 b1 cx d1");
}

#[tokio::test]
async fn a_failed_sync_is_the_end() {
    let (_folder, backend, engine) = engine(100);
    engine.commit(put("a", "1")).await.unwrap();
    backend.set(Disk::Held);
    let waiting = [engine.commit(put("a", "2")), engine.commit(put("a", "3"))];
    backend.wait_applied(2);
    backend.set(Disk::FailsToSync);
    for commit in waiting {
        assert!(matches!(
            commit.await,
            Err(StoreError::Failed(_) | StoreError::Closed)
        ));
    }
    backend.set(Disk::Works);
    let later = engine.commit(put("a", "4")).await;
    assert!(matches!(later, Err(StoreError::Closed)));
    assert_eq!(engine.write_health(), WriteHealth::Dead);
    assert_eq!(
        get(&engine, "a").as_deref(),
        Some("1"),
        "what was never durable is never shown"
    );
}

#[tokio::test]
async fn a_failed_write_is_the_end_and_leaves_nothing_visible() {
    let (_folder, backend, engine) = engine(100);
    backend.set(Disk::FailsToWrite);
    let mut batch = put("a", "1");
    batch.put("b", "1");
    assert!(matches!(engine.commit(batch).await, Err(StoreError::Failed(_))));
    assert_eq!(scan(&engine, Direction::Forward, 10), "");
    assert_eq!(engine.write_health(), WriteHealth::Dead);
}

#[tokio::test]
async fn a_panicking_backend_leaves_nobody_waiting() {
    let (_folder, backend, engine) = engine(100);
    backend.set(Disk::Panics);
    assert!(matches!(
        engine.commit(put("a", "1")).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(
        engine.commit(put("a", "2")).await,
        Err(StoreError::Closed)
    ));
    assert_eq!(engine.write_health(), WriteHealth::Dead);
    assert!(engine.close().is_err());
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (_folder, backend, engine) = engine(10);
    backend.set(Disk::Held);
    let commits: Vec<_> = (0..20_000).map(|_| engine.commit(put("a", "1"))).collect();
    let last = engine.commit(put("b", "1"));
    backend.set(Disk::Works);
    let mut refused = 0;
    for commit in commits {
        refused += u32::from(matches!(commit.await, Err(StoreError::Overloaded)));
    }
    assert!(refused > 0);
    drop(last);
    engine.commit(put("c", "1")).await.unwrap();
}

#[tokio::test]
async fn a_long_chain_of_history_is_dropped_without_a_deep_stack() {
    let (_folder, _backend, engine) = engine(100);
    let mut chain = crate::history::Node::new(Slots::default());
    let first = chain.clone();
    for _ in 0..200_000 {
        let next = crate::history::Node::new(Slots::default());
        chain.link(next.clone());
        chain = next;
    }
    drop(chain);
    drop(first);
    let mut batch = Batch::new();
    batch.add("n", 1);
    engine.commit(batch).await.unwrap();
    assert_eq!(decode_counter(&engine.get(b"n").unwrap().unwrap()), Some(1));
}
