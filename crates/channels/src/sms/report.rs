//! What an SMS service reports: a customer's message, or how far one of ours has come.
//!
//! Invariant: reading is total; whatever a callback lacks, the answer is a [`Report`], and [`Report::Skipped`] names the
//! reason without anybody's number or words.

use std::fmt;

use switchboard_domain::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A customer wrote.
    Message(Message),
    /// How far a message of ours has come.
    Status(Status),
    /// Nothing to act on; for the log.
    Skipped(String),
}

/// A customer's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The provider's id.
    pub id: String,
    /// Who wrote: E.164 with `+`.
    pub from: String,
    /// Which of our numbers or senders it was written to, as the provider writes it.
    pub to: Option<String>,
    /// What was written.
    pub text: String,
    /// When it reached the provider.
    pub at: Option<Timestamp>,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The provider has it, the operator not yet.
    Queued,
    /// The operator has it.
    Sent,
    /// It is on the customer's phone.
    Delivered,
    /// It will not arrive.
    Failed,
}

/// How far a message of ours has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The provider's id of the message.
    pub id: String,
    /// How far.
    pub state: State,
    /// The hub's own name for the message, where it comes back.
    pub reference: Option<String>,
    /// To whom it went, E.164 with `+`, where it says so.
    pub to: Option<String>,
    /// When it was delivered, where it says so.
    pub at: Option<Timestamp>,
    /// Why it failed, for staff.
    pub failure: Option<String>,
    /// For how many messages the provider charges.
    pub parts: Option<u32>,
    /// The provider charges nothing for it.
    pub is_free: bool,
}

/// The callbacks of one provider.
pub trait Callbacks: Send + Sync + fmt::Debug {
    /// Reads a callback: the body of a POST, or the query of a GET, as `application/x-www-form-urlencoded`.
    fn read(&self, form: &[u8]) -> Report;
}
