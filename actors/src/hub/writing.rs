//! What the organization's side writes: what a channel takes, and its files kept before the message that names them.
//!
//! Called wherever staff or services write. Invariant: what is refused here leaves nothing behind, and no file is removed
//! as unheld between being kept and being named.

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Content;
use switchboard_domain::customer::Channel;
use switchboard_domain::message::Form;
use switchboard_domain::ports::transport::OutgoingFile;
use switchboard_domain::time::Timestamp;
use tokio::sync::RwLockReadGuard;

use super::Hub;
use super::messages::{NewMessage, words};
use crate::error::HubError;

/// Most files of a message.
const MAX_FILES: usize = 20;
/// Longest name and media type of a file, bytes.
const MAX_LABEL_BYTES: usize = 255;
/// Characters of the text beside a file on WhatsApp.
///
/// Source: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages>.
const MAX_CAPTION_CHARACTERS: usize = 1024;

/// A message that is ready to be stored.
pub(super) struct Writing<'h> {
    pub(super) content: Content,
    /// Until the message is stored nobody takes its files for unheld.
    pub(super) held: Option<RwLockReadGuard<'h, ()>>,
}

impl Hub {
    /// Checks a message for its conversation and keeps its files.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for what the conversation's channel does not take.
    pub(super) async fn writing(
        &self,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Writing<'_>, HubError> {
        let mut content = check_writing(conversation.channel, &message)?;
        check_window(conversation, &content, self.services.now())?;
        if message.files.is_empty() {
            return Ok(Writing { content, held: None });
        }
        let held = self.services.attachments.read().await;
        for file in message.files {
            let kept = self.keep_file(file.name, file.media_type, file.content).await?;
            content.attachments.push(kept);
        }
        Ok(Writing {
            content,
            held: Some(held),
        })
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
