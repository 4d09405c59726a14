//! Which conversations were written in on which day: one key a conversation and day.
//!
//! Written by the commit of a message. Read by what asks who it was, and for spans that do not last until today; how many
//! there were until today is told by `active_days`. Invariant: a list costs the conversations that were written in.

use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};

use super::Records;
use super::active_days::{Active, add_on};
use super::keys::{Kind, scoped, trailing_id};

/// A conversation that was written in on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// The day, numbered as by [`Timestamp::day`](switchboard_domain::time::Timestamp::day).
    pub day: i64,
    /// The conversation.
    pub conversation: ConversationId,
    /// With whom.
    pub customer: CustomerId,
}

/// Days sort as unsigned numbers in keys, so they are shifted by half the range.
fn day_key(organization: OrganizationId, day: i64, rest: &[u8]) -> Vec<u8> {
    let day = day.wrapping_sub(i64::MIN).to_be_bytes();
    scoped(Kind::ActiveOn, organization, &[&day, rest])
}

/// Notes that the conversation was written in on the day of its newest message.
pub fn note(batch: &mut Batch, conversation: &Conversation) {
    let day = conversation.last_message_at.day();
    batch.put(
        day_key(conversation.organization, day, conversation.id.as_bytes()),
        conversation.customer.as_bytes().to_vec(),
    );
}

/// Forgets on which days the conversation was written in, and counts it no more.
pub fn forget(batch: &mut Batch, conversation: &Conversation) {
    let first = conversation
        .first_message_at
        .unwrap_or(conversation.opened_at)
        .day();
    for day in first..=conversation.last_message_at.day() {
        batch.delete(day_key(
            conversation.organization,
            day,
            conversation.id.as_bytes(),
        ));
    }
    if conversation.last_sequence > 0 {
        let last = conversation.last_message_at.day();
        add_on(batch, conversation.organization, Active::Conversations, last, -1);
    }
}

impl Records {
    /// What was written in on the days `from..until`, a line a conversation and day, oldest first.
    pub fn list_activity(
        &self,
        organization: OrganizationId,
        from: i64,
        until: i64,
    ) -> Result<Vec<Activity>, StoreError> {
        let range = KeyRange {
            from: day_key(organization, from, &[]),
            until: Some(day_key(organization, until, &[])),
        };
        let entries = self.entries(&range, Direction::Forward, usize::MAX)?;
        Ok(entries
            .iter()
            .filter_map(|entry| read(&entry.key, &entry.value))
            .collect())
    }
}

/// The line under a key.
pub(super) fn read(key: &[u8], value: &[u8]) -> Option<Activity> {
    Some(Activity {
        day: i64::from_be_bytes(key.get(17..25)?.try_into().ok()?).wrapping_add(i64::MIN),
        conversation: ConversationId::from_bytes(trailing_id(key)?),
        customer: CustomerId::from_bytes(trailing_id(value)?),
    })
}
