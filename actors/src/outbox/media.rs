//! Files of customers' messages: fetched from their provider, kept by content hash, heard where they are spoken words.
//!
//! The message is stored before its file is fetched, so that the provider's call is answered at once. What is done next
//! is decided when the file is there: what was heard is answered, anything else without words is an agent's to see.

use switchboard_domain::audio::AudioFormat;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::{AfterFile, Input};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::id::{ConversationId, OrganizationId};
use switchboard_domain::message::{Attachment, Message, PendingFile, Sequence};
use switchboard_domain::outbox::Errand;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::ports::transport::SendError;

use super::lane::{Seen, attempt};
use super::record;
use crate::error::HubError;
use crate::links::Links;
use crate::records::{Stored, errands};

/// Fetches the file of a message.
pub(super) async fn fetch(
    links: &Links,
    errand: &Stored<Errand>,
    conversation: ConversationId,
    sequence: Sequence,
) -> Result<Seen, HubError> {
    let Some((message, stored)) = record::subject(links, &errand.record, conversation, sequence).await?
    else {
        return Ok(Seen::Nothing);
    };
    let Some(file) = message.provided.as_ref().and_then(|told| told.file.clone()) else {
        record::forget(links, &errand.record).await?;
        return Ok(Seen::Nothing);
    };
    match get(links, file.clone()).await {
        Ok(content) => {
            keep(links, &errand.record, &stored, &message, (file, content)).await?;
            Ok(Seen::There)
        }
        Err(error) => {
            let (outcome, seen) = record::outcome_of(error);
            record::after(links, errand, outcome).await?;
            Ok(seen)
        }
    }
}

async fn get(links: &Links, file: PendingFile) -> Result<Vec<u8>, SendError> {
    let Some(source) = &links.services.ports.channels.files else {
        return Err(SendError::Refused {
            reason: "the channel is not configured".to_owned(),
        });
    };
    let fetched = attempt(source.fetch(file)).await;
    fetched.unwrap_or_else(|| {
        Err(SendError::Later {
            reason: "the provider did not answer in time".to_owned(),
            after: None,
        })
    })
}

/// Keeps the file and records what is to be done now, in the commit that ends the errand.
async fn keep(
    links: &Links,
    errand: &Errand,
    conversation: &Conversation,
    message: &Message,
    (file, content): (PendingFile, Vec<u8>),
) -> Result<(), HubError> {
    let services = &links.services;
    let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let _held = services.attachments.read().await;
    let attachment = Attachment {
        blob: services.ports.blobs.put(content.clone()).await?,
        name: name_of(&file),
        media_type: file.media_type.clone(),
        bytes,
    };
    let then = then(links, conversation, message, &file, content).await?;
    let input = Input::FileSettled {
        sequence: message.sequence,
        file: Ok(attachment),
        then,
    };
    let mut with = Batch::new();
    errands::remove(&mut with, errand);
    links
        .directory
        .act_with(conversation.organization, conversation.id, input, with)
        .await
        .map(drop)
}

async fn then(
    links: &Links,
    conversation: &Conversation,
    message: &Message,
    file: &PendingFile,
    content: Vec<u8>,
) -> Result<AfterFile, HubError> {
    if !needs_somebody(message) {
        return Ok(AfterFile::Nothing);
    }
    let Conversation {
        organization,
        channel,
        ..
    } = *conversation;
    let settings = links.services.organization(organization)?.settings.load_full();
    if let Some(format) = AudioFormat::of(&content).filter(|_| file.is_voice)
        && let Some(text) = links.services.hear(organization, channel, format, content).await
        && !text.trim().is_empty()
    {
        let auto_reply = settings.auto_reply_enabled;
        return Ok(AfterFile::Heard { text, auto_reply });
    }
    hand_over(links, organization, file)
}

/// Whether the file is all there is: what has words was seen to when it came, a sticker asks for nothing.
fn needs_somebody(message: &Message) -> bool {
    let is_sticker = message
        .provided
        .as_ref()
        .is_some_and(|told| told.kind == "sticker");
    message.text.trim().is_empty() && !is_sticker
}

fn hand_over(links: &Links, organization: OrganizationId, file: &PendingFile) -> Result<AfterFile, HubError> {
    let settings = links.services.organization(organization)?.settings.load_full();
    let say = settings
        .auto_reply_enabled
        .then(|| settings.handover_message.clone());
    let reason = if file.is_voice {
        HandoverReason::Recording
    } else {
        HandoverReason::Attachment
    };
    Ok(AfterFile::HandOver { reason, say })
}

/// What is to be done when a file cannot be had: the message says so, and an agent asks the customer for it.
pub(super) fn lost(
    links: &Links,
    organization: OrganizationId,
    conversation: ConversationId,
    sequence: Sequence,
    reason: &str,
) -> Result<Input, HubError> {
    let message = links
        .services
        .records()
        .find_message(organization, conversation, sequence)?;
    let file = message
        .as_ref()
        .and_then(|message| message.provided.as_ref()?.file.clone());
    let then = match (&message, &file) {
        (Some(message), Some(file)) if needs_somebody(message) => hand_over(links, organization, file)?,
        _ => AfterFile::Nothing,
    };
    Ok(Input::FileSettled {
        sequence,
        file: Err(format!("the file could not be fetched: {reason}")),
        then,
    })
}

/// What the file is called: as its sender did, else by its kind.
fn name_of(file: &PendingFile) -> String {
    if !file.name.is_empty() {
        return file.name.clone();
    }
    let kind = file.media_type.split(';').next().unwrap_or_default();
    let (kind, ending) = kind.trim().split_once('/').unwrap_or(("file", "bin"));
    format!("{kind}.{ending}")
}
