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

impl BlobId {
    /// Reads 64 hexadecimal digits, as they are written.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        if pairs.len() != bytes.len() || text.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let digit = |digit: u8| {
                char::from(digit)
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }
}

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
    /// The status after a report of `other`: it only climbs, whatever order reports come in, and what has arrived has not
    /// failed.
    #[must_use]
    pub fn climbed(self, other: Self) -> Self {
        self.max(other)
    }

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

/// What a channel's provider tells of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provided {
    /// The provider's id of it (`wamid.…`, a mail's `Message-ID`, an SMS's sid).
    pub id: String,
    /// When it was written, by the provider's clock.
    pub at: Timestamp,
    /// What kind of message it is there: `text`, `image`, `location`, …
    pub kind: String,
    /// The provider's id of the message it replies to or is about.
    pub about: Option<String>,
    /// The whole of it as it came, in the blob store: a raw mail, a payload that could not be read.
    pub raw: Option<BlobId>,
    /// A file of it that has still to be fetched from the provider.
    pub file: Option<PendingFile>,
}

/// The kind of a provider's own notice of a customer, such as a new number.
const NOTICE: &str = "system";

impl Provided {
    /// Whether the provider itself tells something of the customer, who has written nothing.
    pub fn is_notice(&self) -> bool {
        self.kind == NOTICE
    }
}

/// How a message goes out where plain text is not all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// As a template that the provider has approved (WhatsApp).
    Template(TemplateUse),
    /// As a mail with more than its text.
    Letter(LetterForm),
}

/// A message that the provider has to know by name because it was approved before (WhatsApp).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Its name at the provider.
    pub name: String,
    /// Its language, as the provider writes it (`en_US`).
    pub language: String,
    /// The values of its body's variables, in order.
    pub values: Vec<String>,
}

/// What a mail has beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterForm {
    /// Its subject; that of the conversation where it is empty.
    pub subject: String,
    /// The same words as HTML.
    pub html: Option<String>,
    /// Where answers are to go, instead of to the hub.
    pub reply_to: Option<String>,
    /// Where one click ends mails of its kind.
    pub unsubscribe_url: Option<String>,
}

/// What has become of a message to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// How far it has got at least.
    pub status: DeliveryStatus,
    /// The provider's id of it, where known.
    pub provider_id: Option<String>,
    /// When, by the clock of whoever reports.
    pub at: Timestamp,
    /// Why it will not arrive; empty unless it has failed.
    pub failure: String,
    /// What it costs.
    pub billing: Billing,
}

impl DeliveryReport {
    /// Whether the provider charges a message for what is told of it here.
    pub fn costs(&self) -> bool {
        let has_failed = self.status == DeliveryStatus::Failed;
        !self.billing.is_free && (!has_failed || self.billing.is_due_on_failure)
    }
}

/// What a channel's provider says of a message's price, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Billing {
    /// It costs nothing.
    pub is_free: bool,
    /// It costs as much if it has failed.
    pub is_due_on_failure: bool,
    /// As how many messages it is charged.
    pub parts: Option<u32>,
}

/// A file that the provider keeps for the hub to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingFile {
    /// The provider's id of it.
    pub id: String,
    /// Media type, as the provider says.
    pub media_type: String,
    /// SHA-256 of its bytes as the provider says; empty where it does not.
    pub sha256: String,
    /// What the sender called it; may be empty.
    pub name: String,
    /// It was spoken into a telephone: its words are wanted.
    pub is_voice: bool,
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
    /// What its channel's provider tells of it; none on the web, and before it was handed over.
    pub provided: Option<Provided>,
    /// Why it will not arrive; empty unless it has failed.
    pub failure: String,
    /// How it goes out where plain text is not all of it.
    pub form: Option<Form>,
    /// Its provider has told of it by its own id and charged nothing so far, for it had failed; should it arrive after
    /// all, it is to be paid.
    pub is_unpaid: bool,
}
