//! The store's port: an ordered key-value engine whose one write is an atomic, durable batch.
//!
//! Repositories are written once over this trait; an engine is a few hundred lines behind it.
//! Invariant: a read never shows a byte that could still be lost, so what a reader saw is what a restart shows.

use std::fmt;
use std::path::Path;

use bytes::Bytes;

use super::BoxFuture;

/// The largest value an engine must take, bytes. Larger things are attachments and go to content-hash files.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;

/// One stored pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The whole key.
    pub key: Bytes,
    /// The stored bytes.
    pub value: Bytes,
}

/// Which end of a range a scan starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest key first.
    Forward,
    /// Largest key first.
    Backward,
}

/// A half-open range of keys: `from <= key < until`; without `until`, to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key that belongs to the range.
    pub from: Vec<u8>,
    /// The first key that does not.
    pub until: Option<Vec<u8>>,
}

impl KeyRange {
    /// Every key there is.
    pub fn all() -> Self {
        Self {
            from: Vec::new(),
            until: None,
        }
    }

    /// Every key that starts with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self {
            from: prefix.to_vec(),
            until: successor(prefix),
        }
    }
}

/// The smallest byte string above every string that starts with `prefix`; none when `prefix` is all `0xFF`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            return Some(next);
        }
    }
    None
}

/// What must hold of a key at the moment of the commit, else the whole batch is refused.
///
/// Comparing the stored bytes themselves serves every need (insert-if-absent, optimistic update, epochs), asks for no
/// version field that each codec would have to keep, and is a plain `WHERE value = …` for an SQL engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precondition {
    /// The key it speaks of.
    pub key: Bytes,
    /// The bytes that must be stored there; `None`: the key must be absent.
    pub expected: Option<Bytes>,
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Store `value` under `key`, replacing what is there.
    Put {
        /// The key.
        key: Bytes,
        /// At most [`MAX_VALUE_BYTES`].
        value: Bytes,
    },
    /// Store `value` under `key`, where nothing lies. The caller answers for that, by what else the batch requires or
    /// because the key holds a new id: the engine does not look, which for a row never read is most of its cost.
    Insert {
        /// The key.
        key: Bytes,
        /// At most [`MAX_VALUE_BYTES`].
        value: Bytes,
    },
    /// Remove `key`; removing an absent key is no error.
    Delete {
        /// The key.
        key: Bytes,
    },
    /// Add `amount` to the counter under `key`: eight bytes, little-endian `i64`, absent means 0, wrapping.
    Add {
        /// The key.
        key: Bytes,
        /// May be negative.
        amount: i64,
    },
    /// Add `amount` to one of the counters that share `key`, each told by a number; see [`decode_tally`] for the bytes.
    ///
    /// Counters that are always read together belong under one key: it is one key to write, and it is read without a
    /// scan, which in a log-structured engine walks over every version of a key that was written of late.
    AddTo {
        /// The key.
        key: Bytes,
        /// Which of the counters.
        counter: u8,
        /// May be negative.
        amount: i64,
    },
}

impl Change {
    /// The key this change touches.
    pub fn key(&self) -> &Bytes {
        match self {
            Self::Put { key, .. }
            | Self::Insert { key, .. }
            | Self::Delete { key }
            | Self::Add { key, .. }
            | Self::AddTo { key, .. } => key,
        }
    }
}

