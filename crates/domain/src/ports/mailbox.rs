//! The port of mailboxes: where customers' mails lie, and what is in them.
//!
//! The core's email channel opens a folder, fetches what is newer than its cursor, waits, and comes again. Invariant:
//! reading changes nothing in a mailbox and is total; what cannot be understood says why instead of failing.

use std::fmt;
use std::time::Duration;

use super::BoxFuture;
use super::transport::OutgoingFile;
use crate::incoming::Incoming;
use crate::message::DeliveryReport;

/// A mail as it lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMail {
    /// Its number within the folder's numbering.
    pub uid: u32,
    /// Its bytes; of one that is too large, the beginning of its header.
    pub bytes: Vec<u8>,
    /// Its size in bytes where it is too large to be fetched.
    pub too_large: Option<u64>,
}

/// What one fetch has brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The mails, by number.
    pub mails: Vec<RawMail>,
    /// Every number up to this one has been looked at.
    pub through: u32,
    /// There is more: ask again from there.
    pub is_more: bool,
}

/// Why a folder cannot be read on; it is opened anew then, but after [`MailboxError::Refused`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// The connection was lost, or the folder's numbering has changed: come again.
    #[error("{0}")]
    Cut(String),
    /// Somebody has to mend the login, the encryption or the folder's name.
    #[error("{0}")]
    Closed(String),
    /// The server said no to one command and goes on.
    #[error("{0}")]
    Refused(String),
}

/// What a mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mail {
    /// A customer's message.
    Message(Box<Incoming>),
    /// A report on a message of ours.
    Report {
        /// The hub's name for the message; none: the report proves nothing.
        reference: Option<String>,
        /// What is known for good; none where the servers on its way still try, or it has arrived.
        report: Option<DeliveryReport>,
        /// In one line, for the log.
        words: String,
    },
    /// A mail of ours that came back.
    Own,
    /// It cannot be understood, for this reason.
    Unreadable(String),
}

/// A mail that somebody describes instead of sending it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribedMail {
    /// Who wrote it: an address.
    pub from: String,
    /// Its subject; may be empty.
    pub subject: String,
    /// Its text; may be empty where there is HTML.
    pub text: String,
    /// Its HTML.
    pub html: Option<String>,
    /// Names it; two of the same name are the same mail.
    pub name: String,
    /// Files that came with it.
    pub files: Vec<OutgoingFile>,
}

/// One folder, open.
pub trait Mailbox: Send + fmt::Debug {
    /// The numbering's name: numbers compare only within the same one.
    fn uid_validity(&self) -> u32;

    /// The next mails after a number, some at a time.
    fn fetch_after(&mut self, uid: u32) -> BoxFuture<'_, Result<Fetched, MailboxError>>;

    /// Waits until there is a mail after a number, at most so long; whether there is one.
    fn wait(&mut self, uid: u32, at_most: Duration) -> BoxFuture<'_, Result<bool, MailboxError>>;

    /// Marks mails as read, a courtesy to people who look into the same mailbox.
    fn mark_seen<'a>(&'a mut self, uids: &'a [u32]) -> BoxFuture<'a, Result<(), MailboxError>>;
}

/// A mail's words as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownMail {
    /// As HTML without scripts, that loads nothing from afar.
    pub html: String,
    /// The mail has no HTML of its own: this was made from its text and says no more than that.
    pub is_made: bool,
}

/// The configured mailboxes, and the understanding of mails.
pub trait Mailboxes: Send + Sync + fmt::Debug {
    /// The folders that are read, each by a name that stays the same: `user@host/folder`.
    fn folders(&self) -> Vec<String>;

    /// How long a folder is waited at before it is looked into, whatever its server tells.
    fn poll(&self) -> Duration;

    /// Opens a folder of [`Mailboxes::folders`].
    fn open<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Box<dyn Mailbox>, MailboxError>>;

    /// Understands a raw mail. Takes processor time that grows with its size.
    fn read(&self, raw: &[u8]) -> Mail;

    /// The raw mail of a description; an error names the field that cannot stand in a mail.
    fn describe(&self, mail: &DescribedMail) -> Result<Vec<u8>, (&'static str, String)>;

    /// A raw mail's words as HTML that may be shown: no scripts, nothing from afar; none where it cannot be read.
    fn html(&self, raw: &[u8]) -> Option<ShownMail>;
}
