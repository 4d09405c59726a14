//! A mail on its way out: the core's message as RFC 5322 bytes.
//!
//! Called by [`super::smtp`] for each attempt. Invariants: the same reference gives the same `Message-ID` in every
//! attempt, so a receiver can tell the second copy; and no field can bring a line of its own into the header.

mod names;

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};
use switchboard_domain::ports::transport::{Letter, Outgoing, OutgoingFile};
use switchboard_domain::time::Timestamp;

pub use self::names::message_id;
use self::names::{bare_id, folded, plain, spaced};
use super::thread::Signer;
use crate::hex;

/// How many ids of a thread go out with a mail: the first and the newest (RFC 5322 sets no limit, servers do).
const REFERENCES: usize = 20;
/// How many receivers one mail may have (RFC 5321, section 4.5.3.1.8).
const RECEIVERS: usize = 100;

/// In whose name mails go out.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address customers write to.
    pub address: String,
    /// The name shown beside it; may be empty.
    pub name: String,
    /// Makes the reply address with a token in it (`support+…@`); `None` where the mailbox does not take such addresses.
    pub reply_tokens: Option<Signer>,
}

/// A mail that is ready to be handed over.
#[derive(Debug, Clone)]
pub struct Composed {
    /// Its `Message-ID`, without angle brackets.
    pub message_id: String,
    /// From whom and to whom, as the servers see it.
    pub envelope: Envelope,
    /// The mail itself, lines ending in CRLF.
    pub bytes: Vec<u8>,
}

/// Why a message cannot become a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A field holds a line end or another control character.
    #[error("{0} must be one line without control characters")]
    ControlCharacters(&'static str),
    /// Not an email address.
    #[error("{field} is not an email address: {address}")]
    Address {
        /// Which field.
        field: &'static str,
        /// What stands in it.
        address: String,
    },
    /// Not a `Message-ID`.
    #[error("{0} is not a message id")]
    MessageId(&'static str),
    /// Not a media type.
    #[error("not a media type: {0}")]
    MediaType(String),
    /// Not an address of the web.
    #[error("the unsubscribe address must begin with https:// or http:// and have no spaces")]
    UnsubscribeUrl,
    /// More receivers than one mail may have.
    #[error("a mail has at most {RECEIVERS} receivers")]
    TooManyReceivers,
    /// The library refused what passed every check before.
    #[error("the mail could not be written: {0}")]
    Unwritable(String),
}

/// Writes the mail.
///
/// # Errors
/// [`Flaw`], naming the field; nothing of it goes out then.
pub fn compose(message: &Outgoing, sender: &Sender, now: Timestamp) -> Result<Composed, Flaw> {
    let none = Letter::default();
    let letter = message.letter.as_ref().unwrap_or(&none);
    let from = mailbox("sender", &sender.address, &sender.name)?;
    let id = message_id(&message.reference, from.email.domain());
    let to = mailbox("to", &message.to, &message.to_name)?;
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let builder = Message::builder()
        .envelope(envelope(&from, &to, letter)?)
        .from(from)
        .to(to)
        .date(UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(format!("<{id}>")))
        .subject(spaced(&plain("subject", &letter.subject)?));
    let builder = copies(reply_to(builder, message, sender)?, letter)?;
    let builder = marks(thread(builder, message, letter)?, letter)?;
    let mail = if letter.html.is_none() && message.files.is_empty() {
        builder.singlepart(SinglePart::plain(message.text.clone()))
    } else {
        builder.multipart(body(message, letter)?)
    };
    let mail = mail.map_err(|error| Flaw::Unwritable(error.to_string()))?;
    Ok(Composed {
        message_id: id,
        envelope: mail.envelope().clone(),
        bytes: mail.formatted(),
    })
}

fn address(field: &'static str, text: &str) -> Result<Address, Flaw> {
    let plain = plain(field, text)?;
    plain.trim().parse().map_err(|_| Flaw::Address {
        field,
        address: plain.clone(),
    })
}

fn mailbox(field: &'static str, text: &str, name: &str) -> Result<Mailbox, Flaw> {
    let name = spaced(&plain(field, name)?);
    Ok(Mailbox::new(
        Some(name).filter(|name| !name.is_empty()),
        address(field, text)?,
    ))
}

fn envelope(from: &Mailbox, to: &Mailbox, letter: &Letter) -> Result<Envelope, Flaw> {
    let mut receivers = vec![to.email.clone()];
    for (field, further) in [("cc", &letter.cc), ("bcc", &letter.bcc)] {
        for text in further.iter().take(RECEIVERS) {
            let further = address(field, text)?;
            if !receivers.contains(&further) {
                receivers.push(further);
            }
        }
    }
    if receivers.len() > RECEIVERS || letter.cc.len() + letter.bcc.len() >= RECEIVERS {
        return Err(Flaw::TooManyReceivers);
    }
    Envelope::new(Some(from.email.clone()), receivers).map_err(|error| Flaw::Unwritable(error.to_string()))
}

fn copies(mut builder: MessageBuilder, letter: &Letter) -> Result<MessageBuilder, Flaw> {
    for text in &letter.cc {
        builder = builder.cc(mailbox("cc", text, "")?);
    }
    Ok(builder)
}

/// Answers go where the letter says; else they come to the address with the conversation's token in it, where the reference says which one it is.
fn reply_to(builder: MessageBuilder, message: &Outgoing, sender: &Sender) -> Result<MessageBuilder, Flaw> {
    if let Some(asked) = message
        .letter
        .as_ref()
        .and_then(|letter| letter.reply_to.as_ref())
    {
        return Ok(builder.reply_to(mailbox("reply_to", asked, "")?));
    }
    let token = sender.reply_tokens.as_ref().and_then(|signer| {
        let token = signer.read_reference(&message.reference)?;
        signer.reply_address(sender.address.trim(), token.conversation)
    });
    Ok(match token {
        Some(text) => builder.reply_to(mailbox("sender", &text, &sender.name)?),
        None => builder,
    })
}

fn thread(builder: MessageBuilder, message: &Outgoing, letter: &Letter) -> Result<MessageBuilder, Flaw> {
    let answered = letter.in_reply_to.as_ref().or(message.replies_to.as_ref());
    let mut ids = Vec::new();
    for id in &letter.references {
        ids.push(bare_id("references", id)?);
    }
    if ids.len() > REFERENCES {
        ids.drain(1..=ids.len() - REFERENCES);
    }
    let mut builder = builder;
    if let Some(id) = answered {
        let id = bare_id("in_reply_to", id)?;
        builder = builder.raw_header(header("In-Reply-To", &format!("<{id}>"))?);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Ok(builder);
    }
    Ok(builder.raw_header(header("References", &folded(&ids))?))
}

/// What the mail says of its own kind (RFC 3834, RFC 2369, RFC 8058).
fn marks(mut builder: MessageBuilder, letter: &Letter) -> Result<MessageBuilder, Flaw> {
    if letter.is_automatic {
        builder = builder.raw_header(header("Auto-Submitted", "auto-replied")?);
        builder = builder.raw_header(header("X-Auto-Response-Suppress", "All")?);
    }
    if let Some(url) = &letter.unsubscribe_url {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web
            || url.len() > 900
            || !url
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
        {
            return Err(Flaw::UnsubscribeUrl);
        }
        builder = builder.raw_header(header("List-Unsubscribe", &format!("<{url}>"))?);
        builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    }
    Ok(builder)
}

/// A field whose value was checked to be printable ASCII, folded where it is long.
fn header(name: &'static str, value: &str) -> Result<HeaderValue, Flaw> {
    let name =
        HeaderName::new_from_ascii(name.to_owned()).map_err(|error| Flaw::Unwritable(error.to_string()))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(
        name,
        value.to_owned(),
        value.to_owned(),
    ))
}

