//! Typed records over the ordered key-value engine: what is stored under which key, in which bytes.
//!
//! Written once for every engine. Reads are methods of [`Records`]; writes are functions that add to a [`Batch`], so
//! that everything with one cause is one commit. Invariant: every key of an organization's data starts with its kind
//! and the organization's id, so no read can stray into another organization.

pub mod accounts;
pub mod active_days;
pub mod activity;
pub mod automatic;
pub mod budgets;
pub mod business;
pub mod campaign_messages;
pub mod campaigns;
pub mod codec;
pub mod conversations;
pub mod counters;
pub mod customers;
mod decoded;
pub mod erasure;
pub mod errands;
pub mod faq_views;
pub mod keys;
pub mod knowledge;
pub mod logs;
pub mod mailboxes;
pub mod memories;
pub mod messages;
pub mod moves;
pub mod notices;
pub mod numbers;
pub mod provided;
pub mod repeats;
mod upgrade;
pub mod webhooks;

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use switchboard_domain::ports::engine::{Batch, Direction, Engine, Entry, KeyRange, StoreError};

use self::decoded::Decoded;

/// A record together with the bytes it is stored as, which an update names as its precondition.
#[derive(Debug, Clone)]
pub struct Stored<T> {
    /// The record.
    pub record: T,
    /// What lies in the store.
    pub bytes: Bytes,
}

/// The store, typed.
#[derive(Debug, Clone)]
pub struct Records {
    engine: Arc<dyn Engine>,
    decoded: Arc<Decoded>,
}

impl Records {
    /// Over this engine.
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            decoded: Arc::default(),
        }
    }

    /// The engine beneath, for health and figures.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Makes a batch durable.
    pub async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.engine.commit(batch).await
    }

    /// The record under `key`.
    pub(crate) fn find<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.engine
            .get(key)?
            .map(|bytes| codec::decode(&bytes))
            .transpose()
    }

    /// The record under `key` with its bytes.
    pub(crate) fn find_stored<T: DeserializeOwned>(
        &self,
        key: &[u8],
    ) -> Result<Option<Stored<T>>, StoreError> {
        let Some(bytes) = self.engine.get(key)? else {
            return Ok(None);
        };
        Ok(Some(Stored {
            record: codec::decode(&bytes)?,
            bytes,
        }))
    }

    /// Whether anything lies under `key`.
    pub(crate) fn exists(&self, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.engine.get(key)?.is_some())
    }

    /// The records of a range.
    pub(crate) fn list<T: DeserializeOwned>(
        &self,
        range: &KeyRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let entries = self.engine.scan(range, direction, limit)?;
        entries.iter().map(|entry| codec::decode(&entry.value)).collect()
    }

    /// The raw entries of a range.
    pub(crate) fn entries(
        &self,
        range: &KeyRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.engine.scan(range, direction, limit)
    }
}
