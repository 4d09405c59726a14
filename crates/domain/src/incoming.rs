//! Something a customer sent by a channel, in words that no channel has of its own.
//!
//! Made by the adapters of the channels, taken in by the hub. Invariant: it carries its provider's id, by which it is the
//! same however often it comes.

use crate::customer::{Channel, Identity};
use crate::handover::HandoverReason;
use crate::id::ConversationId;
use crate::message::Provided;

/// What is wanted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// An answer.
    Answer,
    /// What its file says, once that is fetched.
    File,
    /// An agent.
    Agent(HandoverReason),
    /// Nothing: a reaction, a machine's mail.
    Nothing,
}

/// Which conversation it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// The one there is with this address by this channel, open or closed.
    Newest,
    /// One of its own.
    New,
    /// This one, if its sender takes part in it; else one of its own.
    Of(ConversationId),
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingFile {
    /// What the sender called it; a label, never a path.
    pub name: String,
    /// Media type, as the sender says.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Something a customer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// By which way.
    pub channel: Channel,
    /// The addresses it came from, the best known first; at least one.
    pub sender: Vec<Identity>,
    /// The sender's name; may be empty.
    pub name: String,
    /// Where answers go.
    pub reply_to: String,
    /// What it is about (email); may be empty.
    pub subject: String,
    /// Its words; may be empty.
    pub text: String,
    /// Files that came with it.
    pub files: Vec<IncomingFile>,
    /// All of it as it came, where that is to be kept: a mail, a payload that nobody understands.
    pub raw: Option<Vec<u8>>,
    /// What its provider tells of it; `raw` is set when it is taken in.
    pub provided: Provided,
    /// What is wanted.
    pub asks: Asks,
    /// Where it belongs.
    pub thread: Thread,
}
