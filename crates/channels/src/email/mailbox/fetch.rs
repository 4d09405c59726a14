//! Mails after a number: sizes first, then small ones together and large ones by themselves (RFC 3501, section 6.4.5).
//!
//! Called by [`super::Mailbox::fetch_after`]. Together, because a server that is far away takes its time for each command.
//! Invariant: what is held at a time is at most the bounds and one command's answer, and a mail is never asked for beyond
//! its own limit, whatever size the server says it has.

use std::collections::HashMap;

use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};

use super::dialogue::Dialogue;
use super::{MailboxError, SMALL};

/// How many numbers are asked for at a time, at first and at most: in old folders most of them are gone.
const WINDOW: u32 = 256;
const WIDEST: u32 = 16_384;
/// Bytes of a size's answer, generously; and of the header of a mail that is too large.
const SIZE_ANSWER: usize = 200;
const HEADER: usize = 64 * 1024;

/// Mails named in one command; its line has to stay far below the 8,000 bytes that servers take (RFC 7162, section 4).
pub(super) const AT_ONCE: usize = 32;
/// Bytes of a mail that is fetched together with others.
const LITTLE: usize = 64 * 1024;

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
    let mut mails: Vec<RawMail> = Vec::new();
    let mut held = 0;
    let mut left = listed.as_slice();
    while let Some((next, _)) = left.first() {
        if held >= bounds.bytes && !mails.is_empty() {
            through = next - 1;
            break;
        }
        let (now, later) = left.split_at(together(left, bounds, held));
        for mail in some(dialogue, now, bounds.largest).await? {
            let (Content::Whole(bytes) | Content::TooLarge { head: bytes }) = &mail.content;
            held += bytes.len();
            mails.push(mail);
        }
        left = later;
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

/// How many of the next mails are fetched with one command: one, or as many small ones as there is room for.
fn together(listed: &[(u32, u64)], bounds: &Bounds, held: usize) -> usize {
    let little = u64::try_from(LITTLE.min(bounds.largest)).unwrap_or(0);
    let mut room = u64::try_from(bounds.bytes.saturating_sub(held)).unwrap_or(0);
    let fits = |(_, size): &&(u32, u64)| {
        let fits = *size <= little && room > 0;
        room = room.saturating_sub(*size);
        fits
    };
    listed.iter().take(AT_ONCE).take_while(fits).count().max(1)
}

/// These mails, without those that have gone in the meantime.
async fn some(
    dialogue: &mut Dialogue,
    listed: &[(u32, u64)],
    largest: usize,
) -> Result<Vec<RawMail>, MailboxError> {
    let mut little = if listed.len() > 1 {
        bodies(dialogue, listed).await?
    } else {
        HashMap::new()
    };
    let mut mails = Vec::with_capacity(listed.len());
    for &(uid, size) in listed {
        let content = match little.remove(&uid) {
            // One byte more than asked for tells that the server's size was wrong.
            Some(bytes) if bytes.len() <= LITTLE.min(largest) => Some(Content::Whole(bytes)),
            None if listed.len() > 1 => None,
            Some(_) | None => content(dialogue, uid, size, largest).await?,
        };
        mails.extend(content.map(|content| RawMail { uid, size, content }));
    }
    Ok(mails)
}

/// The first bytes of small mails, with one command.
async fn bodies(
    dialogue: &mut Dialogue,
    listed: &[(u32, u64)],
) -> Result<HashMap<u32, Vec<u8>>, MailboxError> {
    let uids: Vec<u32> = listed.iter().map(|(uid, _)| *uid).collect();
    let (set, limit) = (set(&uids), LITTLE + 1);
    let command = format!("UID FETCH {set} (UID BODY.PEEK[]<0.{limit}>)");
    let mut found = HashMap::new();
    let hear = |response: &Response<'_>| {
        let uid = uid_of(response).filter(|uid| uids.contains(uid));
        found.extend(uid.zip(body_of(response).map(<[u8]>::to_vec)));
    };
    let bytes = limit * uids.len() + SMALL;
    dialogue.exchange(&command, bytes, hear).await?;
    Ok(found)
}

/// Numbers as a command names them (RFC 3501, `sequence-set`).
pub(super) fn set(uids: &[u32]) -> String {
    let uids: Vec<String> = uids.iter().map(u32::to_string).collect();
    uids.join(",")
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
