//! Requests that came with a key of the caller's: what was asked, and what was answered.
//!
//! Written by the hub around the request itself. Invariant: every record has its row in the index of ends, so nothing
//! stays for longer than [`KEPT`].

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
        }
        Ok(batch)
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

/// Forgets a request that came to nothing.
pub fn release(batch: &mut Batch, organization: OrganizationId, id: &RepeatId, reserved: &Stored<Repeat>) {
    let at = repeat_key(organization, id);
    batch.require(at.clone(), reserved.bytes.clone()).delete(at);
    batch.delete(end_key(organization, id, reserved.record.at));
}
