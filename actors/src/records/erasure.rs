//! Customers that are being erased: the mark that survives a crash, and what is removed piece by piece.
//!
//! ```text
//! Erasure  organization · customer → milliseconds · its account, if it had one
//! ```
//!
//! Called by the erasure alone. Invariant: the mark is written in the commit that removes the customer's record and goes
//! in the last one, so an erasure that was begun is finished.

use std::collections::HashSet;

use switchboard_domain::campaign::Campaign;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, OrganizationId};
use switchboard_domain::message::{BlobId, Message};
use switchboard_domain::outbox::Subject;
use switchboard_domain::ports::engine::{Batch, Direction, Entry, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::Records;
use super::codec::{decode, encode};
use super::conversations::forget_newest;
use super::keys::{Kind, global, scoped, trailing_id};
use super::messages::holder_key;
use super::{campaign_messages, errands, provided};

/// A piece to be removed in one commit.
#[derive(Debug, Default)]
pub struct Piece {
    /// What removes it.
    pub batch: Batch,
    /// Attachments that nothing holds any more once it is removed.
    pub unheld: Vec<BlobId>,
}

fn mark_key(organization: OrganizationId, customer: CustomerId) -> Vec<u8> {
    scoped(Kind::Erasure, organization, &[customer.as_bytes()])
}

/// Marks a customer as being erased, whose account goes with it.
pub fn mark(
    batch: &mut Batch,
    organization: OrganizationId,
    customer: CustomerId,
    account: Option<AccountId>,
    now: Timestamp,
) {
    let mut value = now.as_millis().to_be_bytes().to_vec();
    if let Some(account) = account {
        value.extend_from_slice(account.as_bytes());
    }
    batch.put(mark_key(organization, customer), value);
}

/// Nothing of the customer is left.
pub fn unmark(batch: &mut Batch, organization: OrganizationId, customer: CustomerId) {
    batch.delete(mark_key(organization, customer));
    forget_newest(batch, organization, customer);
}

/// Lets go of the last row that leads to a conversation.
pub fn forget_conversation(
    batch: &mut Batch,
    organization: OrganizationId,
    customer: CustomerId,
    conversation: ConversationId,
) {
    let row = [customer.as_bytes().as_slice(), conversation.as_bytes()];
    batch.delete(scoped(Kind::ConversationOfCustomer, organization, &row));
}

/// A campaign that is over need not tell whom it has seen to last.
fn forget_cursor(batch: &mut Batch, entry: &Entry, customer: CustomerId) -> Result<(), StoreError> {
    let mut campaign: Campaign = decode(&entry.value)?;
    if campaign.status.is_over() && campaign.cursor == Some(customer) {
        campaign.cursor = None;
        batch
            .require(entry.key.clone(), entry.value.clone())
            .put(entry.key.clone(), encode(&campaign)?);
    }
    Ok(())
}

/// What a message keeps outside the store: its files, and itself as it came.
fn blobs_of(message: &Message) -> impl Iterator<Item = BlobId> {
    let files = message.attachments.iter().map(|attachment| attachment.blob);
    files.chain(message.provided.as_ref().and_then(|told| told.raw))
}

impl Records {
    /// Customers of all organizations that are being erased.
    pub fn list_erasures(&self, limit: usize) -> Result<Vec<(OrganizationId, CustomerId)>, StoreError> {
        let range = KeyRange::prefix(&global(Kind::Erasure, &[]));
        let entries = self.entries(&range, Direction::Forward, limit)?;
        let ids = entries.iter().filter_map(|entry| {
            let organization: [u8; 16] = entry.key.get(1..17)?.try_into().ok()?;
            let customer = trailing_id(&entry.key)?;
            Some((
                OrganizationId::from_bytes(organization),
                CustomerId::from_bytes(customer),
            ))
        });
        Ok(ids.collect())
    }

    /// The account that goes with a customer that is being erased.
    pub fn account_of_erased(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
    ) -> Result<Option<AccountId>, StoreError> {
        let value = self.engine.get(&mark_key(organization, customer))?;
        let account = value.as_deref().and_then(|value| value.get(8..)?.try_into().ok());
        Ok(account.map(AccountId::from_bytes))
    }

    /// What removes a customer from the ledgers of at most `limit` campaigns, those behind `after`, and the last of
    /// them; none when there are no more.
    pub fn piece_of_ledgers(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Option<(Batch, Vec<u8>)>, StoreError> {
        let mut range = KeyRange::prefix(&scoped(Kind::Campaign, organization, &[]));
        if let Some(after) = after {
            range.from = [after, &[0]].concat();
        }
        let campaigns = self.entries(&range, Direction::Forward, limit)?;
        let Some(last) = campaigns.last() else {
            return Ok(None);
        };
        let mut batch = Batch::new();
        for entry in &campaigns {
            let id = trailing_id(&entry.key).unwrap_or_default();
            let line = scoped(Kind::CampaignRecipient, organization, &[&id, customer.as_bytes()]);
            if self.exists(&line)? {
                batch.delete(line);
            }
            forget_cursor(&mut batch, entry, customer)?;
        }
        Ok(Some((batch, last.key.to_vec())))
    }

    /// What removes at most `limit` messages of a conversation, with the ids callers gave them and the answers kept to
    /// the requests they came with; empty when none is left.
    pub fn piece_of_conversation(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        limit: usize,
    ) -> Result<Piece, StoreError> {
        let of = |kind| KeyRange::prefix(&scoped(kind, organization, &[conversation.as_bytes()]));
        let mut piece = Piece::default();
        let (mut rows, mut blobs) = (HashSet::new(), HashSet::new());
        for entry in self.entries(&of(Kind::Message), Direction::Forward, limit)? {
            let message: Message = decode(&entry.value)?;
            piece.batch.delete(entry.key);
            for blob in blobs_of(&message) {
                let row = holder_key(blob, organization, conversation, message.sequence);
                piece.batch.delete(row.clone());
                rows.insert(row);
                blobs.insert(blob);
            }
            self.remove_traces_outside(&mut piece.batch, organization, conversation, &message)?;
        }
        for entry in self.entries(&of(Kind::ClientMessage), Direction::Forward, limit)? {
            if let Some((start, _)) = entry
                .key
                .last_chunk::<32>()
                .and_then(|hash| hash.split_first_chunk())
            {
                self.remove_repeats_naming(&mut piece.batch, organization, start, 1)?;
            }
            piece.batch.delete(entry.key);
        }
        for blob in blobs {
            if self.is_held_by_these_alone(blob, &rows)? {
                piece.unheld.push(blob);
            }
        }
        Ok(piece)
    }

    /// What leads from the outside to a message, or from it to the outside: its provider's id, what is owed for it.
    fn remove_traces_outside(
        &self,
        batch: &mut Batch,
        organization: OrganizationId,
        conversation: ConversationId,
        message: &Message,
    ) -> Result<(), StoreError> {
        campaign_messages::forget_message(batch, organization, conversation, message);
        if let Some(told) = &message.provided {
            for channel in Channel::ALL {
                provided::forget(batch, organization, channel, told);
            }
        }
        for subject in [
            Subject::Message(conversation, message.sequence),
            Subject::Media(conversation, message.sequence),
        ] {
            if let Some(owed) = self.find_errand(organization, &subject)? {
                errands::remove(batch, &owed.record);
            }
            if self.find_failed_errand(organization, &subject)?.is_some() {
                errands::forgive(batch, organization, &subject);
            }
        }
        Ok(())
    }

    /// Whether a message holds these bytes.
    pub fn is_blob_held(&self, blob: BlobId) -> Result<bool, StoreError> {
        Ok(!self.is_held_by_these_alone(blob, &HashSet::new())?)
    }

    fn is_held_by_these_alone(&self, blob: BlobId, rows: &HashSet<Vec<u8>>) -> Result<bool, StoreError> {
        let range = KeyRange::prefix(&global(Kind::BlobHolder, &[&blob.0]));
        let holders = self.entries(&range, Direction::Forward, rows.len() + 1)?;
        Ok(holders.iter().all(|holder| rows.contains(holder.key.as_ref())))
    }
}
