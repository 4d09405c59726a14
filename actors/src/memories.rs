//! What the hub keeps in memory about memories: which were asked for of late, and who is changing one.
//!
//! Asking for a memory notes it here; Housekeeping writes the notes in one batch. Invariant: a note may be lost, a
//! memory never.

use dashmap::DashMap;
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::memory::{MAX_MEMORIES, Memory, for_turn};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::time::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use crate::records::Records;
use crate::records::memories::{MemoryPlace, place, touch};
use crate::services::Services;

/// Notes kept; beyond that an access is not noted.
const MAX_NOTES: usize = 10_000;
/// Notes written at a time.
const BATCH: usize = 1_000;
/// Locks by the customer's id.
const LOCKS: usize = 16;

/// Notes and locks.
#[derive(Debug, Default)]
pub struct MemoryNotes {
    accessed: DashMap<MemoryPlace, Timestamp>,
    changing: [Mutex<()>; LOCKS],
}

impl MemoryNotes {
    /// Whoever changes a customer's memories does so alone.
    pub async fn lock(&self, customer: CustomerId) -> Option<MutexGuard<'_, ()>> {
        let random = usize::from(customer.as_bytes()[15]);
        match self.changing.get(random % LOCKS) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }

    /// These were asked for now.
    pub fn note<'a>(&self, memories: impl IntoIterator<Item = &'a Memory>, now: Timestamp) {
        for memory in memories {
            if self.accessed.len() < MAX_NOTES {
                self.accessed.insert(place(memory), now);
            }
        }
    }

    /// Writes what was noted, as far as the memories are still there.
    pub async fn write(&self, records: &Records) -> Result<(), StoreError> {
        let noted: Vec<_> = self
            .accessed
            .iter()
            .take(BATCH)
            .map(|note| note.key().clone())
            .collect();
        let mut batch = Batch::new();
        for place in noted {
            let Some((place, at)) = self.accessed.remove(&place) else {
                continue;
            };
            if records.has_memory(&place)? {
                touch(&mut batch, &place, at);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        records.commit(batch).await
    }
}

impl Services {
    /// What is remembered of a customer at this moment.
    pub(crate) fn memories_of(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
    ) -> Result<Vec<Memory>, StoreError> {
        let now = self.now();
        let stored = self
            .records()
            .list_memories(organization, customer, MAX_MEMORIES)?;
        let all = stored.into_iter().map(|stored| stored.record);
        Ok(all.filter(|memory| !memory.has_ended(now)).collect())
    }

    /// What the assistant is told of a customer in a turn; nothing when it cannot be read, for the turn goes on.
    pub(crate) fn memories_for_turn(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
    ) -> Vec<String> {
        let found = self.memories_of(organization, customer);
        found.map_or_else(
            |error| {
                tracing::warn!(%customer, %error, "a customer's memories could not be read");
                Vec::new()
            },
            for_turn,
        )
    }
}
