//! Files of messages: kept before the message that names them, and read by staff.
//!
//! Called by the hub and the API. Invariant: a file is found by the message it belongs to alone; its name in the blob store opens
//! nothing.

use switchboard_domain::message::{Attachment, BlobId, Sequence};
use switchboard_domain::scope::Scope;

use super::{Hub, staff_only};
use crate::error::HubError;

impl Hub {
    /// Keeps a file's bytes; whoever calls holds [`Services::attachments`](crate::services::Services::attachments) until
    /// a message names it.
    pub(super) async fn keep_file(
        &self,
        name: String,
        media_type: String,
        content: Vec<u8>,
    ) -> Result<Attachment, HubError> {
        Ok(Attachment {
            bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
            blob: self.services.ports.blobs.put(content).await?,
            name,
            media_type,
        })
    }

    /// A file of a message with its bytes: by the conversation's id or its caller's own for it, the message's sequence,
    /// and the file's id. Staff and services.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a conversation, message or file that is not there.
    pub async fn read_attachment(
        &self,
        scope: &Scope,
        conversation: &str,
        sequence: &str,
        id: &str,
    ) -> Result<(Attachment, Vec<u8>), HubError> {
        staff_only(scope)?;
        let missing = || HubError::NotFound("attachment");
        let conversation = self.get_conversation(scope, conversation)?;
        let sequence: Sequence = sequence.parse().map_err(|_| missing())?;
        let id = BlobId::parse(id).ok_or_else(missing)?;
        let records = self.services.records();
        let message = records.find_message(scope.organization, conversation.id, sequence)?;
        let files = message.map(|message| message.attachments).unwrap_or_default();
        let file = files.into_iter().find(|file| file.blob == id);
        let file = file.ok_or_else(missing)?;
        let content = self.services.ports.blobs.get(id).await?;
        Ok((file, content.ok_or_else(missing)?))
    }
}
