//! What the organization's side writes: what a channel takes, and its files kept before the message that names them.
//!
//! Called wherever staff or services write. Invariant: what is refused leaves nothing behind, and no file is removed as
//! unheld between being kept and being named.

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::{Content, Input};
use switchboard_domain::customer::Channel;
use switchboard_domain::message::{Attachment, BlobId, Form};
use switchboard_domain::ports::transport::OutgoingFile;
use switchboard_domain::time::Timestamp;

use super::Hub;
use super::messages::{NewMessage, words};
use crate::error::HubError;
use crate::session::Done;

/// Most files of a message.
const MAX_FILES: usize = 20;
/// Longest name and media type of a file, bytes.
const MAX_LABEL_BYTES: usize = 255;
/// Characters of the text beside a file on WhatsApp.
///
/// Source: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages>.
const MAX_CAPTION_CHARACTERS: usize = 1024;

impl Hub {
    /// Checks a message for its conversation, keeps its files, and has it stored as this input.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for what the conversation's channel does not take; what the step or the store refuses.
    pub(super) async fn store_writing(
        &self,
        conversation: &Conversation,
        message: NewMessage,
        input: impl FnOnce(Content) -> Input,
    ) -> Result<Done, HubError> {
        let content = check_writing(conversation.channel, &message)?;
        check_window(conversation, &content, self.services.now())?;
        let NewMessage { files, origin, .. } = message;
        let Conversation { organization, id, .. } = *conversation;
        let act = |content| self.links.directory.act(organization, id, input(content), origin);
        if files.is_empty() {
            return act(content).await;
        }
        let held = self.services.attachments.read().await;
        let attachments = self.keep_written(files).await?;
        let blobs: Vec<_> = attachments.iter().map(|file| file.blob).collect();
        let done = act(Content {
            attachments,
            ..content
        })
        .await;
        drop(held);
        if is_not_stored(&done)
            && let Err(error) = self.let_go(&blobs).await
        {
            tracing::warn!(%error, "files of a message that was not stored could not be removed");
        }
        done
    }

    async fn keep_written(&self, files: Vec<OutgoingFile>) -> Result<Vec<Attachment>, HubError> {
        let mut kept = Vec::with_capacity(files.len());
        for file in files {
            kept.push(self.keep_file(file.name, file.media_type, file.content).await?);
        }
        Ok(kept)
    }

    /// Removes what no message holds.
    async fn let_go(&self, blobs: &[BlobId]) -> Result<(), HubError> {
        let services = &self.services;
        // Nobody takes the same bytes in between looking for their holders and removing them.
        let _alone = services.attachments.write().await;
        for blob in blobs {
            if !services.records().is_blob_held(*blob)? {
                services.ports.blobs.remove(*blob).await?;
            }
        }
        Ok(())
    }
}

/// Whether it is certain that this message was not stored, or was before; of any other failure its commit may yet come.
fn is_not_stored(done: &Result<Done, HubError>) -> bool {
    match done {
        Ok(done) => done.repeated,
        Err(HubError::Conflict(_) | HubError::NotFound(_) | HubError::Invalid { .. }) => true,
        Err(_) => false,
    }
}

/// Whether a channel takes a message; its words if so.
pub(super) fn check_writing(channel: Channel, message: &NewMessage) -> Result<Content, HubError> {
    let words = words(message)?;
    if message.files.is_empty() {
        if message.text.trim().is_empty() {
            return Err(HubError::invalid("text", "must not be empty"));
        }
        return Ok(words);
    }
    if message.files.iter().any(|file| file.content.is_empty()) {
        return Err(HubError::invalid("attachments.content", "must not be empty"));
    }
    check_files(&message.files)?;
    match channel {
        Channel::Email => Ok(words),
        Channel::Whatsapp => check_caption(message).map(|()| words),
        Channel::Web | Channel::Sms => Err(HubError::invalid("attachments", "go by mail and WhatsApp alone")),
    }
}

/// Whether these can be the files of a mail.
pub(super) fn check_files(files: &[OutgoingFile]) -> Result<(), HubError> {
    if files.len() > MAX_FILES {
        let reason = format!("must be at most {MAX_FILES} files");
        return Err(HubError::invalid("attachments", reason));
    }
    files.iter().try_for_each(check_file)
}

/// A WhatsApp message carries one file, and few words beside it.
fn check_caption(message: &NewMessage) -> Result<(), HubError> {
    if message.files.len() > 1 {
        return Err(HubError::invalid("attachments", "must be one file on WhatsApp"));
    }
    if matches!(message.form, Some(Form::Template(_))) {
        return Err(HubError::invalid("attachments", "do not go with a template"));
    }
    if message.text.chars().count() > MAX_CAPTION_CHARACTERS {
        let reason = format!("must be at most {MAX_CAPTION_CHARACTERS} characters beside a file on WhatsApp");
        return Err(HubError::invalid("text", reason));
    }
    Ok(())
}

fn check_file(file: &OutgoingFile) -> Result<(), HubError> {
    let fits = |text: &str| (1..=MAX_LABEL_BYTES).contains(&text.len()) && !text.contains(char::is_control);
    if !fits(&file.name) {
        return Err(HubError::invalid(
            "attachments.filename",
            "must be a name of at most 255 bytes",
        ));
    }
    if !fits(&file.media_type) || !is_media_type(&file.media_type) {
        return Err(HubError::invalid(
            "attachments.contentType",
            "must be a media type such as image/png",
        ));
    }
    Ok(())
}

/// Type and subtype (RFC 9110, section 8.3.1); what follows them is left to the channel.
fn is_media_type(text: &str) -> bool {
    let plain = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |text: &str| {
        let is_mark = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
    };
    plain
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// Nothing but a template goes to a WhatsApp customer who has not written for a day.
pub(in crate::hub) fn check_window(
    conversation: &Conversation,
    content: &Content,
    now: Timestamp,
) -> Result<(), HubError> {
    let is_template = matches!(content.form, Some(Form::Template(_)));
    if is_template || conversation.takes_free_text(now) {
        return Ok(());
    }
    Err(outside_window())
}

/// Why free text is refused.
pub(super) fn outside_window() -> HubError {
    HubError::invalid(
        "text",
        "cannot be sent: WhatsApp takes free text only within 24 hours of the customer's last message, else a template",
    )
}
