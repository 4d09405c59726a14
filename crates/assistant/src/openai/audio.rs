//! Recordings to words: one multipart request (RFC 7578), written by hand, since it has three parts.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use switchboard_domain::audio::AudioFormat;
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::assistant::AssistantError;
use switchboard_domain::ports::provider::Called;
use switchboard_domain::price::Usage;

use super::transport::{Body, Transport};

/// Bytes a second of ordinary speech (32 kbit/s), for services that do not say how long a recording was.
const USUAL_BYTES_A_SECOND: usize = 4_000;
/// Characters of the longest transcription that is taken.
const LONGEST_TEXT: usize = 8_000;

/// What `/audio/transcriptions` answers.
#[derive(Debug, Deserialize)]
struct Transcribed {
    text: String,
    #[serde(default)]
    duration: Option<f64>,
    #[serde(default)]
    usage: Option<TranscribedUsage>,
}

#[derive(Debug, Deserialize)]
struct TranscribedUsage {
    #[serde(default)]
    seconds: Option<f64>,
}

/// The words of a recording.
pub(super) async fn transcribe(
    transport: &Transport,
    model: &str,
    audio: Vec<u8>,
    format: AudioFormat,
) -> Called<String> {
    if model.is_empty() {
        return Called {
            result: Err(AssistantError::Unsupported("transcribe audio")),
            usage: Usage::default(),
        };
    }
    let size = audio.len();
    let body = multipart(model, &audio, format);
    match transport
        .send::<Transcribed>("/audio/transcriptions", &body)
        .await
    {
        Ok(heard) => Called {
            usage: Usage {
                audio_seconds: seconds(&heard, size),
                ..Usage::default()
            },
            result: Ok(heard.text.trim().chars().take(LONGEST_TEXT).collect()),
        },
        Err(error) => Called {
            result: Err(error),
            usage: Usage::default(),
        },
    }
}

/// As the service says, else by the size; at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the range of the integer"
)]
fn seconds(heard: &Transcribed, size: usize) -> u32 {
    let told = heard
        .usage
        .as_ref()
        .and_then(|usage| usage.seconds)
        .or(heard.duration);
    let seconds = match told {
        Some(seconds) if seconds.is_finite() => seconds.ceil() as u32,
        _ => u32::try_from(size.div_ceil(USUAL_BYTES_A_SECOND)).unwrap_or(u32::MAX),
    };
    seconds.max(1)
}

fn multipart(model: &str, audio: &[u8], format: AudioFormat) -> Body {
    let boundary = boundary(audio);
    let mut bytes = Vec::with_capacity(audio.len() + 512);
    for (name, value) in [("model", model), ("response_format", "json")] {
        bytes.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"recording.{}\"\r\nContent-Type: {}\r\n\r\n",
        format.as_str(),
        format.media_type()
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(audio);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Body {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        bytes: bytes.into(),
    }
}

/// A line that does not occur in the recording: made of its hash, which it cannot hold.
fn boundary(audio: &[u8]) -> String {
    format!("switchboard-{}", BlobId(Sha256::digest(audio).into()))
}
