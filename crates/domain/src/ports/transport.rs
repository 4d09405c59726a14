//! The port of a channel's provider: one message out, and what became of the attempt.
//!
//! The outbox calls it after the message's own commit, never inside it. Invariant: an attempt whose outcome nobody knows
//! is [`SendError::Uncertain`], so that it is settled by the provider's own report and not by sending again.

use std::fmt;
use std::time::Duration;

use super::BoxFuture;
pub use crate::message::TemplateUse;

/// A file that goes out with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingFile {
    /// What its receiver sees as its name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What a letter has beside its words (email).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Subject.
    pub subject: String,
    /// The same words as HTML; plain text alone without.
    pub html: Option<String>,
    /// `Message-ID` of the mail it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// `Message-ID`s of the thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// No person wrote it: it says so, and other machines do not answer it (RFC 3834).
    pub is_automatic: bool,
    /// Where one click ends mails of its kind (RFC 8058).
    pub unsubscribe_url: Option<String>,
    /// Further receivers, in the open.
    pub cc: Vec<String>,
    /// Further receivers, unseen.
    pub bcc: Vec<String>,
    /// Where answers are to go, instead of to the hub.
    pub reply_to: Option<String>,
}

/// One message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The hub's own name for it, the same in every attempt; travels outward and comes back in the provider's reports.
    pub reference: String,
    /// Receiver: a phone number with a leading `+`, a user id of the provider's, or an email address.
    pub to: String,
    /// The receiver's name, where known.
    pub to_name: String,
    /// Plain text; may be empty with a file.
    pub text: String,
    /// Files, in order.
    pub files: Vec<OutgoingFile>,
    /// The provider's id of the message it replies to.
    pub replies_to: Option<String>,
    /// Goes out as this template instead of as text.
    pub template: Option<TemplateUse>,
    /// Email alone.
    pub letter: Option<Letter>,
}

/// The provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id for it.
    pub provider_id: String,
    /// For how many messages the provider charges (an SMS may have several parts).
    pub parts: u32,
}

/// Why a message did not go out, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// This message will never be taken.
    #[error("{reason}")]
    Refused {
        /// For staff: the provider's code and words.
        reason: String,
    },
    /// Nothing was taken, and later it may be.
    #[error("{reason}")]
    Later {
        /// For the log and staff.
        reason: String,
        /// Not before this time has gone by, if the provider says so.
        after: Option<Duration>,
    },
    /// It was not tried: the provider's pace asks to wait for so long. Says nothing of the provider.
    #[error("the provider's pace asks to wait")]
    NotYet {
        /// How long.
        after: Duration,
    },
    /// Nothing of this account is taken until somebody mends it (credentials, a blocked or unpaid account).
    #[error("{reason}")]
    AccountStopped {
        /// For staff: what to mend.
        reason: String,
    },
    /// It was handed over, and no answer came: it may be on its way.
    #[error("{reason}")]
    Uncertain {
        /// For staff.
        reason: String,
    },
}

/// A channel's way out.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Hands one message to the provider.
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>>;

    /// For how many messages the provider will charge that takes this text, found without asking it.
    fn parts(&self, _text: &str) -> u32 {
        1
    }

    /// Tells the customer that a message was seen, and that an answer is being written where the provider can show it.
    /// Nothing depends on it: failures are the implementation's to log.
    fn acknowledge(&self, provider_id: String, is_typing: bool) -> BoxFuture<'_, ()>;

    /// Looks whether messages could go out now, without sending one; an error says what is wrong and how to mend it.
    fn probe(&self) -> BoxFuture<'_, Result<(), String>>;
}
