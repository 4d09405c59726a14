//! Conversations with their indexes: by alias, by customer, newest on a channel, not closed, at the desk, and with a turn due.

use std::sync::Arc;

use bytes::Bytes;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};

use super::codec::{decode, encode};
use super::counters::leave_totals;
use super::keys::{Kind, global, scoped, trailing_id};
use super::numbers::{Numbered, insert_numbered, numbers_of, remove_numbered};
use super::{Records, Stored, activity};

fn key(organization: OrganizationId, id: ConversationId) -> Vec<u8> {
    scoped(Kind::Conversation, organization, &[id.as_bytes()])
}

fn of_customer(organization: OrganizationId, customer: CustomerId) -> Vec<u8> {
    scoped(Kind::ConversationOfCustomer, organization, &[customer.as_bytes()])
}

fn newest_key(organization: OrganizationId, customer: CustomerId, channel: Channel) -> Vec<u8> {
    let parts = [customer.as_bytes().as_slice(), channel.as_str().as_bytes()];
    scoped(Kind::NewestOnChannel, organization, &parts)
}

impl Records {
    /// A conversation of an organization, with its bytes.
    pub fn find_conversation(
        &self,
        organization: OrganizationId,
        id: ConversationId,
    ) -> Result<Option<Stored<Conversation>>, StoreError> {
        self.find_stored(&key(organization, id))
    }

    /// The same to be read alone.
    pub fn read_conversation(
        &self,
        organization: OrganizationId,
        id: ConversationId,
    ) -> Result<Option<Arc<Conversation>>, StoreError> {
        let Some(bytes) = self.engine.get(&key(organization, id))? else {
            return Ok(None);
        };
        if let Some(known) = self.decoded.find(id, &bytes) {
            return Ok(Some(known));
        }
        let conversation = Arc::new(decode(&bytes)?);
        self.decoded.keep(&bytes, &conversation);
        Ok(Some(conversation))
    }

    /// A conversation was stored as these bytes.
    pub fn stored_conversation(&self, conversation: &Arc<Conversation>, bytes: &Bytes) {
        self.decoded.keep(bytes, conversation);
    }

    /// A conversation that was erased is not kept in memory either.
    pub fn forget_conversation(&self, id: ConversationId) {
        self.decoded.forget(id);
    }

    /// The conversation a caller's own id stands for.
    pub fn find_alias(
        &self,
        organization: OrganizationId,
        alias: &str,
    ) -> Result<Option<ConversationId>, StoreError> {
        let bytes = self
            .engine
            .get(&scoped(Kind::Alias, organization, &[alias.as_bytes()]))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(ConversationId::from_bytes))
    }

    /// Ids of an organization's conversations, newest first.
    ///
    /// By their numbers, which are written once: a conversation's own row is written anew with each message, and a scan
    /// of fjall meets every version of a row that is still in memory.
    pub fn list_conversation_ids(
        &self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let range = numbers_of(organization, Numbered::Conversation);
        let entries = self.entries(&range, Direction::Backward, limit)?;
        Ok(entries
            .iter()
            .filter_map(|entry| trailing_id(&entry.value))
            .map(ConversationId::from_bytes)
            .collect())
    }

    /// Ids of conversations that are not closed, newest first; those alone that are older than `before`, if that is given.
    pub fn list_open(
        &self,
        organization: OrganizationId,
        before: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let key = |parts: &[&[u8]]| scoped(Kind::OpenConversation, organization, parts);
        let mut range = KeyRange::prefix(&key(&[]));
        if let Some(before) = before {
            range.until = Some(key(&[before.as_bytes()]));
        }
        self.conversation_ids(&range, Direction::Backward, limit)
    }

    /// Ids of an organization's conversations that are waiting or with an agent, newest first.
    pub fn list_at_desk_of(
        &self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        self.indexed(Kind::DeskConversation, organization, limit)
    }

    fn indexed(
        &self,
        kind: Kind,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let range = KeyRange::prefix(&scoped(kind, organization, &[]));
        self.conversation_ids(&range, Direction::Backward, limit)
    }

    /// Ids of a customer's conversations, newest first.
    pub fn list_of_customer(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let range = KeyRange::prefix(&of_customer(organization, customer));
        self.conversation_ids(&range, Direction::Backward, limit)
    }

    /// Ids of a customer's conversations behind that of `after`, oldest first.
    pub fn list_of_customer_after(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        after: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut range = KeyRange::prefix(&of_customer(organization, customer));
        if let Some(after) = after {
            range.from.extend(after.as_bytes());
            range.from.push(0);
        }
        self.conversation_ids(&range, Direction::Forward, limit)
    }

    /// A customer's newest conversation on a channel; none where none leads outside, or all are older than this index.
    pub fn find_newest(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        channel: Channel,
    ) -> Result<Option<ConversationId>, StoreError> {
        let bytes = self.engine.get(&newest_key(organization, customer, channel))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(ConversationId::from_bytes))
    }

    fn conversation_ids(
        &self,
        range: &KeyRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let entries = self.entries(range, direction, limit)?;
        Ok(entries
            .iter()
            .filter_map(|entry| trailing_id(&entry.key))
            .map(ConversationId::from_bytes)
            .collect())
    }

    /// Every conversation, of every organization, that is waiting or with an agent.
    pub fn list_at_desk(&self, limit: usize) -> Result<Vec<(OrganizationId, ConversationId)>, StoreError> {
        self.scoped_ids(Kind::DeskConversation, limit)
    }

    /// Every conversation, of every organization, in which the assistant owes a turn.
    pub fn list_turns_due(&self, limit: usize) -> Result<Vec<(OrganizationId, ConversationId)>, StoreError> {
        self.scoped_ids(Kind::TurnDue, limit)
    }

    fn scoped_ids(
        &self,
        kind: Kind,
        limit: usize,
    ) -> Result<Vec<(OrganizationId, ConversationId)>, StoreError> {
        let entries = self.entries(&KeyRange::prefix(&global(kind, &[])), Direction::Forward, limit)?;
        let ids = entries.iter().filter_map(|entry| {
            let organization: [u8; 16] = entry.key.get(1..17)?.try_into().ok()?;
            let conversation = trailing_id(&entry.key)?;
            Some((
                OrganizationId::from_bytes(organization),
                ConversationId::from_bytes(conversation),
            ))
        });
        Ok(ids.collect())
    }
}

