//! fjall 3 as a backend: one keyspace, its journal synced through a handle of our own.
//!
//! fjall's own `persist` holds the journal's lock while the disk works, so the next group could not be applied
//! meanwhile. Invariant: a journal is wholly synced by fjall before the one numbered after it is created.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use fjall::compaction::Leveled;
use fjall::{Database, Guard, Keyspace, KeyspaceCreateOptions, PersistMode};
use parking_lot::Mutex;
use switchboard_domain::ports::engine::{Direction, Entry, KeyRange, StoreError};

use super::Backend;
use crate::failure;
use crate::group::Slots;

/// A memtable's size, bytes: at most five are alive, and one is what a restart must read back.
const MEMTABLE_BYTES: u64 = 32 << 20;

/// Flushed memtables that make a compaction: with 8 instead of 4 it rewrites half as often, a third less CPU a message.
const FLUSHED_TABLES: u8 = 8;

/// Journals that may wait for their memtables, bytes.
const JOURNAL_BYTES: u64 = 256 << 20;

/// An open fjall database.
pub(crate) struct FjallBackend {
    // Dropped before the database: a keyspace keeps its parts alive.
    entries: Keyspace,
    db: Database,
    journal: Mutex<Journal>,
}

impl FjallBackend {
    /// Opens or creates the database in `folder`.
    pub(crate) fn open(folder: &Path, cache_mb: u64) -> Result<Self, StoreError> {
        let builder = Database::builder(folder)
            .cache_size(cache_mb << 20)
            .worker_threads(2)
            .max_journaling_size(JOURNAL_BYTES);
        let db = builder.open().map_err(|error| translate(&error))?;
        let entries = db
            .keyspace("entries", options)
            .map_err(|error| translate(&error))?;
        let journal = Journal::newest(folder).map_err(|error| failure::io(&error))?;
        Ok(Self {
            entries,
            db,
            journal: Mutex::new(journal),
        })
    }
}

impl Backend for FjallBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let found = self.entries.get(key).map_err(|error| translate(&error))?;
        Ok(found.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn range(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let found = match &range.until {
            Some(until) => self.entries.range(range.from.as_slice()..until.as_slice()),
            None => self.entries.range(range.from.as_slice()..),
        };
        match direction {
            Direction::Forward => found.take(limit).map(entry).collect(),
            Direction::Backward => found.rev().take(limit).map(entry).collect(),
        }
    }

    fn apply(&self, slots: &Slots) -> Result<(), StoreError> {
        let mut batch = self.db.batch().durability(Some(PersistMode::Buffer));
        for (key, value) in slots.changes() {
            match value {
                Some(value) => batch.insert(&self.entries, key.as_ref(), value.as_ref()),
                None => batch.remove(&self.entries, key.as_ref()),
            }
        }
        batch.commit().map_err(|error| translate(&error))
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.journal.lock().sync().map_err(|error| failure::io(&error))
    }

    fn disk_bytes(&self) -> u64 {
        self.db.disk_space().unwrap_or_default()
    }
}

fn options() -> KeyspaceCreateOptions {
    let compaction = Leveled::default().with_l0_threshold(FLUSHED_TABLES);
    KeyspaceCreateOptions::default()
        .max_memtable_size(MEMTABLE_BYTES)
        .compaction_strategy(Arc::new(compaction))
}

/// The journal that fjall writes to, as we know it.
#[derive(Debug)]
struct Journal {
    folder: PathBuf,
    number: u64,
    file: File,
}

impl Journal {
    fn newest(folder: &Path) -> io::Result<Self> {
        let numbers = fs::read_dir(folder)?.filter_map(|entry| journal_number(&entry.ok()?.path()));
        let number = numbers
            .max()
            .ok_or_else(|| io::Error::other("fjall has no journal"))?;
        let file = File::open(journal_path(folder, number))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            number,
            file,
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.follow()?;
        self.file.sync_data()
    }

    /// Moves on to the newest journal; those before it are synced already.
    fn follow(&mut self) -> io::Result<()> {
        loop {
            match File::open(journal_path(&self.folder, self.number + 1)) {
                Ok(file) => {
                    self.number += 1;
                    self.file = file;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn journal_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number}.jnl"))
}

fn journal_number(path: &Path) -> Option<u64> {
    let is_journal = path.extension() == Some(OsStr::new("jnl"));
    is_journal.then(|| path.file_stem()?.to_str()?.parse().ok())?
}

fn entry(found: Guard) -> Result<Entry, StoreError> {
    let (key, value) = found.into_inner().map_err(|error| translate(&error))?;
    Ok(Entry {
        key: Bytes::copy_from_slice(&key),
        value: Bytes::copy_from_slice(&value),
    })
}

fn translate(error: &fjall::Error) -> StoreError {
    match error {
        fjall::Error::Locked => StoreError::Incompatible("another process is using it".to_owned()),
        fjall::Error::InvalidVersion(_) => StoreError::Incompatible(error.to_string()),
        fjall::Error::InvalidTrailer | fjall::Error::InvalidTag(_) | fjall::Error::JournalRecovery(_) => {
            StoreError::Damaged(error.to_string())
        }
        other => failure::library(other),
    }
}