/// Preconditions and changes that take effect together or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// All are checked, in the state left by every earlier batch, before any change is made.
    pub preconditions: Vec<Precondition>,
    /// Made in this order.
    pub changes: Vec<Change>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuse the batch unless `key` is absent.
    pub fn require_absent(&mut self, key: impl Into<Bytes>) -> &mut Self {
        self.preconditions.push(Precondition {
            key: key.into(),
            expected: None,
        });
        self
    }

    /// Refuse the batch unless `key` holds exactly `expected`.
    pub fn require(&mut self, key: impl Into<Bytes>, expected: impl Into<Bytes>) -> &mut Self {
        self.preconditions.push(Precondition {
            key: key.into(),
            expected: Some(expected.into()),
        });
        self
    }

    /// Store a value.
    pub fn put(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) -> &mut Self {
        self.changes.push(Change::Put {
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Store a value under a key that is known to be free.
    pub fn insert(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) -> &mut Self {
        self.changes.push(Change::Insert {
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Remove a key.
    pub fn delete(&mut self, key: impl Into<Bytes>) -> &mut Self {
        self.changes.push(Change::Delete { key: key.into() });
        self
    }

    /// Add to a counter.
    pub fn add(&mut self, key: impl Into<Bytes>, amount: i64) -> &mut Self {
        self.changes.push(Change::Add {
            key: key.into(),
            amount,
        });
        self
    }

    /// Add to one of the counters under a key.
    pub fn add_to(&mut self, key: impl Into<Bytes>, counter: u8, amount: i64) -> &mut Self {
        self.changes.push(Change::AddTo {
            key: key.into(),
            counter,
            amount,
        });
        self
    }

    /// Nothing to check and nothing to change.
    pub fn is_empty(&self) -> bool {
        self.preconditions.is_empty() && self.changes.is_empty()
    }
}

/// Reads a counter's stored bytes; anything that is not eight bytes long is damage and reads as `None`.
pub fn decode_counter(value: &[u8]) -> Option<i64> {
    value.try_into().ok().map(i64::from_le_bytes)
}

/// Bytes of one counter of a tally: its number, then its sum.
const TALLY_BYTES: usize = 9;

/// Reads the stored bytes of counters that share a key: nine bytes each, the counter's number and a little-endian `i64`,
/// in the order of their numbers; anything else is damage and reads as `None`.
pub fn decode_tally(value: &[u8]) -> Option<Vec<(u8, i64)>> {
    let (counters, torn) = value.as_chunks();
    if !is_tally(counters, torn) {
        return None;
    }
    let counters = counters.iter().map(|counter| {
        let (number, sum) = counter.split_first()?;
        Some((*number, decode_counter(sum)?))
    });
    counters.collect()
}

/// Whole counters, each number once and in order.
fn is_tally(counters: &[[u8; TALLY_BYTES]], torn: &[u8]) -> bool {
    torn.is_empty() && counters.is_sorted_by(|[one, ..], [next, ..]| one < next)
}

/// The bytes of a tally after an addition, wrapping; `None` for bytes that are none.
pub fn add_to_tally(value: &[u8], counter: u8, amount: i64) -> Option<Vec<u8>> {
    let mut tally = value.to_vec();
    let (counters, torn) = tally.as_chunks_mut();
    if !is_tally(counters, torn) {
        return None;
    }
    match counters.binary_search_by_key(&counter, |[number, ..]| *number) {
        Ok(place) => {
            let (_, sum) = counters.get_mut(place)?.split_first_mut()?;
            let added = decode_counter(sum)?.wrapping_add(amount);
            sum.copy_from_slice(&added.to_le_bytes());
        }
        Err(place) => {
            let at = place * TALLY_BYTES;
            let new = std::iter::once(counter).chain(amount.to_le_bytes());
            drop(tally.splice(at..at, new));
        }
    }
    Some(tally)
}

/// What can go wrong in the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A precondition did not hold; nothing was changed.
    #[error("a precondition on the stored state did not hold")]
    Conflict {
        /// The key whose precondition failed first.
        key: Bytes,
    },
    /// The disk is full or a quota is reached; nothing was changed, reads go on, and writes work again once there is room.
    #[error("no space left for the store")]
    Full,
    /// The queue of waiting batches is full; nothing was changed.
    #[error("the store's write queue is full")]
    Overloaded,
    /// The store is closed or its writer has ended.
    #[error("the store is closed")]
    Closed,
    /// A value is larger than [`MAX_VALUE_BYTES`].
    #[error("a value of {bytes} bytes is larger than the store takes")]
    TooLarge {
        /// The refused size.
        bytes: usize,
    },
    /// The files were written by a newer program, or are not a store at all.
    #[error("the store cannot be opened: {0}")]
    Incompatible(String),
    /// Stored bytes cannot be read as what they should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// A read or write failed. After a failed sync the engine is [`StoreError::Closed`] for good.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// What an engine says of itself, for health, metrics and the `store` commands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Bytes its files take on disk.
    pub disk_bytes: u64,
    /// Batches waiting for the writer.
    pub queued_batches: usize,
    /// Batches made durable since the start.
    pub committed_batches: u64,
    /// Groups (each one sync) since the start.
    pub committed_groups: u64,
}

/// Whether writes can succeed at the moment, found by the last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteHealth {
    /// The last group was made durable, or none was tried yet.
    Healthy,
    /// The last group was refused for want of space.
    Full,
    /// A sync failed or the engine is closed: nothing will be acknowledged again.
    Dead,
}

/// Hears what became of a batch: once, on a thread of the store, which it must not hold up.
pub type Told = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// An ordered key-value store with atomic, durable, conditional batches.
pub trait Engine: Send + Sync + fmt::Debug {
    /// The bytes under `key`, as of the last durable group.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// At most `limit` entries of `range` from one end of it, all of one durable moment.
    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Hands a batch to the writer; the future ends once it is on disk (fsynced), or refused whole.
    ///
    /// Batches handed over by one caller take effect in that order. The batch is queued when this returns, whether or
    /// not the future is polled.
    fn commit(&self, batch: Batch) -> BoxFuture<'static, Result<(), StoreError>>;

    /// The same for a caller that needs no task to wait in: `told` is called instead.
    fn commit_then(&self, batch: Batch, told: Told);

    /// Whether writes can succeed at the moment.
    fn write_health(&self) -> WriteHealth;

    /// Figures about the engine.
    fn stats(&self) -> EngineStats;

    /// Checks the whole store's files as far as the engine can, and returns the number of entries.
    ///
    /// `progress` is told the number of entries read so far.
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError>;

    /// Where its files are.
    fn path(&self) -> &Path;

    /// Finishes queued batches and lets go of the files; every later commit is [`StoreError::Closed`].
    fn close(&self) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_range_ends_right_after_the_prefix() {
        assert_eq!(KeyRange::prefix(b"ab").until, Some(b"ac".to_vec()));
        assert_eq!(KeyRange::prefix(&[1, 0xFF]).until, Some(vec![2]));
        assert_eq!(KeyRange::prefix(&[0xFF]).until, None);
    }

    #[test]
    fn counters_that_share_a_key_are_kept_by_number_and_what_is_none_is_told() {
        let one = add_to_tally(&[], 7, 40).expect("nothing is a tally");
        let two = add_to_tally(&one, 3, -1).expect("a tally");
        let three = add_to_tally(&two, 7, 2).expect("a tally");
        assert_eq!(decode_tally(&three), Some(vec![(3, -1), (7, 42)]));
        assert_eq!(three.len(), 2 * TALLY_BYTES);
        let wrapped = add_to_tally(&add_to_tally(&[], 0, i64::MAX).unwrap(), 0, 1);
        assert_eq!(decode_tally(&wrapped.unwrap()), Some(vec![(0, i64::MIN)]));
        assert_eq!(decode_tally(&three[1..]), None, "a torn one");
        assert_eq!(decode_tally(&[one.as_slice(), &two].concat()), None, "7, 3, 7");
        assert_eq!(add_to_tally(b"three", 1, 1), None);
    }
}
