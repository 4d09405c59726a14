//! sled 0.34.7 as a backend, with what it needs to be trusted: a real sync, collected garbage, snapshots put right.
//!
//! Invariant: sled never meets a value above 64 KiB (the port refuses it) nor a full disk (the writer looks first).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sled::{Batch, Config, Db, IVec, Mode};
use switchboard_domain::ports::engine::{Direction, Entry, KeyRange, StoreError};

use super::Backend;
use crate::failure;
use crate::group::Slots;

/// How often the garbage collector is driven after each group: one round frees a few bags of garbage only.
///
/// With the single writer 1,000,000 messages end at 192 MB with 0 as with 64 rounds, which cost 5 µs a message; a few
/// rounds keep it so when other threads leave garbage behind.
const COLLECTIONS: usize = 8;

/// How long to wait for a database that this process has closed a moment ago to let go of its file lock.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// An open sled database.
#[derive(Debug)]
pub(crate) struct SledBackend {
    db: Db,
    /// sled's own log file: `flush()` ends with `sync_file_range`, which does not survive a power cut (spacejam/sled#1452).
    log: File,
}

impl SledBackend {
    /// Opens or creates the database in `folder`.
    pub(crate) fn open(folder: &Path, cache_mb: u64) -> Result<Self, StoreError> {
        remove_half_snapshots(folder).map_err(|error| failure::io(&error))?;
        let config = configuration(folder, cache_mb);
        let db = match open_patiently(&config) {
            Err(sled::Error::Corruption { .. }) => reopen_without_snapshots(folder, &config)?,
            other => other.map_err(|error| translate(&error))?,
        };
        let log = OpenOptions::new().read(true).write(true).open(folder.join("db"));
        Ok(Self {
            db,
            log: log.map_err(|error| failure::io(&error))?,
        })
    }
}

impl Backend for SledBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let found = self.db.get(key).map_err(|error| translate(&error))?;
        Ok(found.map(|value| bytes(&value)))
    }

    fn range(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let found = match &range.until {
            Some(until) => self.db.range(range.from.as_slice()..until.as_slice()),
            None => self.db.range(range.from.as_slice()..),
        };
        match direction {
            Direction::Forward => found.take(limit).map(entry).collect(),
            Direction::Backward => found.rev().take(limit).map(entry).collect(),
        }
    }

    /// Also flushes: sled writes its buffers from a thread of its own, so only then has the system seen the group.
    fn apply(&self, slots: &Slots) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (key, value) in slots.changes() {
            match value {
                Some(value) => batch.insert(key.as_ref(), value.as_ref()),
                None => batch.remove(key.as_ref()),
            }
        }
        self.db.apply_batch(batch).map_err(|error| translate(&error))?;
        self.db.flush().map_err(|error| translate(&error))?;
        collect_garbage();
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.log.sync_data().map_err(|error| failure::io(&error))
    }

    fn disk_bytes(&self) -> u64 {
        self.db.size_on_disk().unwrap_or_default()
    }
}

/// Without a flusher thread: the writer flushes after each group.
fn configuration(folder: &Path, cache_mb: u64) -> Config {
    Config::new()
        .path(folder)
        .flush_every_ms(None)
        .cache_capacity(cache_mb << 20)
        .mode(Mode::HighThroughput)
}

/// Written from many threads, sled's discarded pages can pile up: 2 to 9 KB for each message ever written.
fn collect_garbage() {
    for _ in 0..COLLECTIONS {
        crossbeam_epoch::pin().flush();
    }
}

fn open_patiently(config: &Config) -> sled::Result<Db> {
    let start = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_lock(&error) && start.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

fn is_lock(error: &io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// A snapshot that was being written at a crash keeps sled from opening (spacejam/sled#1533).
fn remove_half_snapshots(folder: &Path) -> io::Result<()> {
    for path in snapshots(folder)? {
        if path
            .extension()
            .is_some_and(|extension| extension == "generating")
        {
            tracing::warn!(path = %path.display(), "removing a snapshot left half written");
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// A damaged snapshot is only a shortcut through the log: without it sled reads the whole log (spacejam/sled#1527).
fn reopen_without_snapshots(folder: &Path, config: &Config) -> Result<Db, StoreError> {
    for path in snapshots(folder).map_err(|error| failure::io(&error))? {
        tracing::warn!(path = %path.display(), "moving a damaged snapshot aside and reading the whole log");
        let aside = folder.join(format!("aside-{}", file_name(&path)));
        fs::rename(&path, aside).map_err(|error| failure::io(&error))?;
    }
    open_patiently(config).map_err(|error| translate(&error))
}

fn snapshots(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.try_exists()? {
        return Ok(Vec::new());
    }
    let paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    Ok(paths
        .into_iter()
        .filter(|path| file_name(path).starts_with("snap."))
        .collect())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn entry(found: sled::Result<(IVec, IVec)>) -> Result<Entry, StoreError> {
    let (key, value) = found.map_err(|error| translate(&error))?;
    Ok(Entry {
        key: bytes(&key),
        value: bytes(&value),
    })
}

fn bytes(value: &IVec) -> Bytes {
    Bytes::copy_from_slice(value)
}

fn translate(error: &sled::Error) -> StoreError {
    match error {
        sled::Error::Io(inner) => failure::io(inner),
        sled::Error::Corruption { .. } => StoreError::Damaged(error.to_string()),
        sled::Error::Unsupported(text) => StoreError::Incompatible(text.clone()),
        other => failure::library(other),
    }
}
