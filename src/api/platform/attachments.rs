//! `/api/admin/sessions/{sessionId}/messages/{sequence}/attachments/{attachmentId}`: files of messages, for staff.

use futures_util::FutureExt;
use hyper::header::{CONTENT_DISPOSITION, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_domain::message::Attachment;

use super::foreign::{KEPT_APART, foreign};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// What stands for itself in a file name (RFC 8187, `attr-char`, without those nobody misses).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');
/// Kinds of files that a browser shows or plays and that can do nothing; everything else is bytes.
const HARMLESS: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/amr",
    "audio/wav",
    "audio/x-wav",
    "audio/webm",
    "audio/flac",
    "video/mp4",
    "video/3gpp",
    "application/pdf",
];

pub(super) const ROUTES: &[Route] = &[Route::look(
    "/api/admin/sessions/:sessionId/messages/:sequence/attachments/:attachmentId",
    Access::Staff,
    |call| download(call).boxed(),
)
.says("Download a file of a message")
.details("As it came, and as whoever sent it has made it: open it with care. What nothing is known of is `application/octet-stream`.")
.path(&[
    Param::text("sessionId", "The session's id, or the caller's own for it"),
    Param::text("sequence", "The message's place in the session"),
    Param::text("attachmentId", "The file's id, as the message tells it"),
])
.answers_with("application/octet-stream")];

async fn download(call: Call) -> Reply {
    let (file, content) = call
        .hub()
        .read_attachment(
            call.scope()?,
            call.path("sessionId"),
            call.path("sequence"),
            call.path("attachmentId"),
        )
        .await?;
    let mut answer = foreign(content.into(), media_type(&file), KEPT_APART);
    answer
        .headers_mut()
        .insert(CONTENT_DISPOSITION, disposition(&file));
    Ok(answer)
}

/// What is said of a file's kind goes no further unless that kind is harmless.
fn media_type(file: &Attachment) -> HeaderValue {
    let said = file.media_type.split(';').next().unwrap_or_default().trim();
    let known = HARMLESS.iter().find(|known| known.eq_ignore_ascii_case(said));
    HeaderValue::from_static(known.copied().unwrap_or("application/octet-stream"))
}

/// To be kept under its name (RFC 6266), never shown in place.
fn disposition(file: &Attachment) -> HeaderValue {
    let name = utf8_percent_encode(&file.name, ENCODED);
    let named = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"));
    named.unwrap_or(HeaderValue::from_static("attachment"))
}
