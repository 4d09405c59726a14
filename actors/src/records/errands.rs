//! What is owed to the outside: each errand under its subject, and once more by lane and the time it is due.
//!
//! An errand that is given up moves to a list of its own, from where it can be asked for anew. Invariant: an errand and
//! its line by due time are written and removed together.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_domain::id::{ConversationId, OrganizationId, WebhookId};
use switchboard_domain::outbox::{Errand, Lane, Subject};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::codec::encode;
use super::keys::{Kind, global, scoped};
use super::{Records, Stored};

/// An errand that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedErrand {
    /// As it was when it was given up.
    pub errand: Errand,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Errands of a conversation's messages lie together, in the order of the messages.
fn subject_bytes(subject: &Subject) -> Vec<u8> {
    let (kind, owner, rest) = match subject {
        Subject::Message(conversation, sequence) => {
            (b'm', conversation.as_bytes(), sequence.to_be_bytes().to_vec())
        }
        Subject::Media(conversation, sequence) => {
            (b'f', conversation.as_bytes(), sequence.to_be_bytes().to_vec())
        }
        Subject::Notice(webhook, delivery) => (b'w', webhook.as_bytes(), delivery.as_bytes().to_vec()),
    };
    [&[kind], owner.as_slice(), &rest].concat()
}

fn key(organization: OrganizationId, subject: &Subject) -> Vec<u8> {
    scoped(Kind::Errand, organization, &[&subject_bytes(subject)])
}

fn failed_key(organization: OrganizationId, subject: &Subject) -> Vec<u8> {
    scoped(Kind::FailedErrand, organization, &[&subject_bytes(subject)])
}

/// The line by due time; what follows the time is the errand's own key.
fn due_key(errand: &Errand) -> Vec<u8> {
    let due = errand.due.as_millis().to_be_bytes();
    let at = key(errand.organization, &errand.subject);
    global(Kind::ErrandDue, &[&errand.lane.as_bytes(), &due, &at])
}

fn lane_key(lane: Lane) -> Vec<u8> {
    global(Kind::ErrandDue, &[&lane.as_bytes()])
}

/// Where the lines begin of what is due later.
fn key_after(lane: Lane, due: Timestamp) -> Vec<u8> {
    let next = due.as_millis().saturating_add(1).to_be_bytes();
    global(Kind::ErrandDue, &[&lane.as_bytes(), &next])
}

/// Bytes of a due line before the errand's own key: kind, lane, time.
const DUE_HEAD: usize = 1 + 17 + 8;

impl Records {
    /// Every lane in which something is owed, due or not.
    pub fn list_lanes(&self) -> Result<Vec<Lane>, StoreError> {
        let all = KeyRange::prefix(&global(Kind::ErrandDue, &[]));
        let (mut from, mut lanes) = (all.from, Vec::new());
        loop {
            let rest = KeyRange {
                from,
                until: all.until.clone(),
            };
            let Some(first) = self.entries(&rest, Direction::Forward, 1)?.into_iter().next() else {
                return Ok(lanes);
            };
            let lane = first
                .key
                .get(1..18)
                .and_then(|bytes| Lane::from_bytes(bytes.try_into().ok()?));
            let lane = lane.ok_or_else(|| StoreError::Damaged("a lane that does not exist".to_owned()))?;
            lanes.push(lane);
            let Some(behind) = KeyRange::prefix(&lane_key(lane)).until else {
                return Ok(lanes);
            };
            from = behind;
        }
    }

