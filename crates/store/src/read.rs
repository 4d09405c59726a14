//! Reads of the last durable moment: the backend as it is now, with later changes taken back.
//!
//! Called by the engine for `get`, `scan` and `verify`. Invariant: all entries of one scan are of the pinned moment,
//! however many groups are applied while it runs.

use std::collections::BTreeMap;

use bytes::Bytes;
use switchboard_domain::ports::engine::{Direction, Entry, KeyRange, StoreError};

use crate::backend::Backend;
use crate::group::Value;
use crate::history::Node;

/// Entries asked of the backend at once.
const CHUNK: usize = 1024;

/// The value of `key` at the moment of `pin`.
pub(crate) fn get(backend: &impl Backend, pin: &Node, key: &[u8]) -> Result<Value, StoreError> {
    let newest = backend.get(key)?;
    Ok(pin.value_here(key).unwrap_or(newest))
}

/// At most `limit` entries of `range` at the moment of `pin`.
pub(crate) fn scan(
    backend: &impl Backend,
    pin: &Node,
    range: &KeyRange,
    direction: Direction,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let mut found = Vec::new();
    let mut rest = Some(range.clone());
    while let Some(part) = rest.take_if(|part| found.len() < limit && !is_void(part)) {
        let asked = (limit - found.len()).min(CHUNK);
        let newest = backend.range(&part, direction, asked)?;
        let last = newest
            .last()
            .filter(|_| newest.len() == asked)
            .map(|entry| entry.key.clone());
        let covered = last
            .as_ref()
            .map_or_else(|| part.clone(), |last| reached(&part, direction, last));
        found.append(&mut taken_back(newest, pin.values_here(&covered), direction));
        rest = last.map(|last| remaining(part, direction, &last));
    }
    found.truncate(limit);
    Ok(found)
}

fn is_void(range: &KeyRange) -> bool {
    range.until.as_ref().is_some_and(|until| *until <= range.from)
}

/// The part of `range` that has been read when `last` was the last key of a full chunk.
fn reached(range: &KeyRange, direction: Direction, last: &[u8]) -> KeyRange {
    match direction {
        Direction::Forward => KeyRange {
            from: range.from.clone(),
            until: Some(after(last)),
        },
        Direction::Backward => KeyRange {
            from: last.to_vec(),
            until: range.until.clone(),
        },
    }
}

/// The part that has not.
fn remaining(range: KeyRange, direction: Direction, last: &[u8]) -> KeyRange {
    match direction {
        Direction::Forward => KeyRange {
            from: after(last),
            until: range.until,
        },
        Direction::Backward => KeyRange {
            from: range.from,
            until: Some(last.to_vec()),
        },
    }
}

fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// `newest` with the values of the pinned moment put back.
fn taken_back(newest: Vec<Entry>, values: BTreeMap<Bytes, Value>, direction: Direction) -> Vec<Entry> {
    if values.is_empty() {
        return newest;
    }
    let mut merged: BTreeMap<Bytes, Value> = newest
        .into_iter()
        .map(|entry| (entry.key, Some(entry.value)))
        .collect();
    merged.extend(values);
    let present = merged
        .into_iter()
        .filter_map(|(key, value)| Some(Entry { key, value: value? }));
    match direction {
        Direction::Forward => present.collect(),
        Direction::Backward => present.rev().collect(),
    }
}
