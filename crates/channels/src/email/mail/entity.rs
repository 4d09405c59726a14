//! One part of a mail, or the mail itself: its header fields, read, and the bytes below them (RFC 2045, RFC 2046).
//!
//! Called while walking the tree. Invariant: an entity borrows from the raw mail; nothing is copied before it is decoded.

use mail_parser::{Address, ContentType, Header, HeaderName, HeaderValue, MessageParser};
use switchboard_domain::time::Timestamp;

use super::Correspondent;

/// How many people of one field are kept, and how long their texts may be, in bytes.
const PEOPLE: usize = 200;
const LONGEST_NAME: usize = 320;
const LONGEST_SUBJECT: usize = 2_000;

/// A header and what is below it.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) head: &'a [u8],
    pub(super) fields: Vec<Header<'a>>,
    pub(super) body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Splits at the first empty line.
    pub(super) fn of(raw: &'a [u8]) -> Self {
        let (head, body) = raw.split_at_checked(head_length(raw)).unwrap_or((raw, &[]));
        let parsed = MessageParser::new().parse_headers(head);
        let root = parsed.and_then(|message| message.parts.into_iter().next());
        Self {
            head,
            fields: root.map(|part| part.headers).unwrap_or_default(),
            body,
        }
    }

    fn value(&self, name: &HeaderName<'_>) -> Option<&HeaderValue<'a>> {
        self.fields
            .iter()
            .find(|field| field.name == *name)
            .map(|field| &field.value)
    }

    pub(super) fn content_type(&self) -> Option<&ContentType<'a>> {
        self.value(&HeaderName::ContentType)
            .and_then(HeaderValue::as_content_type)
    }

    pub(super) fn disposition(&self) -> Option<&ContentType<'a>> {
        self.value(&HeaderName::ContentDisposition)
            .and_then(HeaderValue::as_content_type)
    }

    pub(super) fn transfer_encoding(&self) -> &str {
        self.value(&HeaderName::ContentTransferEncoding)
            .and_then(HeaderValue::as_text)
            .unwrap_or_default()
    }

    pub(super) fn content_id(&self) -> Option<String> {
        let id = self
            .value(&HeaderName::ContentId)
            .and_then(HeaderValue::as_text)?;
        Some(cut(id.trim_matches(['<', '>', ' ']), LONGEST_NAME)).filter(|id| !id.is_empty())
    }

    /// The file's name, by either of the two fields that may have it.
    pub(super) fn file_name(&self) -> Option<String> {
        let named = self.disposition().and_then(|field| field.attribute("filename"));
        let name = named.or_else(|| self.content_type().and_then(|field| field.attribute("name")))?;
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        Some(cut(name.trim(), LONGEST_NAME)).filter(|name| !name.is_empty())
    }

    pub(super) fn subject(&self) -> String {
        let text = self
            .value(&HeaderName::Subject)
            .and_then(HeaderValue::as_text)
            .unwrap_or_default();
        let line: Vec<_> = text
            .split(char::is_control)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        cut(&line.join(" "), LONGEST_SUBJECT)
    }

    pub(super) fn date(&self) -> Option<Timestamp> {
        let date = self.value(&HeaderName::Date).and_then(HeaderValue::as_datetime)?;
        date.is_valid()
            .then(|| Timestamp::from_millis(date.to_timestamp().saturating_mul(1000)))
    }

    /// The people of a field (`from`, `reply-to`, `to`, `cc`), each with an address.
    pub(super) fn addresses(&self, field: &str) -> Vec<Correspondent> {
        let name = match field {
            "from" => HeaderName::From,
            "reply-to" => HeaderName::ReplyTo,
            "to" => HeaderName::To,
            _ => HeaderName::Cc,
        };
        let people = self.value(&name).and_then(HeaderValue::as_address);
        people.map(correspondents).unwrap_or_default()
    }
}

/// Bytes up to and with the first empty line.
fn head_length(raw: &[u8]) -> usize {
    let mut length = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        length += line.len();
        if line.iter().all(u8::is_ascii_whitespace) {
            return length;
        }
    }
    length
}

fn correspondents(people: &Address<'_>) -> Vec<Correspondent> {
    let each = people.iter().filter_map(|person| {
        let address = person.address.as_deref()?.trim().to_lowercase();
        let is_plain =
            !address.is_empty() && address.len() <= LONGEST_NAME && !address.contains(char::is_control);
        let name = person.name.as_deref().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        is_plain.then(|| Correspondent {
            address,
            name: cut(name.trim(), LONGEST_NAME),
        })
    });
    each.take(PEOPLE).collect()
}

/// At most so many bytes of a text, whole characters.
pub(crate) fn cut_to(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

pub(super) fn cut(text: &str, bytes: usize) -> String {
    cut_to(text, bytes).to_owned()
}

/// The parts between the lines of a boundary (RFC 2046, section 5.1.1); `None` when there is no such line.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    let mut found = Vec::new();
    let (mut begun, mut offset) = (None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(is_last) = delimiter(line, boundary) {
            if let Some(start) = begun {
                found.push(without_line_end(body.get(start..offset).unwrap_or_default()));
            }
            begun = (!is_last).then_some(offset + line.len());
            if is_last {
                break;
            }
        }
        offset += line.len();
    }
    if let Some(start) = begun {
        // Cut off on its way: what is there of the last part counts.
        found.push(body.get(start..).unwrap_or_default());
    }
    (!found.is_empty()).then_some(found)
}

/// Whether a line is the boundary, and then whether it is the closing one.
fn delimiter(line: &[u8], boundary: &str) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?;
    match rest.strip_prefix(b"--") {
        Some(_) => Some(true),
        None => rest.iter().all(u8::is_ascii_whitespace).then_some(false),
    }
}

fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}
