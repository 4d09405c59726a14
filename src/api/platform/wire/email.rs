//! Mails on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::messages::NewMessage;
use switchboard_actors::hub::quarantine::Retried;
use switchboard_actors::records::mailboxes::QuarantinedMail;
use switchboard_actors::services::Services;
use switchboard_domain::id::RequestId;
use switchboard_domain::message::{Form, LetterForm, Message};
use switchboard_domain::ports::mailbox::DescribedMail;

use super::files::{FileIn, into_files};
use crate::http::body::FieldError;
use crate::http::wire::Time;

/// Longest subject, characters.
const SUBJECT: usize = 500;
/// Longest HTML, bytes.
const HTML: usize = 256 * 1024;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MailIn {
    #[schemars(example = &"customer@example.com")]
    to: String,
    #[schemars(length(min = 1, max = 500))]
    subject: String,
    #[schemars(length(min = 1, max = 8000))]
    text: String,
    /// The same words as HTML.
    html: Option<String>,
    /// Where answers are to go, instead of to the hub.
    reply_to: Option<String>,
    /// A session's id, or the caller's own for it.
    thread_id: Option<String>,
    /// The caller's own id for it.
    message_id: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 20))]
    attachments: Vec<FileIn>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MailToProcessIn {
    #[schemars(example = &"customer@example.com")]
    from: String,
    #[serde(default)]
    #[schemars(length(max = 500))]
    subject: String,
    /// Needed where there is no HTML.
    text: Option<String>,
    html: Option<String>,
    /// A session's id, or the caller's own for it.
    thread_id: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 20))]
    attachments: Vec<FileIn>,
}

impl MailIn {
    /// To whom, in which conversation, and what.
    pub(in crate::api::platform) fn into_parts(
        self,
        key: Option<&str>,
    ) -> Result<(String, Option<String>, NewMessage), FieldError> {
        check_subject(&self.subject)?;
        if self.subject.trim().is_empty() {
            return Err(FieldError::new("subject", "a subject"));
        }
        if self.text.trim().is_empty() {
            return Err(FieldError::new("text", "a text"));
        }
        let html = check_html(self.html)?;
        if self
            .reply_to
            .as_deref()
            .is_some_and(|address| !is_address(address))
        {
            return Err(FieldError::new("replyTo", "an email address"));
        }
        let form = LetterForm {
            subject: self.subject,
            html,
            reply_to: self.reply_to,
            unsubscribe_url: None,
        };
        let message = NewMessage {
            text: self.text,
            client_id: self.message_id.or_else(|| key.map(str::to_owned)),
            form: Some(Form::Letter(form)),
            files: into_files(self.attachments)?,
            ..NewMessage::default()
        };
        Ok((self.to, self.thread_id, message))
    }
}

impl MailToProcessIn {
    /// The mail, named by the caller's key where there is one, and its conversation.
    pub(in crate::api::platform) fn into_parts(
        self,
        key: Option<&str>,
        services: &Services,
    ) -> Result<(DescribedMail, Option<String>), FieldError> {
        if !is_address(&self.from) {
            return Err(FieldError::new("from", "an email address"));
        }
        check_subject(&self.subject)?;
        let (text, html) = (self.text.unwrap_or_default(), check_html(self.html)?);
        if text.len() > HTML {
            return Err(FieldError::new("text", "at most 262144 bytes"));
        }
        if text.trim().is_empty() && html.is_none() && self.attachments.is_empty() {
            return Err(FieldError::new("text", "a text"));
        }
        let mail = DescribedMail {
            from: self.from.trim().to_owned(),
            subject: self.subject,
            text,
            html,
            name: key.map_or_else(|| fresh_name(services), str::to_owned),
            files: into_files(self.attachments)?,
        };
        Ok((mail, self.thread_id))
    }
}

fn fresh_name(services: &Services) -> String {
    RequestId::generate(services.now(), services.ports.random.as_ref()).to_string()
}

fn check_subject(subject: &str) -> Result<(), FieldError> {
    if subject.chars().count() > SUBJECT || subject.contains(char::is_control) {
        return Err(FieldError::new("subject", "one line of at most 500 characters"));
    }
    Ok(())
}

fn check_html(html: Option<String>) -> Result<Option<String>, FieldError> {
    let html = html.filter(|html| !html.trim().is_empty());
    if html.as_ref().is_some_and(|html| html.len() > HTML) {
        return Err(FieldError::new("html", "at most 262144 bytes"));
    }
    Ok(html)
}

fn is_address(text: &str) -> bool {
    let sound =
        |(local, domain): (&str, &str)| !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    let fits = text.len() <= 254 && !text.contains(|c: char| c.is_control() || c.is_whitespace());
    fits && text.split_once('@').is_some_and(sound)
}

/// A mail was taken in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MailProcessedOut {
    #[schemars(example = &"processed")]
    status: &'static str,
    message_id: String,
}

impl From<&Message> for MailProcessedOut {
    fn from(message: &Message) -> Self {
        Self {
            status: "processed",
            message_id: message.id.to_string(),
        }
    }
}

/// How the listener is from now on.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::platform) struct ListenerOut {
    #[schemars(example = &"started")]
    status: &'static str,
    message: &'static str,
}

impl ListenerOut {
    pub(in crate::api::platform) const fn new(is_on: bool) -> Self {
        if is_on {
            Self {
                status: "started",
                message: "Email listener has been started",
            }
        } else {
            Self {
                status: "stopped",
                message: "Email listener has been stopped",
            }
        }
    }
}

/// What a mail has become that was tried again.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MailRetriedOut {
    /// `received`: it is a message now; `reported`: it was a report on one of ours; `own`: it was one of ours.
    #[schemars(example = &"received")]
    status: &'static str,
    session_id: Option<String>,
    message_id: Option<String>,
}

impl From<&Retried> for MailRetriedOut {
    fn from(retried: &Retried) -> Self {
        let (status, message) = match retried {
            Retried::Message(session, message) => ("received", Some((session, message))),
            Retried::Report => ("reported", None),
            Retried::Own => ("own", None),
        };
        Self {
            status,
            session_id: message.map(|(session, _)| session.to_string()),
            message_id: message.map(|(_, message)| message.id.to_string()),
        }
    }
}

/// A mail that could not be understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct QuarantinedOut {
    /// SHA-256 of what was kept of it, in hexadecimal digits.
    id: String,
    mailbox: String,
    uid: u32,
    uid_validity: u32,
    reason: String,
    /// Bytes that were kept.
    bytes: u64,
    /// Only its beginning was kept.
    truncated: bool,
    #[schemars(with = "Time")]
    received_at: String,
}

impl From<&QuarantinedMail> for QuarantinedOut {
    fn from(mail: &QuarantinedMail) -> Self {
        Self {
            id: mail.raw.to_string(),
            mailbox: mail.folder.clone(),
            uid: mail.place.uid,
            uid_validity: mail.place.uid_validity,
            reason: mail.reason.clone(),
            bytes: mail.bytes,
            truncated: mail.is_cut,
            received_at: mail.at.to_string(),
        }
    }
}