/// Text and HTML, or either with files.
fn body(message: &Outgoing, letter: &Letter) -> Result<MultiPart, Flaw> {
    let text = SinglePart::plain(message.text.clone());
    let boundary = |level: &str| boundary(&message.reference, level);
    let both = |html: &String| {
        let words = MultiPart::alternative().boundary(boundary("words"));
        words
            .singlepart(text.clone())
            .singlepart(SinglePart::html(html.clone()))
    };
    let words = letter.html.as_ref().map(both);
    let mixed = MultiPart::mixed().boundary(boundary("whole"));
    let mut whole = match words {
        Some(words) if message.files.is_empty() => return Ok(words),
        Some(words) => mixed.multipart(words),
        None => mixed.singlepart(text),
    };
    for file in &message.files {
        whole = whole.singlepart(attachment(file)?);
    }
    Ok(whole)
}

fn attachment(file: &OutgoingFile) -> Result<SinglePart, Flaw> {
    let name = plain("file name", &file.name)?;
    let media_type = plain("media type", &file.media_type)?;
    let media_type = ContentType::parse(&media_type).map_err(|_| Flaw::MediaType(media_type.clone()))?;
    // Never as it stands, not even where it is all ASCII: lines that end in a bare LF are refused or changed on their way,
    // and one with a dot alone would end the mail early for a server that takes them for lines.
    let content = Body::new_with_encoding(file.content.clone(), ContentTransferEncoding::Base64);
    let content = content.map_err(|_| Flaw::Unwritable("a file as Base64".to_owned()))?;
    Ok(Attachment::new(name).body(content, media_type))
}

/// A boundary that stays the same in every attempt; nobody without the reference can put its line into a text.
fn boundary(reference: &str, level: &str) -> String {
    let digest = Sha256::digest(format!("{level}\0{reference}"));
    hex::encode(digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests;
