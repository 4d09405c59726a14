//! Customers that are being erased: the mark that survives a crash, and what is removed piece by piece.
//!
//! Called by the erasure alone. Invariant: the mark is written in the commit that removes the customer's record and goes
//! in the last one, so an erasure that was begun is finished.

use std::collections::HashSet;

use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::message::{BlobId, Message};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::Records;
use super::codec::decode;
use super::keys::{Kind, global, scoped, trailing_id};
use super::messages::holder_key;

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

/// Marks a customer as being erased.
pub fn mark(batch: &mut Batch, organization: OrganizationId, customer: CustomerId, now: Timestamp) {
    batch.put(
        mark_key(organization, customer),
        now.as_millis().to_be_bytes().to_vec(),
    );
}

/// Nothing of the customer is left.
pub fn unmark(batch: &mut Batch, organization: OrganizationId, customer: CustomerId) {
    batch.delete(mark_key(organization, customer));
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

    /// What removes at most `limit` messages of a conversation with the ids callers gave them; empty when none is left.
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
            for attachment in &message.attachments {
                let row = holder_key(attachment.blob, organization, conversation, message.sequence);
                piece.batch.delete(row.clone());
                rows.insert(row);
                blobs.insert(attachment.blob);
            }
        }
        for entry in self.entries(&of(Kind::ClientMessage), Direction::Forward, limit)? {
            piece.batch.delete(entry.key);
        }
        for blob in blobs {
            if self.is_held_by_these_alone(blob, &rows)? {
                piece.unheld.push(blob);
            }
        }
        Ok(piece)
    }

    fn is_held_by_these_alone(&self, blob: BlobId, rows: &HashSet<Vec<u8>>) -> Result<bool, StoreError> {
        let range = KeyRange::prefix(&global(Kind::BlobHolder, &[&blob.0]));
        let holders = self.entries(&range, Direction::Forward, rows.len() + 1)?;
        Ok(holders.iter().all(|holder| rows.contains(holder.key.as_ref())))
    }
}
