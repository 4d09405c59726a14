//! Mails that report of a mail of ours: not delivered, or late (RFC 3464, and what older servers write instead).
//!
//! Asked by the core for every mail that comes in; a bounce marks its message and opens no conversation. Invariant: a
//! bounce only tells of a message when it brings that message's signed name, so that nobody can fail another's message.

mod status;

use super::automatic::{is_mail_server, is_report};
use super::mail::{Attachment, Headers, Mail, message_id_of};
use super::thread::{ConversationToken, Signer};

/// Longest diagnostic, in characters.
const DIAGNOSTIC: usize = 300;
/// How much of a text is searched, in bytes: reports are short, and what they copy is not needed.
const SEARCHED: usize = 64 * 1024;

/// Whether it is any use to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The servers on its way still try.
    Delayed,
    /// It was given up on, for a reason that may pass (a full mailbox).
    Transient,
    /// It will never arrive.
    Permanent,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// `Message-ID` of the mail it is about, without angle brackets, where it says so.
    pub original: Option<String>,
    /// The message of ours it is about; `None`: it proves nothing.
    pub token: Option<ConversationToken>,
    /// Whom that mail was for, in lower case, where it says so.
    pub recipient: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Enhanced status code (`5.1.1`, RFC 3463); empty where there is none.
    pub status: String,
    /// The reason in one line, for staff.
    pub diagnostic: String,
}

/// Reads a report; `None` when the mail is none, or reports that all went well.
pub fn read(mail: &Mail, signer: &Signer) -> Option<Bounce> {
    let (original, token) = original(mail, signer);
    if let Some(report) = delivery_status(mail) {
        let worst = status::worst(&String::from_utf8_lossy(&report.content))?;
        return Some(Bounce {
            original,
            token,
            recipient: worst.address,
            outcome: worst.outcome,
            status: worst.status,
            diagnostic: one_line(&worst.diagnostic),
        });
    }
    (is_notice(mail)).then(|| by_text(mail, original, token))
}

fn delivery_status(mail: &Mail) -> Option<&Attachment> {
    let kinds = ["message/delivery-status", "message/global-delivery-status"];
    mail.attachments
        .iter()
        .find(|part| kinds.contains(&part.media_type.as_str()))
}

/// Whether a mail without a status part is a report all the same: a mail server wrote it, and its subject says so.
fn is_notice(mail: &Mail) -> bool {
    let is_server = is_mail_server(mail)
        || mail.headers.all("return-path").any(|path| path == "<>")
        || mail.headers.get("x-failed-recipients").is_some();
    let subject = mail.subject.to_lowercase();
    let failed = [
        "undeliver",
        "delivery",
        "returned mail",
        "failure notice",
        "mail failure",
        "not delivered",
    ];
    let foreign = [
        "unzustellbar",
        "zustellung",
        "non remis",
        "no entregado",
        "mancata consegna",
        "niet bezorgd",
    ];
    let says_so = failed.iter().chain(&foreign).any(|word| subject.contains(word));
    // An out-of-office note has an empty return path too; it is no delivery report.
    is_server
        && says_so
        && (is_report(&mail.headers) || mail.headers.get("in-reply-to").is_none() || is_mail_server(mail))
}

/// The mail that came back: by its headers, else by a signed name anywhere in the report.
fn original(mail: &Mail, signer: &Signer) -> (Option<String>, Option<ConversationToken>) {
    let kinds = [
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
    ];
    let returned = mail
        .attachments
        .iter()
        .filter(|part| kinds.contains(&part.media_type.as_str()));
    let ids = returned.filter_map(|part| {
        let head = part.content.get(..part.content.len().min(SEARCHED))?;
        Headers::of(head_of(head))
            .get("message-id")
            .and_then(message_id_of)
    });
    let mut first = None;
    for id in ids {
        if let Some(token) = signer.read_reference(&id) {
            return (Some(id), Some(token));
        }
        first = first.or(Some(id));
    }
    if first.is_some() {
        return (first, None);
    }
    named(mail, signer)
}

/// A signed name in the text, or in the thread of the report itself.
fn named(mail: &Mail, signer: &Signer) -> (Option<String>, Option<ConversationToken>) {
    let searched = super::mail::cut_to(&mail.text, SEARCHED);
    let words = searched.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',' | ';'));
    let in_text = words.filter(|word| word.starts_with("conv_"));
    let in_thread = mail
        .in_reply_to
        .iter()
        .chain(&mail.references)
        .map(String::as_str);
    let found = in_thread
        .chain(in_text)
        .find_map(|id| Some((id.to_owned(), signer.read_reference(id)?)));
    found.map_or((None, None), |(id, token)| (Some(id), Some(token)))
}

/// The header fields of a mail, without what is below them.
fn head_of(raw: &[u8]) -> &[u8] {
    let mut length = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        length += line.len();
    }
    raw.get(..length).unwrap_or(raw)
}

fn by_text(mail: &Mail, original: Option<String>, token: Option<ConversationToken>) -> Bounce {
    let searched = super::mail::cut_to(&mail.text, SEARCHED);
    let status = status::enhanced_code(searched).unwrap_or_default();
    let is_late = ["delay", "warning", "verzögert"]
        .iter()
        .any(|word| mail.subject.to_lowercase().contains(word));
    let outcome = match status.as_bytes().first() {
        _ if is_late => Outcome::Delayed,
        Some(b'4') => Outcome::Transient,
        _ => Outcome::Permanent,
    };
    let line = searched
        .lines()
        .find(|line| !status.is_empty() && line.contains(&status));
    let recipient = mail
        .headers
        .get("x-failed-recipients")
        .and_then(|field| field.split(',').next());
    Bounce {
        original,
        token,
        recipient: recipient.map(|address| address.trim().to_lowercase()),
        outcome,
        diagnostic: one_line(line.unwrap_or(&mail.subject)),
        status,
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ").chars().take(DIAGNOSTIC).collect()
}

#[cfg(test)]
mod tests;
