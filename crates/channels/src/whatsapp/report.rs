//! What a webhook reports: messages, reactions, edits, deletions, changes of identity, delivery, errors of the account.
//!
//! The channel calls [`parse`] with a body whose signature was checked. Invariant: it is total. Whatever key is missing
//! or of another type, nothing panics and everything else in the same body is still reported; what a customer sent and
//! is not understood becomes a message of kind [`Kind::Unsupported`] with its raw JSON.
//!
//! Meta's pages: <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages>
//! and those below it; `business-scoped-user-ids` for senders without a phone number.

mod card;
mod content;
mod envelope;
mod identity;
mod json;
mod kind;
mod status;

use switchboard_domain::time::Timestamp;

pub use self::envelope::parse;
pub use self::identity::Person;
pub use self::kind::Kind;
pub use self::status::{Failure, Pricing, State, Status};

/// A report and the business number it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed {
    /// `phone_number_id` of the business number; one account may have several, and a report may be for another.
    pub number_id: Option<String>,
    /// What happened.
    pub report: Report,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A customer wrote, or sent something that nobody here understands.
    Message(Box<Message>),
    /// A customer opened the chat for the first time and waits to be welcomed; there is no text.
    Opened(Opened),
    /// A customer put an emoji on a message, or took it away.
    Reaction(Reaction),
    /// A customer changed what an earlier message says.
    Edit(Box<Edit>),
    /// A customer deleted an earlier message.
    Deletion(Deletion),
    /// A customer has another phone number or user id from now on.
    IdentityChange(IdentityChange),
    /// How far a message of ours has come.
    Status(Status),
    /// Something is wrong with the account or the provider, about no message in particular.
    AccountError(Failure),
    /// Nothing to act on; for the log.
    Skipped(Skipped),
}

/// A customer's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The provider's id (`wamid.…`); the same for each delivery of the same message. Where the provider gave none, a
    /// hash of its sender and JSON with the prefix `unnamed.`.
    pub id: String,
    /// Who wrote.
    pub sender: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// What it is.
    pub kind: Kind,
    /// What to show in the conversation; empty for a file without a caption.
    pub text: String,
    /// The file that came with it.
    pub media: Option<Media>,
    /// The provider's id of the message it replies to.
    pub replies_to: Option<String>,
    /// It was written to somebody else first.
    pub is_forwarded: bool,
    /// The advertisement or post that led here.
    pub referral: Option<Referral>,
    /// The product it asks about, as `catalog/product`.
    pub product: Option<String>,
    /// The group it was written in; none in a chat of two.
    pub group_id: Option<String>,
    /// As it came, where it was not understood.
    pub raw: Option<String>,
}

/// A file that the provider keeps for us; fetched with [`super::media`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The provider's id of the file, good for seven days.
    pub id: String,
    /// Media type, as the provider says; parameters included (`audio/ogg; codecs=opus`).
    pub media_type: Option<String>,
    /// SHA-256 of its bytes, as the provider writes it (base64 or hexadecimal).
    pub sha256: Option<String>,
    /// What the customer called it.
    pub file_name: Option<String>,
    /// It was recorded in the chat.
    pub is_voice: bool,
}

/// What a customer followed to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referral {
    /// `ad` or `post`.
    pub source_type: Option<String>,
    /// The provider's id of it.
    pub source_id: Option<String>,
    /// Its address.
    pub source_url: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its text.
    pub body: Option<String>,
}

/// A chat opened for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The provider's id of the report.
    pub id: String,
    /// Who opened it.
    pub sender: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
}

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The provider's id of the reaction itself.
    pub id: String,
    /// The provider's id of the message it is on: one of ours or one of theirs.
    pub about: String,
    /// Who reacted.
    pub sender: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// The emoji; `None`: it was taken away.
    pub emoji: Option<String>,
}

/// New words for an earlier message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The provider's id of the edit itself.
    pub id: String,
    /// The provider's id of the message that now says something else.
    pub about: String,
    /// Who edited.
    pub sender: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// What the message is now.
    pub kind: Kind,
    /// What it says now; for a file its caption.
    pub text: String,
    /// The file it carries, if it carries one.
    pub media: Option<Media>,
}

/// An earlier message taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The provider's id of the deletion itself.
    pub id: String,
    /// The provider's id of the message that is gone.
    pub about: String,
    /// Who deleted.
    pub sender: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
}

/// One customer under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// The provider's id of the report.
    pub id: String,
    /// Who it was until now.
    pub before: Person,
    /// Who it is from now on; what did not change, or is not told, is absent.
    pub after: Person,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// The provider's own words for it.
    pub text: String,
}

/// Something that needs no action, or cannot be acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Why, for the log; holds no text and no address of anybody.
    pub reason: String,
    /// As it came, if a customer's words may be in it.
    pub raw: Option<String>,
}
