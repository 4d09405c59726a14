//! Memories of customers, when each was last asked for, and when the short-term ones end.
//!
//! ```text
//! Memory        organization · customer · kind · hash of the key → the memory
//! MemoryAccess  the same → milliseconds          written behind, so that a read waits for no disk
//! MemoryEnd     end · the same                   what Housekeeping looks at
//! ```

use sha2::{Digest, Sha256};
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::memory::{Memory, MemoryKind};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::codec::{decode, encode};
use super::keys::{Kind, global, scoped};
use super::{Records, Stored};

/// What names a memory behind its kind of key: organization, customer, kind, hash.
pub type MemoryPlace = Vec<u8>;

const fn kind_code(kind: MemoryKind) -> u8 {
    match kind {
        MemoryKind::ShortTerm => 1,
        MemoryKind::LongTerm => 2,
    }
}

/// What names this memory.
pub fn place(memory: &Memory) -> MemoryPlace {
    let hash: [u8; 32] = Sha256::digest(memory.key.as_bytes()).into();
    let (hash, _) = hash.split_at(16);
    [
        memory.organization.as_bytes().as_slice(),
        memory.customer.as_bytes(),
        &[kind_code(memory.kind)],
        hash,
    ]
    .concat()
}

fn end_key(place: &[u8], end: Timestamp) -> Vec<u8> {
    global(Kind::MemoryEnd, &[&end.as_millis().to_be_bytes(), place])
}

impl Records {
    /// A customer's memories, those that have ended too.
    pub fn list_memories(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        limit: usize,
    ) -> Result<Vec<Stored<Memory>>, StoreError> {
        let of = |kind| KeyRange::prefix(&scoped(kind, organization, &[customer.as_bytes()]));
        let found = self.entries(&of(Kind::Memory), Direction::Forward, limit)?;
        let mut memories = Vec::with_capacity(found.len());
        for entry in found {
            let mut record: Memory = decode(&entry.value)?;
            let access = self.engine.get(&global(Kind::MemoryAccess, &[&place(&record)]))?;
            let access = access.and_then(|bytes| bytes.as_ref().try_into().ok().map(i64::from_be_bytes));
            if let Some(millis) = access {
                record.last_accessed = record.last_accessed.max(Timestamp::from_millis(millis));
            }
            memories.push(Stored {
                record,
                bytes: entry.value,
            });
        }
        Ok(memories)
    }

    /// Whether a memory is still there.
    pub(crate) fn has_memory(&self, place: &[u8]) -> Result<bool, StoreError> {
        self.exists(&global(Kind::Memory, &[place]))
    }

    /// What removes at most `limit` memories that have ended; empty when there are none.
    pub fn ended_memories(&self, now: Timestamp, limit: usize) -> Result<Batch, StoreError> {
        let prefix = global(Kind::MemoryEnd, &[]);
        let mut batch = Batch::new();
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            let row = entry.key.get(prefix.len()..).unwrap_or_default();
            let Some((end, place)) = row.split_first_chunk::<8>() else {
                continue;
            };
            if i64::from_be_bytes(*end) > now.as_millis() {
                break;
            }
            // One that was told again in time has another row.
            batch.require(entry.key.clone(), entry.value.clone());
            batch
                .delete(entry.key.clone())
                .delete(global(Kind::Memory, &[place]))
                .delete(global(Kind::MemoryAccess, &[place]));
        }
        Ok(batch)
    }
}

/// Keeps a memory, in place of an older one of the same kind and key; refused when somebody else has written since.
pub fn put(batch: &mut Batch, old: Option<&Stored<Memory>>, next: &Memory) -> Result<(), StoreError> {
    let place = place(next);
    let at = global(Kind::Memory, &[&place]);
    match old {
        Some(old) => {
            batch.require(at.clone(), old.bytes.clone());
            if let Some(end) = old.record.expires_at {
                batch.delete(end_key(&place, end));
            }
        }
        None => {
            batch.require_absent(at.clone());
        }
    }
    batch.put(at, encode(next)?);
    if let Some(end) = next.expires_at {
        batch.put(end_key(&place, end), Vec::new());
    }
    Ok(())
}

/// Forgets a memory; refused when somebody else has written since.
pub fn remove(batch: &mut Batch, old: &Stored<Memory>) {
    let place = place(&old.record);
    let at = global(Kind::Memory, &[&place]);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    batch.delete(global(Kind::MemoryAccess, &[&place]));
    if let Some(end) = old.record.expires_at {
        batch.delete(end_key(&place, end));
    }
}

/// Notes when a memory was asked for.
pub fn touch(batch: &mut Batch, place: &[u8], at: Timestamp) {
    batch.put(
        global(Kind::MemoryAccess, &[place]),
        at.as_millis().to_be_bytes().to_vec(),
    );
}
