//! A mail that somebody describes in fields, as the raw mail that it would have been.
//!
//! Called for mails that another program hands to the hub. Invariant: the same description gives the same bytes, so that
//! what comes twice is known to be the same.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};
use switchboard_domain::ports::mailbox::DescribedMail;
use switchboard_domain::ports::transport::OutgoingFile;

use crate::hex;

/// Domain of the ids that are made up here; nobody has it (RFC 2606).
const DOMAIN: &str = "described.invalid";

/// Writes it; an error names the field that cannot stand in a mail.
pub(super) fn write(mail: &DescribedMail) -> Result<Vec<u8>, (&'static str, String)> {
    let from: Address = mail
        .from
        .trim()
        .parse()
        .map_err(|_| ("from", "must be an email address".to_owned()))?;
    if mail.subject.chars().any(char::is_control) {
        return Err(("subject", "must be one line".to_owned()));
    }
    let id = hex::encode(&Sha256::digest(&mail.name));
    let builder = Message::builder()
        .from(Mailbox::new(None, from.clone()))
        .to(Mailbox::new(None, from))
        .date(std::time::UNIX_EPOCH)
        .message_id(Some(format!("<{id}@{DOMAIN}>")))
        .subject(mail.subject.clone());
    let text = SinglePart::plain(mail.text.clone());
    let words = match &mail.html {
        Some(html) if mail.text.trim().is_empty() => MultiPart::alternative()
            .boundary(format!("w{id}"))
            .singlepart(SinglePart::html(html.clone())),
        Some(html) => MultiPart::alternative()
            .boundary(format!("w{id}"))
            .singlepart(text)
            .singlepart(SinglePart::html(html.clone())),
        None => MultiPart::alternative()
            .boundary(format!("w{id}"))
            .singlepart(text),
    };
    let mut whole = MultiPart::mixed().boundary(format!("m{id}")).multipart(words);
    for OutgoingFile {
        name,
        media_type,
        content,
    } in &mail.files
    {
        let kind = ContentType::parse(media_type)
            .map_err(|_| ("attachments", "media types must be media types".to_owned()))?;
        if name.chars().any(char::is_control) {
            return Err(("attachments", "names must be one line".to_owned()));
        }
        whole = whole.singlepart(Attachment::new(name.clone()).body(content.clone(), kind));
    }
    let written = builder.multipart(whole);
    let written = written.map_err(|error| ("from", error.to_string()))?;
    Ok(written.formatted())
}
