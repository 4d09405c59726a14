//! One entry of a conversation: who wrote it, what it says, how far it has got.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::cost::Money;
use crate::id::{AccountId, FaqId, MessageId};
use crate::source::{Source, SourceKind};
use crate::time::Timestamp;

/// The position of a message in its conversation: from 1, without gaps.
pub type Sequence = u64;

/// The longest text of one message, characters.
pub const MAX_TEXT_CHARACTERS: usize = 8_000;

/// SHA-256 of an attachment's bytes: its name in the blob store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobId(pub [u8; 32]);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file that came or went with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its bytes in the blob store.
    pub blob: BlobId,
    /// What the sender called it; a label, never a path.
    pub name: String,
    /// Media type, as checked from the bytes.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Author {
    /// The person outside.
    Customer,
    /// The AI, including handover and fallback texts sent in its name.
    Assistant,
    /// A human who answers.
    Agent(AccountId),
}

impl Author {
    /// The kind of author, as most families call it on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Assistant => "ai",
            Self::Agent(_) => "agent",
        }
    }
}

/// How far a message has got. Order of the variants is the order it climbs in; `Failed` is only reached from below
/// `Delivered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waits for its channel.
    Queued,
    /// Handed to the provider.
    Sent,
    /// Will not arrive.
    Failed,
    /// Arrived.
    Delivered,
    /// Seen.
    Read,
}

impl DeliveryStatus {
    /// The lower-case name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// Why the assistant answered as it did; kept with the answer for whoever must explain it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The sources considered, best first, with their relevance.
    pub sources: Vec<Source>,
    /// What was decided, one word (`answer`, `clarify`, `hand_over`, `small_talk`, `fallback`).
    pub decision: String,
    /// Why, in words for staff.
    pub reason: String,
    /// Tokens billed.
    pub tokens: u32,
    /// Milliseconds from the customer's message to this answer.
    pub response_millis: u64,
    /// The handover epoch the turn began in.
    pub epoch: u64,
    /// What the answer has cost, understanding the question included.
    pub cost: Money,
    /// It is an earlier answer to the same question.
    pub cached: bool,
}

impl Trace {
    /// The FAQ that was answered with: the best source of an answer, where that is one.
    pub fn answering_faq(&self) -> Option<FaqId> {
        let best = self.sources.first().filter(|_| self.decision == "answer")?;
        FaqId::parse(&best.id).filter(|_| best.kind == SourceKind::Faq)
    }
}

/// One entry of a conversation, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; a caller's own id for it is kept in `client_id`.
    pub id: MessageId,
    /// Position in the conversation.
    pub sequence: Sequence,
    /// Counted up per organization, for families with integer ids. Not without gaps.
    pub number: u64,
    /// Who wrote it.
    pub author: Author,
    /// The writer's name as readers see it; empty for the assistant.
    pub author_name: String,
    /// Plain text; empty for a recording without transcription.
    pub text: String,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
    /// When the hub took it in.
    pub at: Timestamp,
    /// How far it has got.
    pub status: DeliveryStatus,
    /// The id the caller gave it.
    pub client_id: Option<String>,
    /// What the assistant understood, once it has looked. Customers' messages only.
    pub analysis: Option<Analysis>,
    /// Why the assistant wrote it. The assistant's messages only.
    pub trace: Option<Trace>,
    /// What staff could answer, the best there was; empty for none. Customers' messages only.
    pub suggestion: String,
}
