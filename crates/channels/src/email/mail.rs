//! A mail as data: raw bytes (RFC 5322, MIME) to the fields that the core works with.
//!
//! Called by the core for every mail of a mailbox. Invariant: total and linear. The tree of parts is walked here, and not
//! by the parser library, because that one follows nested messages without a limit (each level deepens the recursion
//! that frees them); it reads single header fields.

mod body;
mod decode;
mod entity;
mod flowed;
mod header;

use std::panic::{AssertUnwindSafe, catch_unwind};

use switchboard_domain::time::Timestamp;

use self::body::Walk;
use self::entity::Entity;
pub(crate) use self::entity::cut_to;
pub use self::header::Headers;
pub(crate) use self::header::{identifiers, message_id_of};

/// What a mail may have at most; beyond it, it is [`Unreadable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the raw mail.
    pub bytes: usize,
    /// Multiparts within multiparts.
    pub depth: usize,
    /// Parts of all kinds.
    pub parts: usize,
    /// Files.
    pub attachments: usize,
    /// Bytes of text, and of HTML, that are kept; the rest is cut off, the mail stays readable.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 25 << 20,
            depth: 16,
            parts: 500,
            attachments: 50,
            text: 1 << 20,
        }
    }
}

/// Why a mail could not be read; it is kept raw, with this reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Larger than allowed.
    #[error("the mail has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Parts within parts beyond the limit.
    #[error("the mail's parts are nested deeper than {0} levels")]
    TooDeep(usize),
    /// More parts than allowed.
    #[error("the mail has more than {0} parts")]
    TooManyParts(usize),
    /// More files than allowed.
    #[error("the mail has more than {0} attachments")]
    TooManyAttachments(usize),
    /// There is not one header field in it.
    #[error("this is not a mail: it has no header")]
    NoHeader,
    /// The parser gave up in a way it never should.
    #[error("the mail could not be taken apart")]
    Broken,
}

/// Somebody named in a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correspondent {
    /// The address, in lower case.
    pub address: String,
    /// The name beside it; may be empty.
    pub name: String,
}

/// A file in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What its sender calls it: a label and never a path; may be empty.
    pub name: String,
    /// Media type, in lower case.
    pub media_type: String,
    /// Its name for `cid:` links of the HTML, without angle brackets (RFC 2392).
    pub content_id: Option<String>,
    /// Meant to be seen within the text.
    pub is_inline: bool,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// One mail, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// Who wrote it, where it says so.
    pub from: Option<Correspondent>,
    /// Where answers should go, where it says so.
    pub reply_to: Vec<Correspondent>,
    /// Receivers.
    pub to: Vec<Correspondent>,
    /// Further receivers.
    pub cc: Vec<Correspondent>,
    /// Subject, decoded; may be empty.
    pub subject: String,
    /// When it was written, by its writer's clock.
    pub date: Option<Timestamp>,
    /// `Message-ID`s it answers, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// `Message-ID`s of its thread, oldest first.
    pub references: Vec<String>,
    /// All of its text, quotes included; made from the HTML where there is no other.
    pub text: String,
    /// Its HTML as it came: never to be shown before [`super::html::sanitize`].
    pub html: Option<String>,
    /// Files and inline images, in order.
    pub attachments: Vec<Attachment>,
    /// Every header field of the mail itself, for what is decided by them.
    pub headers: Headers,
}

/// Reads a raw mail.
///
/// # Errors
/// [`Unreadable`], with the reason why it goes to quarantine.
pub fn read(raw: &[u8], limits: &Limits) -> Result<Mail, Unreadable> {
    if raw.len() > limits.bytes {
        return Err(Unreadable::TooLarge {
            bytes: raw.len(),
            limit: limits.bytes,
        });
    }
    // A flaw in the library must cost one mail, not the mailbox: unwinding ends here.
    catch_unwind(AssertUnwindSafe(|| understand(raw, limits))).unwrap_or(Err(Unreadable::Broken))
}

fn understand(raw: &[u8], limits: &Limits) -> Result<Mail, Unreadable> {
    let entity = Entity::of(raw);
    if entity.fields.is_empty() {
        return Err(Unreadable::NoHeader);
    }
    let headers = Headers::of(entity.head);
    let mut walk = Walk::new(limits);
    let body = walk.root(&entity)?;
    Ok(Mail {
        message_id: headers.get("message-id").and_then(message_id_of),
        from: entity.addresses("from").into_iter().next(),
        reply_to: entity.addresses("reply-to"),
        to: entity.addresses("to"),
        cc: entity.addresses("cc"),
        subject: entity.subject(),
        date: entity.date(),
        in_reply_to: headers.get("in-reply-to").map(identifiers).unwrap_or_default(),
        references: headers.get("references").map(identifiers).unwrap_or_default(),
        text: body.text,
        html: body.html,
        attachments: walk.attachments,
        headers,
    })
}

#[cfg(test)]
mod tests;
