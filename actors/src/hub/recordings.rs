//! Recordings of customers: checked by their bytes, kept as attachments, heard where a provider can.
//!
//! Called by the hub's exchanges and by sockets. Invariant: whatever becomes of hearing it, the recording is kept.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use switchboard_domain::audio::AudioFormat;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Content;
use switchboard_domain::message::Attachment;
use switchboard_domain::scope::Scope;

use super::Hub;
use super::messages::{Answered, NewMessage, check_client_id, check_reach};
use crate::error::HubError;

/// The standard alphabet of RFC 4648, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A recording whose bytes were found to be one.
#[derive(Debug)]
pub(super) struct Recording {
    format: AudioFormat,
    bytes: Vec<u8>,
}

impl Recording {
    /// Decodes Base64 and looks at the bytes; they must be in the format the caller names.
    pub(super) fn decode(audio: &str, format: &str) -> Result<Self, HubError> {
        let named = AudioFormat::from_name(format).ok_or_else(|| {
            HubError::invalid(
                "format",
                "must be one of mp3, wav, ogg, m4a, webm, flac, amr, aac",
            )
        })?;
        let bytes = BASE64
            .decode(audio.trim())
            .map_err(|_| HubError::invalid("audio", "must be Base64 (RFC 4648, standard alphabet)"))?;
        let format = AudioFormat::of(&bytes)
            .ok_or_else(|| HubError::invalid("audio", "must be a recording, which these bytes are not"))?;
        if format != named {
            let found = format!(
                "must be the format of the recording, which is {}",
                format.as_str()
            );
            return Err(HubError::invalid("format", found));
        }
        Ok(Self { format, bytes })
    }
}

/// Whether the caller of a recording waits for the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answering {
    /// It does.
    Waited,
    /// It comes by the event bus.
    Published,
}

impl Hub {
    /// A customer's recording as Base64. Its words become the message where a provider hears them, and are answered by
    /// the event bus; else an agent is asked for. The recording is the message's attachment either way.
    ///
    /// # Errors
    /// [`HubError::Invalid`] when the bytes are no recording, or none of the named `format`.
    pub async fn receive_audio(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        audio: &str,
        format: &str,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        let recording = Recording::decode(audio, format)?;
        self.keep_recording(scope, conversation, recording, message, Answering::Published)
            .await
    }

    /// Keeps the bytes, hears them, then stores the message that names them.
    pub(super) async fn keep_recording(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        recording: Recording,
        message: NewMessage,
        answering: Answering,
    ) -> Result<Answered, HubError> {
        check_reach(scope, conversation)?;
        check_client_id(message.client_id.as_deref())?;
        let Recording { format, bytes } = recording;
        let _held = self.services.attachments.read().await;
        let name = format!("recording.{}", format.as_str());
        let media_type = format.media_type().to_owned();
        let attachment = self.keep_file(name, media_type, bytes.clone()).await?;
        let text = match self.heard_before(conversation, &message, &attachment)? {
            Some(text) => text,
            None => self.heard(conversation, format, bytes).await,
        };
        if text.is_empty() {
            return self
                .receive_recording(scope, conversation, attachment, message)
                .await;
        }
        let content = Content {
            text,
            attachments: vec![attachment],
            client_id: message.client_id,
            ..Content::default()
        };
        match answering {
            Answering::Waited => self.ask_with(conversation, content, message.origin).await,
            Answering::Published => self.receive_heard(conversation, content, message.origin).await,
        }
    }

    async fn heard(&self, conversation: &Conversation, format: AudioFormat, bytes: Vec<u8>) -> String {
        let (organization, channel) = (conversation.organization, conversation.channel);
        let heard = self.services.hear(organization, channel, format, bytes).await;
        heard.unwrap_or_default()
    }

    /// What was heard when this message was sent the first time: a model may hear other words the second time.
    fn heard_before(
        &self,
        conversation: &Conversation,
        message: &NewMessage,
        attachment: &Attachment,
    ) -> Result<Option<String>, HubError> {
        let Some(client_id) = message.client_id.as_deref() else {
            return Ok(None);
        };
        let records = self.services.records();
        let before = records.find_client_message(conversation.organization, conversation.id, client_id)?;
        let same = before.filter(|before| before.attachments.first() == Some(attachment));
        Ok(same.map(|before| before.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(audio: &str, format: &str) -> String {
        Recording::decode(audio, format).unwrap_err().to_string()
    }

    #[test]
    fn a_recording_is_taken_with_and_without_padding() {
        let audio = BASE64.encode(b"fLaC\0\0\0\x22");
        assert!(Recording::decode(&audio, "flac").is_ok());
        assert!(Recording::decode(audio.trim_end_matches('='), "audio/flac").is_ok());
    }

    #[test]
    fn what_is_no_recording_is_named() {
        assert!(refused("!!!", "mp3").starts_with("audio: must be Base64"));
        assert!(refused("aGVsbG8gd29ybGQ=", "mp3").starts_with("audio: must be a recording"));
        assert!(refused("", "mp3").starts_with("audio:"));
        assert!(refused(&BASE64.encode(b"fLaC\0"), "mp3").contains("which is flac"));
        assert!(refused(&BASE64.encode(b"fLaC\0"), "exe").starts_with("format:"));
    }
}
