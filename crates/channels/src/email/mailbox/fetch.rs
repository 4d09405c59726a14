//! Mails after a number: sizes first, then one by one (RFC 3501, section 6.4.5).
//!
//! Called by [`super::Mailbox::fetch_after`]. Invariant: what is held at a time is at most the bounds and one mail, and a
//! mail is never asked for beyond its own limit, whatever size the server says it has.

use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};

use super::dialogue::Dialogue;
use super::{MailboxError, SMALL};

/// How many numbers are asked for at a time, at first and at most: in old folders most of them are gone.
const WINDOW: u32 = 256;
const WIDEST: u32 = 16_384;
/// Bytes of a size's answer, generously; and of the header of a mail that is too large.
const SIZE_ANSWER: usize = 200;
const HEADER: usize = 64 * 1024;

/// How much is fetched in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Mails.
    pub mails: usize,
    /// Bytes after which no further mail is begun.
    pub bytes: usize,
    /// Bytes of one mail; a larger one comes without its body.
    pub largest: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            mails: 100,
            bytes: 32 << 20,
            largest: 25 << 20,
        }
    }
}

/// What there is of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// It is too large; only its header was fetched.
    TooLarge {
        /// The beginning of its header.
        head: Vec<u8>,
    },
}

/// A mail as it lies in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMail {
    /// Its number.
    pub uid: u32,
    /// Its size in bytes, as the server says.
    pub size: u64,
    /// Its bytes.
    pub content: Content,
}

/// What one go has brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The mails, by number.
    pub mails: Vec<RawMail>,
    /// Every number up to this one has been looked at: the cursor may go there.
    pub through: u32,
    /// There is more: ask again from there.
    pub is_more: bool,
}

/// Mails with numbers above `uid`, up to `newest`.
pub(super) async fn after(
    dialogue: &mut Dialogue,
    uid: u32,
    newest: u32,
    bounds: &Bounds,
) -> Result<Batch, MailboxError> {
    let (listed, mut through) = sizes(dialogue, uid, newest, bounds).await?;
    let mut mails = Vec::new();
    let mut held = 0;
    for (uid, size) in listed {
        if held >= bounds.bytes && !mails.is_empty() {
            through = uid - 1;
            break;
        }
        // One that has gone in the meantime is passed over.
        if let Some(content) = content(dialogue, uid, size, bounds.largest).await? {
            let (Content::Whole(bytes) | Content::TooLarge { head: bytes }) = &content;
            held += bytes.len();
            mails.push(RawMail { uid, size, content });
        }
    }
    Ok(Batch {
        mails,
        through,
        is_more: through < newest,
    })
}

/// Numbers and sizes, and up to which number they are complete.
async fn sizes(
    dialogue: &mut Dialogue,
    uid: u32,
    newest: u32,
    bounds: &Bounds,
) -> Result<(Vec<(u32, u64)>, u32), MailboxError> {
    let mut found: Vec<(u32, u64)> = Vec::new();
    let (mut looked, mut width) = (uid, WINDOW);
    while looked < newest && found.len() < bounds.mails {
        let (from, to) = (looked + 1, looked.saturating_add(width).min(newest));
        let bytes = SMALL + SIZE_ANSWER * usize::try_from(width).unwrap_or(0);
        let command = format!("UID FETCH {from}:{to} (UID RFC822.SIZE)");
        let hear = |response: &Response<'_>| {
            found.extend(size_of(response).filter(|(uid, _)| (from..=to).contains(uid)));
        };
        dialogue.exchange(&command, bytes, hear).await?;
        (looked, width) = (to, width.saturating_mul(2).min(WIDEST));
    }
    found.sort_unstable();
    found.dedup_by_key(|(uid, _)| *uid);
    if found.len() > bounds.mails {
        found.truncate(bounds.mails.max(1));
        looked = found.last().map_or(looked, |(uid, _)| *uid);
    }
    Ok((found, looked))
}

async fn content(
    dialogue: &mut Dialogue,
    uid: u32,
    size: u64,
    largest: usize,
) -> Result<Option<Content>, MailboxError> {
    if u64::try_from(largest).is_ok_and(|largest| size > largest) {
        let head = section(dialogue, uid, "HEADER", HEADER).await?;
        return Ok(head.map(|head| Content::TooLarge { head }));
    }
    // One byte more than allowed tells that the server's size was wrong.
    let Some(mut bytes) = section(dialogue, uid, "", largest + 1).await? else {
        return Ok(None);
    };
    if bytes.len() > largest {
        bytes.truncate(HEADER);
        return Ok(Some(Content::TooLarge { head: bytes }));
    }
    Ok(Some(Content::Whole(bytes)))
}

/// The first bytes of a section, without marking the mail as read.
async fn section(
    dialogue: &mut Dialogue,
    uid: u32,
    name: &str,
    bytes: usize,
) -> Result<Option<Vec<u8>>, MailboxError> {
    let command = format!("UID FETCH {uid} (UID BODY.PEEK[{name}]<0.{bytes}>)");
    let mut found = None;
    let hear = |response: &Response<'_>| {
        if uid_of(response) == Some(uid) {
            found = body_of(response).map(<[u8]>::to_vec).or(found.take());
        }
    };
    dialogue.exchange(&command, bytes + SMALL, hear).await?;
    Ok(found)
}

fn attributes<'a, 'r>(response: &'a Response<'r>) -> &'a [AttributeValue<'r>] {
    match response {
        Response::Fetch(_, attributes) => attributes,
        _ => &[],
    }
}

/// The number in an answer to a fetch.
pub(super) fn uid_of(response: &Response<'_>) -> Option<u32> {
    attributes(response).iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

fn size_of(response: &Response<'_>) -> Option<(u32, u64)> {
    let size = attributes(response).iter().find_map(|attribute| match attribute {
        AttributeValue::Rfc822Size(size) => Some(u64::from(*size)),
        _ => None,
    });
    uid_of(response).zip(size)
}

fn body_of<'a>(response: &'a Response<'_>) -> Option<&'a [u8]> {
    attributes(response).iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection {
            section: None | Some(SectionPath::Full(MessageSection::Header)),
            data,
            ..
        } => Some(data.as_deref().unwrap_or_default()),
        _ => None,
    })
}
