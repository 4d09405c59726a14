//! A group: the batches that become durable together. Formed by the writer thread, pure but for the reads it needs.
//!
//! Invariant: a refused batch leaves no trace in the group; an accepted one leaves all its changes.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use switchboard_domain::ports::engine::{Batch, Change, KeyRange, StoreError, add_to_tally, decode_counter};

use crate::queue::Reply;

/// A value under a key, or its absence.
pub(crate) type Value = Option<Bytes>;

/// What a group knows of one key.
#[derive(Debug)]
struct Slot {
    /// As every earlier group leaves it.
    old: Value,
    /// As this group leaves it, if it touches it.
    new: Option<Value>,
}

/// Every key a group has looked at or changed.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    by_key: BTreeMap<Bytes, Slot>,
}

impl Slots {
    /// The keys that change, in order, with their new values.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&Bytes, &Value)> {
        self.by_key
            .iter()
            .filter_map(|(key, slot)| Some((key, slot.new.as_ref()?)))
    }

    /// What stood under a key that this group changes.
    pub(crate) fn before(&self, key: &[u8]) -> Option<&Value> {
        self.by_key
            .get(key)
            .filter(|slot| slot.new.is_some())
            .map(|slot| &slot.old)
    }

    /// What stood under the keys of a range that this group changes.
    pub(crate) fn before_in(&self, range: &KeyRange) -> impl Iterator<Item = (&Bytes, &Value)> {
        let until = range.until.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let found = self
            .by_key
            .range::<[u8], _>((Bound::Included(range.from.as_slice()), until));
        found
            .filter(|(_, slot)| slot.new.is_some())
            .map(|(key, slot)| (key, &slot.old))
    }

    /// No key changes.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.changes().next().is_none()
    }
}

/// Batches merged into one change of each key, and who waits for them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) slots: Slots,
    pub(crate) answers: Vec<Answer>,
    /// Bytes of all keys and values to be written.
    pub(crate) bytes: u64,
}

/// A caller and what it will be told once the group is durable.
///
/// A refusal waits too: the state that caused it may not be readable before.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) outcome: Result<(), StoreError>,
}

impl Group {
    /// Adds a batch if its preconditions hold after all batches before it, and remembers whom to answer.
    pub(crate) fn admit(
        &mut self,
        batch: Batch,
        reply: Reply,
        read: &impl Fn(&[u8]) -> Result<Value, StoreError>,
    ) {
        let outcome = self.try_admit(batch, read);
        self.answers.push(Answer { reply, outcome });
    }

    fn try_admit(
        &mut self,
        batch: Batch,
        read: &impl Fn(&[u8]) -> Result<Value, StoreError>,
    ) -> Result<(), StoreError> {
        for precondition in batch.preconditions {
            if *self.current(&precondition.key, read)? != precondition.expected {
                return Err(StoreError::Conflict {
                    key: precondition.key,
                });
            }
        }
        let staged = self.stage(batch.changes, read)?;
        for (key, value) in staged {
            self.bytes += length(&key) + value.as_ref().map_or(0, length);
            if let Some(slot) = self.slots.by_key.get_mut(&key) {
                slot.new = Some(value);
            }
        }
        Ok(())
    }

    /// The changes as plain values, every one of them with its slot loaded; fails before anything is changed.
    fn stage(
        &mut self,
        changes: Vec<Change>,
        read: &impl Fn(&[u8]) -> Result<Value, StoreError>,
    ) -> Result<Vec<(Bytes, Value)>, StoreError> {
        let mut staged: Vec<(Bytes, Value)> = Vec::with_capacity(changes.len());
        for change in changes {
            let current = match &change {
                Change::Insert { key, .. } => self.free(key, read)?,
                _ => self.current(change.key(), read)?,
            };
            let next = match change {
                Change::Put { key, value } | Change::Insert { key, value } => (key, Some(value)),
                Change::Delete { key } => (key, None),
                Change::Add { key, amount } => {
                    let sum = add(&key, newest(&staged, &key, current), amount)?;
                    (key, Some(sum))
                }
                Change::AddTo { key, counter, amount } => {
                    let sums = add_to(&key, newest(&staged, &key, current), (counter, amount))?;
                    (key, Some(sums))
                }
            };
            staged.push(next);
        }
        Ok(staged)
    }

    /// The same for a key of which the batch says that nothing lies there.
    fn free(
        &mut self,
        key: &Bytes,
        read: &impl Fn(&[u8]) -> Result<Value, StoreError>,
    ) -> Result<&Value, StoreError> {
        debug_assert!(
            matches!(self.current(key, read), Ok(None)),
            "a row is inserted where one lies: {key:?}"
        );
        self.current(key, &|_: &[u8]| Ok(None))
    }

    /// The value of `key` after all batches admitted so far.
    fn current(
        &mut self,
        key: &Bytes,
        read: &impl Fn(&[u8]) -> Result<Value, StoreError>,
    ) -> Result<&Value, StoreError> {
        use std::collections::btree_map::Entry;
        let slot = match self.slots.by_key.entry(key.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Slot {
                old: read(key)?,
                new: None,
            }),
        };
        Ok(slot.new.as_ref().unwrap_or(&slot.old))
    }
}

/// The value of `key` after the changes staged so far.
fn newest<'a>(staged: &'a [(Bytes, Value)], key: &Bytes, current: &'a Value) -> &'a Value {
    let earlier = staged.iter().rev().find(|(other, _)| other == key);
    earlier.map_or(current, |(_, value)| value)
}

fn add(key: &Bytes, current: &Value, amount: i64) -> Result<Bytes, StoreError> {
    let sum = match current {
        None => amount,
        Some(value) => decode_counter(value)
            .ok_or_else(|| StoreError::Damaged(format!("no counter is stored under {key:?}")))?
            .wrapping_add(amount),
    };
    Ok(Bytes::copy_from_slice(&sum.to_le_bytes()))
}

fn add_to(key: &Bytes, current: &Value, (counter, amount): (u8, i64)) -> Result<Bytes, StoreError> {
    let known = current.as_deref().unwrap_or_default();
    let sums = add_to_tally(known, counter, amount);
    sums.map(Bytes::from)
        .ok_or_else(|| StoreError::Damaged(format!("no counters are stored under {key:?}")))
}

fn length(bytes: &Bytes) -> u64 {
    bytes.len() as u64
}
