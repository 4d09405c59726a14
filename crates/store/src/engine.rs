//! The port's `Engine` over any backend: queue, two threads, durable reads.
//!
//! Built by `open`. Invariant: at most one writer thread and one sync thread touch a backend, and both have ended
//! before its files are let go.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::engine::{
    Batch, Change, Direction, Engine, EngineStats, Entry, KeyRange, MAX_VALUE_BYTES, StoreError, Told,
    WriteHealth,
};
use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::failure;
use crate::folder::Folder;
use crate::history::Node;
use crate::queue::{Job, Queue, Reply};
use crate::read;
use crate::space::Room;
use crate::sync::Syncer;
use crate::writer::Writer;

/// Applied groups that may wait for the sync thread.
const APPLIED_GROUPS: usize = 64;

/// Entries `verify` reads between two reports.
const VERIFY_CHUNK: usize = 4096;

/// What the engine and its two threads share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) room: Room,
    durable: RwLock<Arc<Node>>,
    health: Mutex<WriteHealth>,
    batches: AtomicU64,
    groups: AtomicU64,
}

impl Shared {
    pub(crate) fn new(queue: Queue, room: Room, durable: Arc<Node>) -> Self {
        Self {
            queue,
            room,
            durable: RwLock::new(durable),
            health: Mutex::new(WriteHealth::Healthy),
            batches: AtomicU64::new(0),
            groups: AtomicU64::new(0),
        }
    }

    /// Shows everything up to `node` to readers.
    pub(crate) fn publish(&self, node: Arc<Node>, batches: u64) {
        let before = std::mem::replace(&mut *self.durable.write(), node);
        drop(before);
        self.set_health(WriteHealth::Healthy);
        self.batches.fetch_add(batches, Ordering::Relaxed);
        self.groups.fetch_add(1, Ordering::Relaxed);
    }

    /// Death is final.
    pub(crate) fn set_health(&self, health: WriteHealth) {
        let mut current = self.health.lock();
        if *current != WriteHealth::Dead {
            *current = health;
        }
    }

    /// Refuses all that waits and all that comes.
    pub(crate) fn die(&self, error: &StoreError) {
        tracing::error!(%error, "the store can no longer write");
        self.set_health(WriteHealth::Dead);
        self.queue.abandon();
    }

    /// Called when either thread ends, in order or by a panic: nobody may wait for it any more.
    pub(crate) fn thread_ends(&self) {
        if std::thread::panicking() {
            self.die(&StoreError::Failed(
                "a thread of the store has panicked".to_owned(),
            ));
        }
        self.queue.abandon();
    }

    /// After a refusal for want of space, looks again: nobody may try a write while the store says it is full.
    fn health(&self) -> WriteHealth {
        let health = *self.health.lock();
        match health {
            WriteHealth::Full if self.room.has(0) => WriteHealth::Healthy,
            other => other,
        }
    }
}

/// An open store.
pub(crate) struct GroupEngine<B: Backend> {
    folder: RwLock<Option<Folder>>,
    path: PathBuf,
    backend: RwLock<Option<Arc<B>>>,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl<B: Backend> GroupEngine<B> {
    /// Starts the threads over an open backend.
    pub(crate) fn start(folder: Folder, backend: B, queue: usize, room: Room) -> Result<Self, StoreError> {
        let backend = Arc::new(backend);
        let newest = Node::new(crate::group::Slots::default());
        let shared = Arc::new(Shared::new(Queue::new(queue), room, newest.clone()));
        let (tx, rx) = sync_channel(APPLIED_GROUPS);
        let writer = Writer {
            backend: backend.clone(),
            shared: shared.clone(),
            newest,
            applied: tx,
        };
        let syncer = Syncer {
            backend: backend.clone(),
            shared: shared.clone(),
            applied: rx,
        };
        let threads = vec![
            spawn("store-writer", move || writer.run())?,
            spawn("store-sync", move || syncer.run())?,
        ];
        Ok(Self {
            path: folder.path().to_path_buf(),
            folder: RwLock::new(Some(folder)),
            backend: RwLock::new(Some(backend)),
            shared,
            threads: Mutex::new(threads),
        })
    }

    /// Runs a read on the last durable moment.
    fn read<T>(&self, read: impl FnOnce(&B, &Node) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.backend.read();
        let backend = guard.as_ref().ok_or(StoreError::Closed)?;
        let pin = self.shared.durable.read().clone();
        read(backend, &pin)
    }
}

impl<B: Backend> Engine for GroupEngine<B> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.read(|backend, pin| read::get(backend, pin, key))
    }

    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.read(|backend, pin| read::scan(backend, pin, range, direction, limit))
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = oneshot::channel();
        // A caller that no longer waits is no error.
        self.commit_then(batch, Box::new(move |outcome| drop(reply.send(outcome))));
        Box::pin(async move { answer.await.unwrap_or(Err(StoreError::Closed)) })
    }

    fn commit_then(&self, batch: Batch, told: Told) {
        let reply = Reply::to(told);
        match check_sizes(&batch) {
            Ok(()) => self.shared.queue.push(Job { batch, reply }),
            Err(error) => reply.tell(Err(error)),
        }
    }

    fn write_health(&self) -> WriteHealth {
        self.shared.health()
    }

    fn stats(&self) -> EngineStats {
        EngineStats {
            disk_bytes: self
                .backend
                .read()
                .as_ref()
                .map_or(0, |backend| backend.disk_bytes()),
            queued_batches: self.shared.queue.len(),
            committed_batches: self.shared.batches.load(Ordering::Relaxed),
            committed_groups: self.shared.groups.load(Ordering::Relaxed),
        }
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut range = KeyRange::all();
        loop {
            let entries = self.scan(&range, Direction::Forward, VERIFY_CHUNK)?;
            count += entries.len() as u64;
            progress(count);
            match entries.last() {
                Some(last) => range.from = [&last.key, &[0][..]].concat(),
                None => return Ok(count),
            }
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn close(&self) -> Result<(), StoreError> {
        self.shared.queue.close();
        let mut clean = true;
        for thread in self.threads.lock().drain(..) {
            clean &= thread.join().is_ok();
        }
        self.shared.set_health(WriteHealth::Dead);
        drop(self.backend.write().take());
        drop(self.folder.write().take());
        if clean {
            Ok(())
        } else {
            Err(StoreError::Failed(
                "a thread of the store has panicked".to_owned(),
            ))
        }
    }
}

impl<B: Backend> Drop for GroupEngine<B> {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the store did not close cleanly");
        }
    }
}

impl<B: Backend> fmt::Debug for GroupEngine<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupEngine")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| failure::io(&error))
}

fn check_sizes(batch: &Batch) -> Result<(), StoreError> {
    let sizes = batch.changes.iter().filter_map(|change| match change {
        Change::Put { value, .. } | Change::Insert { value, .. } => Some(value.len()),
        Change::Delete { .. } | Change::Add { .. } | Change::AddTo { .. } => None,
    });
    match sizes.max() {
        Some(bytes) if bytes > MAX_VALUE_BYTES => Err(StoreError::TooLarge { bytes }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