    /// The errands of a lane that are due, the longest first, at most `limit`.
    pub fn list_errands_due(
        &self,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored<Errand>>, StoreError> {
        self.list_errands_within(
            &KeyRange {
                from: lane_key(lane),
                until: Some(key_after(lane, now)),
            },
            limit,
        )
    }

    /// The errands of a lane that are due later than `after`, but not later than `until`, at most `limit`.
    pub fn list_errands_between(
        &self,
        lane: Lane,
        after: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored<Errand>>, StoreError> {
        self.list_errands_within(
            &KeyRange {
                from: key_after(lane, after),
                until: Some(key_after(lane, until)),
            },
            limit,
        )
    }

    fn list_errands_within(&self, range: &KeyRange, limit: usize) -> Result<Vec<Stored<Errand>>, StoreError> {
        let mut found = Vec::new();
        for entry in self.entries(range, Direction::Forward, limit)? {
            let at = entry.key.get(DUE_HEAD..).unwrap_or_default();
            found.extend(self.find_stored(at)?);
        }
        Ok(found)
    }

    /// The errands of a lane, due or not, those that are due first, at most `limit`.
    pub fn list_errands(&self, lane: Lane, limit: usize) -> Result<Vec<Stored<Errand>>, StoreError> {
        self.list_errands_due(lane, Timestamp::from_millis(i64::MAX - 1), limit)
    }

    /// When the next errand of a lane is due.
    pub fn next_errand_due(&self, lane: Lane) -> Result<Option<Timestamp>, StoreError> {
        let first = self.entries(&KeyRange::prefix(&lane_key(lane)), Direction::Forward, 1)?;
        let due = |key: &Bytes| Some(i64::from_be_bytes(key.get(18..DUE_HEAD)?.try_into().ok()?));
        Ok(first
            .first()
            .and_then(|entry| due(&entry.key))
            .map(Timestamp::from_millis))
    }

    /// The errand about a subject, with its bytes.
    pub fn find_errand(
        &self,
        organization: OrganizationId,
        subject: &Subject,
    ) -> Result<Option<Stored<Errand>>, StoreError> {
        self.find_stored(&key(organization, subject))
    }

    /// What is owed to a webhook subscription, the oldest notices first, at most `limit`.
    pub fn list_notice_errands(
        &self,
        webhook: WebhookId,
        limit: usize,
    ) -> Result<Vec<Stored<Errand>>, StoreError> {
        // Whose it is stands in the keys of what it is owed.
        let range = KeyRange::prefix(&lane_key(Lane::Webhook(webhook)));
        let first = self.entries(&range, Direction::Forward, 1)?;
        let at = first.first().and_then(|entry| entry.key.get(DUE_HEAD..));
        let Some(first) = at.map(|at| self.find_stored::<Errand>(at)).transpose()?.flatten() else {
            return Ok(Vec::new());
        };
        let organization = first.record.organization;
        let prefix = scoped(Kind::Errand, organization, &[b"w", webhook.as_bytes()]);
        let mut found = Vec::new();
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            found.extend(self.find_stored(&entry.key)?);
        }
        Ok(found)
    }

    /// The errands of a conversation's messages that have still to leave, in the order of the messages, at most `limit`.
    pub fn list_message_errands(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        limit: usize,
    ) -> Result<Vec<Errand>, StoreError> {
        let prefix = scoped(Kind::Errand, organization, &[b"m", conversation.as_bytes()]);
        self.list(&KeyRange::prefix(&prefix), Direction::Forward, limit)
    }

    /// Errands of an organization that were given up: messages first, by conversation.
    pub fn list_failed_errands(
        &self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<FailedErrand>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::FailedErrand, organization, &[]));
        self.list(&range, Direction::Forward, limit)
    }

    /// The errand about a subject that was given up, with its bytes.
    pub fn find_failed_errand(
        &self,
        organization: OrganizationId,
        subject: &Subject,
    ) -> Result<Option<Stored<FailedErrand>>, StoreError> {
        self.find_stored(&failed_key(organization, subject))
    }
}

/// Adds an errand.
pub fn insert(batch: &mut Batch, new: &Errand) -> Result<(), StoreError> {
    batch.put(key(new.organization, &new.subject), encode(new)?);
    batch.put(due_key(new), Bytes::new());
    Ok(())
}

/// Replaces an errand, which moves to where it is due next; refused when somebody else has written since.
pub fn update(batch: &mut Batch, old: &Stored<Errand>, next: &Errand) -> Result<Bytes, StoreError> {
    let (at, bytes) = (key(next.organization, &next.subject), encode(next)?);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, bytes.clone());
    batch
        .delete(due_key(&old.record))
        .put(due_key(next), Bytes::new());
    Ok(bytes)
}

/// Removes an errand that nothing is owed of any more.
pub fn remove(batch: &mut Batch, errand: &Errand) {
    batch.delete(key(errand.organization, &errand.subject));
    batch.delete(due_key(errand));
}

/// Removes an errand that somebody else may be about to claim; refused when somebody has.
pub fn withdraw(batch: &mut Batch, errand: &Stored<Errand>) {
    let at = key(errand.record.organization, &errand.record.subject);
    batch.require(at, errand.bytes.clone());
    remove(batch, &errand.record);
}

/// Adds an errand to those that were given up.
pub fn insert_failed(batch: &mut Batch, failed: &FailedErrand) -> Result<(), StoreError> {
    let at = failed_key(failed.errand.organization, &failed.errand.subject);
    batch.put(at, encode(failed)?);
    Ok(())
}

/// Takes an errand from those that were given up.
pub fn forgive(batch: &mut Batch, organization: OrganizationId, subject: &Subject) {
    batch.delete(failed_key(organization, subject));
}
