//! Rows that were read of late, in memory: any backend with a cache before it.
//!
//! A message reads a dozen rows and most of them are the same each time: a log-structured engine finds each by walking
//! over what was written of late, a hash table at once. Absent rows are remembered, too. Invariant: a row in memory is
//! the newest value or none; whoever reads a row while it is written keeps its value to itself.

use std::time::Duration;

use bytes::Bytes;
use foldhash::fast::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle, GuardResult};
use switchboard_domain::ports::engine::{Direction, Entry, KeyRange, StoreError};

use super::Backend;
use crate::group::{Slots, Value};

/// What a row takes beside its key and value, bytes: the table's slot, the links and the reference counts.
const ROW_BYTES: u64 = 160;

/// A row's usual size, bytes: how many are expected to fit.
const USUAL_ROW_BYTES: u64 = 512;

/// A backend whose rows are read from memory where they were read before.
pub(crate) struct Cached<B> {
    backend: B,
    rows: Cache<Vec<u8>, Value, RowBytes, RandomState>,
}

impl<B: Backend> Cached<B> {
    /// With at most `bytes` of memory for rows.
    pub(crate) fn new(backend: B, bytes: u64) -> Self {
        let usual = usize::try_from(bytes / USUAL_ROW_BYTES).unwrap_or(usize::MAX);
        let lifecycle = DefaultLifecycle::default();
        Self {
            backend,
            rows: Cache::with(usual, bytes, RowBytes, RandomState::default(), lifecycle),
        }
    }

    /// A row that is in memory has another value from now on. Whoever is reading it just now may have read the old one,
    /// and is kept from remembering it.
    fn refresh(&self, key: &Bytes, value: &Value) {
        let refreshed = self.rows.replace(key.to_vec(), value.clone(), true);
        if let Err((key, _)) = refreshed {
            self.rows.remove(key.as_slice());
        }
    }
}

impl<B: Backend> Backend for Cached<B> {
    fn get(&self, key: &[u8]) -> Result<Value, StoreError> {
        match self.rows.get_value_or_guard(key, Some(Duration::ZERO)) {
            GuardResult::Value(value) => Ok(value),
            GuardResult::Guard(place) => {
                let value = self.backend.get(key)?;
                // Refused when the row was written meanwhile.
                drop(place.insert(value.clone()));
                Ok(value)
            }
            GuardResult::Timeout => self.backend.get(key),
        }
    }

    fn range(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.backend.range(range, direction, limit)
    }

    fn apply(&self, slots: &Slots) -> Result<(), StoreError> {
        self.backend.apply(slots)?;
        for (key, value) in slots.changes() {
            self.refresh(key, value);
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.backend.sync()
    }

    fn disk_bytes(&self) -> u64 {
        self.backend.disk_bytes()
    }
}

/// Counts a row's bytes.
#[derive(Debug, Clone)]
struct RowBytes;

impl Weighter<Vec<u8>, Value> for RowBytes {
    fn weight(&self, key: &Vec<u8>, value: &Value) -> u64 {
        let value = value.as_ref().map_or(0, Bytes::len);
        ROW_BYTES + key.len() as u64 + value as u64
    }
}

#[cfg(test)]
mod tests;
