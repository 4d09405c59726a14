//! Files on their way out: which kind of message they become, and the upload that comes before it.
//!
//! Invariant: an upload sends nothing to anybody, so that no failure of it is uncertain.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media/>
//! ("Supported Media Types").

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use sha2::{Digest, Sha256};
use switchboard_domain::ports::transport::{OutgoingFile, SendError};

use super::{WhatsApp, unanswered};
use crate::http;
use crate::whatsapp::refusal;

const MIB: usize = 1024 * 1024;
/// Bytes of the largest file that WhatsApp takes.
pub const MAX_FILE_BYTES: usize = 100 * MIB;
/// Bytes of a picture that is shown as one.
const MAX_IMAGE_BYTES: usize = 5 * MIB;
/// Bytes of sound and film that is played as such.
const MAX_PLAYED_BYTES: usize = 16 * MIB;
/// Characters of a file's name.
const LONGEST_NAME: usize = 240;

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Image,
    Audio,
    Video,
    Document,
}

/// A file that the provider has.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) id: String,
    pub(super) kind: FileKind,
    pub(super) name: String,
}

impl FileKind {
    /// What a file of this media type and size can be shown as; everything else goes as a document.
    fn of(media_type: &str, size: usize) -> Self {
        let plain = media_type.split(';').next().unwrap_or_default().trim();
        match plain.to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/png" if size <= MAX_IMAGE_BYTES => Self::Image,
            "video/mp4" | "video/3gpp" if size <= MAX_PLAYED_BYTES => Self::Video,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg"
                if size <= MAX_PLAYED_BYTES =>
            {
                Self::Audio
            }
            _ => Self::Document,
        }
    }

    /// The message's type; sound has no caption, so that it goes as a document where there are words to it.
    pub(super) const fn word(self, has_caption: bool) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio if !has_caption => "audio",
            Self::Audio | Self::Document => "document",
        }
    }
}

impl WhatsApp {
    /// Brings a file to the provider.
    pub(super) async fn upload(&self, file: OutgoingFile) -> Result<Uploaded, SendError> {
        let size = file.content.len();
        if size == 0 || size > MAX_FILE_BYTES {
            return Err(SendError::Refused {
                reason: format!("the file has {size} bytes, WhatsApp takes 1 to {MAX_FILE_BYTES}"),
            });
        }
        let kind = FileKind::of(&file.media_type, size);
        let name = label(&file.name);
        let (boundary, body) = form(&file, &name);
        let path = format!("{}/media", self.account.number_id);
        let request = self
            .authorized(self.client.post(self.account.url(&path)))
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .body(body);
        let answer = http::exchange(request, self.patience)
            .await
            .map_err(|lost| settled(unanswered(lost)))?;
        let id = answer.body.get("id").and_then(Value::as_str).map(str::to_owned);
        match (answer.status.is_success(), id) {
            (true, Some(id)) => Ok(Uploaded { id, kind, name }),
            _ => Err(settled(refusal::send_error(&answer))),
        }
    }
}

/// Nothing was sent, so that it may simply be tried again.
fn settled(error: SendError) -> SendError {
    match error {
        SendError::Uncertain { reason } => SendError::Later { reason, after: None },
        other => other,
    }
}

/// A name that is a label only: no folder, no quotation mark, no control character.
fn label(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|letter| !letter.is_control() && *letter != '"')
        .take(LONGEST_NAME)
        .collect();
    if clean.trim().is_empty() {
        "file".into()
    } else {
        clean
    }
}

/// `multipart/form-data` (RFC 7578): the boundary is made from the content's hash, which the content cannot contain.
fn form(file: &OutgoingFile, name: &str) -> (String, Vec<u8>) {
    let digest = Sha256::digest(&file.content);
    let digits: Vec<String> = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let boundary = format!("switchboard-{}", digits.concat());
    let media_type: String = file
        .media_type
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{media_type}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {media_type}\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let body = [head.as_bytes(), &file.content, tail.as_bytes()].concat();
    (boundary, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_shown_as_what_it_is_unless_it_is_too_large_for_that() {
        assert_eq!(FileKind::of("image/jpeg", 10), FileKind::Image);
        assert_eq!(FileKind::of("image/jpeg", 6 * MIB), FileKind::Document);
        assert_eq!(FileKind::of("Audio/OGG; codecs=opus", 10), FileKind::Audio);
        assert_eq!(FileKind::of("image/gif", 10), FileKind::Document);
        assert_eq!(FileKind::Audio.word(false), "audio");
        assert_eq!(FileKind::Audio.word(true), "document");
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(label("../../etc/passwd"), "passwd");
        assert_eq!(label("a\"\r\nX-Evil: 1"), "aX-Evil: 1");
        assert_eq!(label("\u{0}"), "file");
    }
}
