//! Requests that came with a key of the caller's: what was asked, and what was answered.
//!
//! ```text
//! Repeat     organization · id → the request
//! RepeatEnd  end · organization · id → the records it names       what Housekeeping looks at
//! RepeatOf   organization · record · id                           what an erasure looks at
//! ```
//!
//! Written by the hub around the request itself. Invariant: every record has its row in the index of ends, so nothing
//! stays for longer than [`KEPT`], and that row tells all others.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::codec::encode;
use super::keys::{Kind, global, scoped};
use super::{Records, Stored};

/// How long a request is known again.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);

/// A hash of who asked, with which key, of which endpoint.
pub type RepeatId = [u8; 32];

/// What a request is found by: the id of a record that it names, or the start of the hash of the id that its message
/// got.
pub type Named = [u8; 16];

/// A request with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// A keyed hash of what was asked.
    pub request: [u8; 32],
    /// When it came first.
    pub at: Timestamp,
    /// What was answered; none while it is done, or when the process ended before.
    pub answer: Option<KeptAnswer>,
}

/// An answer that is given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// Its status.
    pub status: u16,
    /// Its content type; empty without one.
    pub content_type: String,
    /// Its body; none when it was too large to keep.
    pub body: Option<Vec<u8>>,
}

impl Repeat {
    /// Whether it is as if it had never been.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.at.after(KEPT) <= now
    }
}

fn repeat_key(organization: OrganizationId, id: &RepeatId) -> Vec<u8> {
    scoped(Kind::Repeat, organization, &[id])
}

fn named_key(organization: &[u8], named: &[u8], id: &[u8]) -> Vec<u8> {
    global(Kind::RepeatOf, &[organization, named, id])
}

/// Sorted by the time of their end.
fn end_key(organization: OrganizationId, id: &RepeatId, at: Timestamp) -> Vec<u8> {
    let end = at.after(KEPT).as_millis().to_be_bytes();
    global(Kind::RepeatEnd, &[&end, organization.as_bytes(), id])
}

impl Records {
    /// The request of this id, with its bytes.
    pub fn find_repeat(
        &self,
        organization: OrganizationId,
        id: &RepeatId,
    ) -> Result<Option<Stored<Repeat>>, StoreError> {
        self.find_stored(&repeat_key(organization, id))
    }

    /// What removes at most `limit` requests that have ended, the oldest; empty when there are none.
    pub fn ended_repeats(&self, now: Timestamp, limit: usize) -> Result<Batch, StoreError> {
        let prefix = global(Kind::RepeatEnd, &[]);
        let mut batch = Batch::new();
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            let row = entry.key.get(prefix.len()..).unwrap_or_default();
            let Some((end, owner)) = row.split_first_chunk::<8>() else {
                continue;
            };
            if i64::from_be_bytes(*end) > now.as_millis() {
                break;
            }
            // The owner is what follows the kind in the record's own key. Its row must still stand: a key that is used
            // again after its end has another one.
            batch.require(entry.key.clone(), entry.value.clone());
            batch
                .delete(entry.key.clone())
                .delete(global(Kind::Repeat, &[owner]));
            if let Some((organization, id)) = owner.split_first_chunk::<16>() {
                forget_names(&mut batch, organization, &entry.value, id);
            }
        }
        Ok(batch)
    }

    /// Removes at most `limit` requests that name this; nothing is added when there are none.
    pub fn remove_repeats_naming(
        &self,
        batch: &mut Batch,
        organization: OrganizationId,
        named: &Named,
        limit: usize,
    ) -> Result<(), StoreError> {
        let prefix = named_key(organization.as_bytes(), named, &[]);
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            batch.delete(entry.key.clone());
            if let Some(id) = entry.key.last_chunk::<32>() {
                self.remove_repeat(batch, organization, id)?;
            }
        }
        Ok(())
    }

    /// Removes a request with all its rows, one that is being done too: its answer is then not kept.
    fn remove_repeat(
        &self,
        batch: &mut Batch,
        organization: OrganizationId,
        id: &RepeatId,
    ) -> Result<(), StoreError> {
        let Some(kept) = self.find_repeat(organization, id)? else {
            return Ok(());
        };
        let end = end_key(organization, id, kept.record.at);
        if let Some(named) = self.engine.get(&end)? {
            forget_names(batch, organization.as_bytes(), &named, id);
        }
        batch.delete(end).delete(repeat_key(organization, id));
        Ok(())
    }
}

fn forget_names(batch: &mut Batch, organization: &[u8], named: &[u8], id: &[u8]) {
    for named in named.chunks_exact(16) {
        batch.delete(named_key(organization, named, id));
    }
}

/// Reserves an id for a request, in place of one that has ended; the bytes are what [`settle`] and [`release`] ask for.
pub fn reserve(
    batch: &mut Batch,
    organization: OrganizationId,
    id: &RepeatId,
    new: &Repeat,
    ended: Option<&Stored<Repeat>>,
) -> Result<bytes::Bytes, StoreError> {
    let (at, bytes) = (repeat_key(organization, id), encode(new)?);
    match ended {
        Some(old) => {
            batch
                .require(at.clone(), old.bytes.clone())
                .delete(end_key(organization, id, old.record.at))
        }
        None => batch.require_absent(at.clone()),
    };
    batch.put(at, bytes.clone());
    batch.put(end_key(organization, id, new.at), Vec::new());
    Ok(bytes)
}

/// Writes down which records a request that came at `at` names, in the commit that reserves or settles it; all of them
/// each time.
pub fn name(batch: &mut Batch, organization: OrganizationId, id: &RepeatId, at: Timestamp, named: &[Named]) {
    batch.put(end_key(organization, id, at), named.concat());
    for named in named {
        batch.put(named_key(organization.as_bytes(), named, id), Vec::new());
    }
}

/// Keeps the answer to a request.
pub fn settle(
    batch: &mut Batch,
    organization: OrganizationId,
    id: &RepeatId,
    reserved: &Stored<Repeat>,
    answer: KeptAnswer,
) -> Result<(), StoreError> {
    let at = repeat_key(organization, id);
    let answered = Repeat {
        answer: Some(answer),
        ..reserved.record.clone()
    };
    batch
        .require(at.clone(), reserved.bytes.clone())
        .put(at, encode(&answered)?);
    Ok(())
}

/// Forgets a request that came to nothing, with the records it named.
pub fn release(
    batch: &mut Batch,
    organization: OrganizationId,
    id: &RepeatId,
    reserved: &Stored<Repeat>,
    named: &[Named],
) {
    let at = repeat_key(organization, id);
    batch.require(at.clone(), reserved.bytes.clone()).delete(at);
    batch.delete(end_key(organization, id, reserved.record.at));
    forget_names(batch, organization.as_bytes(), &named.concat(), id);
}
