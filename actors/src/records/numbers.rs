//! Numbers counted up per organization, for API families with integer ids.
//!
//! Taken in blocks, so that a message does not wait for a counter: a block is reserved durably, then given out from
//! memory. A restart skips what was left of a block; a number is never given twice.

use std::sync::Arc;

use dashmap::DashMap;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, KeyRange, StoreError, decode_counter};
use tokio::sync::Mutex;

use super::Records;
use super::keys::{Kind, scoped, trailing_id};

/// Numbers reserved at a time.
const BLOCK: u64 = 1024;

/// What is numbered. The code is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Numbered {
    /// Accounts.
    Account = 1,
    /// Conversations.
    Conversation = 2,
    /// Messages.
    Message = 3,
    /// FAQs.
    Faq = 4,
    /// Customer logs.
    Log = 5,
}

impl Records {
    /// The id of the record of this number.
    pub fn find_numbered(
        &self,
        organization: OrganizationId,
        what: Numbered,
        number: u64,
    ) -> Result<Option<[u8; 16]>, StoreError> {
        let bytes = self.engine.get(&numbered_key(organization, what, number))?;
        Ok(bytes.and_then(|bytes| trailing_id(&bytes)))
    }
}

/// Lets a record be found by its number.
pub fn insert_numbered(
    batch: &mut Batch,
    organization: OrganizationId,
    what: Numbered,
    number: u64,
    id: &[u8; 16],
) {
    batch.put(numbered_key(organization, what, number), id.to_vec());
}

/// Forgets the number of a record that is gone.
pub fn remove_numbered(batch: &mut Batch, organization: OrganizationId, what: Numbered, number: u64) {
    batch.delete(numbered_key(organization, what, number));
}

/// The rows of all numbers of a kind, in their order; each holds the id of its record.
pub(super) fn numbers_of(organization: OrganizationId, what: Numbered) -> KeyRange {
    KeyRange::prefix(&scoped(Kind::Numbered, organization, &[&[what as u8]]))
}

fn numbered_key(organization: OrganizationId, what: Numbered, number: u64) -> Vec<u8> {
    scoped(
        Kind::Numbered,
        organization,
        &[&[what as u8], &number.to_be_bytes()],
    )
}

type Series = Arc<Mutex<std::ops::Range<u64>>>;

/// Gives out numbers, from 1.
#[derive(Debug)]
pub struct Numbers {
    records: Records,
    series: DashMap<(OrganizationId, Numbered), Series>,
}

impl Numbers {
    /// Over these records.
    pub fn new(records: Records) -> Self {
        Self {
            records,
            series: DashMap::new(),
        }
    }

    /// `count` numbers in a row that were never given before.
    pub async fn take(
        &self,
        organization: OrganizationId,
        what: Numbered,
        count: u64,
    ) -> Result<u64, StoreError> {
        let series = Arc::clone(&self.series.entry((organization, what)).or_default());
        let mut free = series.lock().await;
        if free.end - free.start < count {
            *free = self.reserve(organization, what, count.max(BLOCK)).await?;
        }
        let first = free.start;
        free.start += count;
        Ok(first)
    }

    async fn reserve(
        &self,
        organization: OrganizationId,
        what: Numbered,
        count: u64,
    ) -> Result<std::ops::Range<u64>, StoreError> {
        let key = scoped(Kind::NumberBlock, organization, &[&[what as u8]]);
        let taken = self
            .records
            .engine()
            .get(&key)?
            .and_then(|bytes| decode_counter(&bytes))
            .unwrap_or(0);
        let mut batch = Batch::new();
        batch.add(key, i64::try_from(count).unwrap_or(i64::MAX));
        self.records.commit(batch).await?;
        let first = u64::try_from(taken).unwrap_or(0) + 1;
        Ok(first..first + count)
    }
}
