//! Recordings of customers: checked by their bytes, kept as attachments.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use switchboard_domain::audio::AudioFormat;
use switchboard_domain::conversation::Conversation;
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

impl Hub {
    /// A customer's recording as Base64: kept as the message's attachment, while an agent is asked for.
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
        self.keep_recording(scope, conversation, recording, message).await
    }

    /// Keeps the bytes, then the message that names them.
    pub(super) async fn keep_recording(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        recording: Recording,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        check_reach(scope, conversation)?;
        check_client_id(message.client_id.as_deref())?;
        let Recording { format, bytes } = recording;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let attachment = Attachment {
            blob: self.services.ports.blobs.put(bytes).await?,
            name: format!("recording.{}", format.as_str()),
            media_type: format.media_type().to_owned(),
            bytes: size,
        };
        self.receive_recording(scope, conversation, attachment, message)
            .await
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