/// Adds a new conversation with its indexes; refused when its id or alias is taken. Returns its stored bytes.
pub fn insert(batch: &mut Batch, new: &Conversation) -> Result<Bytes, StoreError> {
    let bytes = encode(new)?;
    let at = key(new.organization, new.id);
    batch.require_absent(at.clone()).put(at, bytes.clone());
    if let Some(alias) = &new.alias {
        let at = scoped(Kind::Alias, new.organization, &[alias.as_bytes()]);
        batch
            .require_absent(at.clone())
            .put(at, new.id.as_bytes().to_vec());
    }
    let mut at = of_customer(new.organization, new.customer);
    at.extend(new.id.as_bytes());
    batch.put(at, Bytes::new());
    if new.route.is_some() {
        let at = newest_key(new.organization, new.customer, new.channel);
        batch.put(at, new.id.as_bytes().to_vec());
    }
    insert_numbered(
        batch,
        new.organization,
        Numbered::Conversation,
        new.number,
        new.id.as_bytes(),
    );
    index_open(batch, None, new);
    Ok(bytes)
}

/// Replaces `old` by `next` and moves its indexes; refused when somebody else has written since. Returns the bytes.
pub fn update(
    batch: &mut Batch,
    old: &Conversation,
    old_bytes: &Bytes,
    next: &Conversation,
) -> Result<Bytes, StoreError> {
    let bytes = encode(next)?;
    let at = key(next.organization, next.id);
    batch
        .require(at.clone(), old_bytes.clone())
        .put(at, bytes.clone());
    index_open(batch, Some(old), next);
    Ok(bytes)
}

/// Removes a conversation with its indexes, all but the one by its customer; refused when somebody else has written
/// since. Its messages stay.
pub fn remove(batch: &mut Batch, old: &Stored<Conversation>) {
    let Stored { record, bytes } = old;
    let organization = record.organization;
    let at = key(organization, record.id);
    batch.require(at.clone(), bytes.clone()).delete(at);
    if let Some(alias) = &record.alias {
        batch.delete(scoped(Kind::Alias, organization, &[alias.as_bytes()]));
    }
    for kind in [Kind::OpenConversation, Kind::DeskConversation, Kind::TurnDue] {
        batch.delete(scoped(kind, organization, &[record.id.as_bytes()]));
    }
    remove_numbered(batch, organization, Numbered::Conversation, record.number);
    activity::forget(batch, record);
    leave_totals(batch, record);
}

/// Nothing of a customer is left that leads to a conversation as its newest.
pub(super) fn forget_newest(batch: &mut Batch, organization: OrganizationId, customer: CustomerId) {
    for channel in Channel::ALL {
        batch.delete(newest_key(organization, customer, channel));
    }
}

fn index_open(batch: &mut Batch, old: Option<&Conversation>, next: &Conversation) {
    let mut set = |kind, was: bool, is: bool| {
        if was != is {
            let at = scoped(kind, next.organization, &[next.id.as_bytes()]);
            if is {
                batch.put(at, Bytes::new())
            } else {
                batch.delete(at)
            };
        }
    };
    let was = |test: fn(&Conversation) -> bool| old.is_some_and(test);
    set(
        Kind::OpenConversation,
        was(|c| c.status.is_open()),
        next.status.is_open(),
    );
    set(
        Kind::DeskConversation,
        was(|c| c.status.needs_desk()),
        next.status.needs_desk(),
    );
    set(
        Kind::TurnDue,
        was(|c| c.turn_due.is_some()),
        next.turn_due.is_some(),
    );
}
