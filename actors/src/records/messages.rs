//! Messages by conversation and sequence, and the ids callers gave them.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use switchboard_domain::id::{ConversationId, OrganizationId};
use switchboard_domain::message::{Attachment, BlobId, Message, Sequence};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};

use super::Records;
use super::codec::encode;
use super::keys::{Kind, global, scoped};

fn key(organization: OrganizationId, conversation: ConversationId, sequence: Sequence) -> Vec<u8> {
    scoped(
        Kind::Message,
        organization,
        &[conversation.as_bytes(), &sequence.to_be_bytes()],
    )
}

fn client_key(organization: OrganizationId, conversation: ConversationId, client_id: &str) -> Vec<u8> {
    let hash = client_hash(client_id);
    scoped(
        Kind::ClientMessage,
        organization,
        &[conversation.as_bytes(), &hash],
    )
}

/// What a caller's message id is looked up by.
pub fn client_hash(client_id: &str) -> [u8; 32] {
    Sha256::digest(client_id.as_bytes()).into()
}

/// The row that says that a message holds an attachment.
pub(super) fn holder_key(
    blob: BlobId,
    organization: OrganizationId,
    conversation: ConversationId,
    sequence: Sequence,
) -> Vec<u8> {
    let sequence = sequence.to_be_bytes();
    let holder = [
        organization.as_bytes().as_slice(),
        conversation.as_bytes(),
        &sequence,
    ];
    global(Kind::BlobHolder, &[&blob.0, &holder.concat()])
}

impl Records {
    /// One message.
    pub fn find_message(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        sequence: Sequence,
    ) -> Result<Option<Message>, StoreError> {
        self.find(&key(organization, conversation, sequence))
    }

    /// Messages behind `after`, oldest first.
    pub fn list_messages(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, StoreError> {
        let range = range(organization, conversation, after.saturating_add(1), None);
        self.list(&range, Direction::Forward, limit)
    }

    /// The newest messages up to and with `through`, newest first.
    pub fn list_latest_messages(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        through: Sequence,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, StoreError> {
        let range = range(organization, conversation, 0, through.checked_add(1));
        self.list(&range, Direction::Backward, limit)
    }

    /// The message to which a caller gave this id.
    pub fn find_client_message(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        client_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        let Some(bytes) = self
            .engine
            .get(&client_key(organization, conversation, client_id))?
        else {
            return Ok(None);
        };
        let sequence = bytes.as_ref().try_into().map(Sequence::from_be_bytes);
        let sequence =
            sequence.map_err(|_| StoreError::Damaged("a message id without a sequence".to_owned()))?;
        self.find_message(organization, conversation, sequence)
    }
}

fn range(
    organization: OrganizationId,
    conversation: ConversationId,
    from: Sequence,
    until: Option<Sequence>,
) -> KeyRange {
    let all = KeyRange::prefix(&scoped(Kind::Message, organization, &[conversation.as_bytes()]));
    let until = until.map_or(all.until, |until| Some(key(organization, conversation, until)));
    KeyRange {
        from: key(organization, conversation, from),
        until,
    }
}

/// Adds a message; refused when its caller's id was used before in this conversation.
///
/// Its sequence needs no check of its own: the conversation's record is replaced in the same batch, and names it.
pub fn insert(
    batch: &mut Batch,
    organization: OrganizationId,
    conversation: ConversationId,
    message: &Message,
) -> Result<(), StoreError> {
    if let Some(client_id) = &message.client_id {
        let at = client_key(organization, conversation, client_id);
        batch
            .require_absent(at.clone())
            .put(at, message.sequence.to_be_bytes().to_vec());
    }
    for attachment in &message.attachments {
        hold(batch, organization, conversation, message.sequence, attachment);
    }
    if let Some(raw) = message.provided.as_ref().and_then(|told| told.raw) {
        batch.put(
            holder_key(raw, organization, conversation, message.sequence),
            Vec::new(),
        );
    }
    batch.insert(
        key(organization, conversation, message.sequence),
        encode(message)?,
    );
    Ok(())
}

/// Notes that a message holds an attachment.
pub fn hold(
    batch: &mut Batch,
    organization: OrganizationId,
    conversation: ConversationId,
    sequence: Sequence,
    attachment: &Attachment,
) {
    batch.put(
        holder_key(attachment.blob, organization, conversation, sequence),
        Vec::new(),
    );
}

/// Writes a message anew, after its analysis or status has changed.
pub fn replace(
    batch: &mut Batch,
    organization: OrganizationId,
    conversation: ConversationId,
    message: &Message,
) -> Result<(), StoreError> {
    batch.put(
        key(organization, conversation, message.sequence),
        encode(message)?,
    );
    Ok(())
}
