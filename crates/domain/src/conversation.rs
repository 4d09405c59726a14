//! One durable exchange with one customer: its record, its states, and the pure step that moves it ([`life`]).
//!
//! ```text
//!            handover asked            an agent accepts or writes
//!   active ────────────────▶ waiting ────────────────────────────▶ with_agent
//!     ▲  ▲                      │ released                             │ │
//!     │  └──────────────────────┴──────────── released ────────────────┘ │ agent left: back to waiting
//!     └── customer writes ── closed ◀── closed by anyone in charge ──────┘
//! ```

pub mod life;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::analysis::{Entity, Intent};
use crate::customer::Channel;
use crate::handover::{Epoch, HandoverReason};
use crate::id::{AccountId, ConversationId, CustomerId, OrganizationId};
use crate::message::{Author, Sequence};
use crate::time::Timestamp;

/// Whose conversation it is, that is, which customer principal may open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// A registered customer (or a member of staff who tries the hub as one).
    Account(AccountId),
    /// A web visitor who holds the conversation's own token.
    Guest,
    /// A customer whom an integrating service named.
    Service,
}

/// Who is in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The assistant answers.
    Active,
    /// An agent is wanted.
    Waiting {
        /// Why.
        reason: HandoverReason,
        /// Since when.
        since: Timestamp,
    },
    /// A human answers.
    WithAgent {
        /// Who.
        agent: AccountId,
        /// Since when.
        since: Timestamp,
    },
    /// Over, until the customer writes again.
    Closed {
        /// When.
        at: Timestamp,
    },
}

impl Status {
    /// The name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting { .. } => "waiting",
            Self::WithAgent { .. } => "with_agent",
            Self::Closed { .. } => "closed",
        }
    }

    /// Not closed.
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }

    /// The agent in charge, if one is.
    pub const fn agent(&self) -> Option<AccountId> {
        match self {
            Self::WithAgent { agent, .. } => Some(*agent),
            _ => None,
        }
    }

    /// An agent is wanted or in charge: the desk keeps an eye on it.
    pub const fn needs_desk(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::WithAgent { .. })
    }
}

/// How satisfied a customer was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 (bad) to 5 (good).
    pub stars: u8,
    /// The customer's words.
    pub comment: Option<String>,
}

/// The record of one conversation; written anew with every message of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Counted up per organization, for families with integer ids.
    pub number: u64,
    /// Whose customer it is.
    pub organization: OrganizationId,
    /// With whom.
    pub customer: CustomerId,
    /// The customer's name as readers see it.
    pub customer_name: String,
    /// The name an integrating service or guest gave the customer (`userId` of the platform family).
    pub customer_label: Option<String>,
    /// Which customer principal may open it.
    pub owner: Owner,
    /// Where it comes in.
    pub channel: Channel,
    /// The id an integrating service or guest brought for it (`sessionId` of the platform family).
    pub alias: Option<String>,
    /// Who is in charge.
    pub status: Status,
    /// The name of the agent in charge.
    pub agent_name: Option<String>,
    /// Counts changes of who is in charge.
    pub epoch: Epoch,
    /// The newest message's sequence; 0 before the first.
    pub last_sequence: Sequence,
    /// The newest customer message's sequence; 0 before the first.
    pub last_customer_sequence: Sequence,
    /// The newest message's author, leaving out what services wrote.
    pub last_author: Option<Author>,
    /// The first customer message since the last answer: when it came.
    pub unanswered_since: Option<Timestamp>,
    /// A turn of the assistant is due, first asked for by the message of this sequence.
    pub turn_due: Option<Sequence>,
    /// The context the assistant sees starts behind this sequence.
    pub context_after: Sequence,
    /// What the customer wanted last.
    pub intent: Option<Intent>,
    /// What the customer has named in this context.
    pub entities: Vec<Entity>,
    /// Turns in a row that did not settle the question.
    pub unresolved_turns: u8,
    /// How often an agent was asked for or took over.
    pub handovers: u32,
    /// The customer's rating.
    pub rating: Option<Rating>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the newest message came.
    pub last_message_at: Timestamp,
    /// When the first message came.
    pub first_message_at: Option<Timestamp>,
    /// The beginning of the customer's first message.
    pub title: String,
    /// Messages by customer, assistant and agents.
    pub counts: MessageCounts,
    /// Why and how it was closed last.
    pub closing: Option<Closing>,
    /// Where messages to the customer go; none where connections and callers hear them themselves.
    pub route: Option<Route>,
}

/// Where messages to the customer go: its address at the channel's provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// A phone number with a leading `+`, a user id of the provider's, or an email address.
    pub to: String,
    /// What the conversation is about (email); may be empty.
    pub subject: String,
    /// When the customer last wrote, by the provider's clock.
    pub heard_at: Option<Timestamp>,
}

/// How many messages a conversation has, by who wrote them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// By the customer.
    pub customer: u64,
    /// By the assistant.
    pub assistant: u64,
    /// By agents.
    pub agent: u64,
}

impl MessageCounts {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.customer + self.assistant + self.agent
    }

    pub(crate) fn count(&mut self, author: Author) {
        let counter = match author {
            Author::Customer => &mut self.customer,
            Author::Assistant => &mut self.assistant,
            Author::Agent(_) => &mut self.agent,
        };
        *counter += 1;
    }
}

/// Why and how a conversation was closed, in the words of who closed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// A word, such as `RESOLVED`.
    pub reason: Option<String>,
    /// How it went.
    pub summary: Option<String>,
}

/// What a new conversation starts from.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// Its id.
    pub id: ConversationId,
    /// Its number.
    pub number: u64,
    /// Whose customer it is.
    pub organization: OrganizationId,
    /// With whom.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// The name a caller gave the customer.
    pub customer_label: Option<String>,
    /// Which customer principal may open it.
    pub owner: Owner,
    /// Where it comes in.
    pub channel: Channel,
    /// The id a caller brought for it.
    pub alias: Option<String>,
    /// When.
    pub opened_at: Timestamp,
    /// Where messages to the customer go.
    pub route: Option<Route>,
}

/// How long after the customer's last message WhatsApp takes free text: "when a `WhatsApp` user messages you or calls
/// you". A change of number is neither and opens nothing. Whether a reaction is a message in this sense Meta does not
/// say; it comes as one, so it counts as one here, and where WhatsApp sees it otherwise the message fails with its reason.
///
/// Source: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows>.
const FREE_TEXT: Duration = Duration::from_secs(24 * 60 * 60);

impl Conversation {
    /// Whether the customer may be sent anything but a template now: on WhatsApp only within a day of its last message.
    pub fn takes_free_text(&self, now: Timestamp) -> bool {
        let Some(route) = self.route.as_ref().filter(|_| self.channel == Channel::Whatsapp) else {
            return true;
        };
        route.heard_at.is_some_and(|heard| now < heard.after(FREE_TEXT))
    }

    /// An empty, active conversation.
    pub fn open(new: NewConversation) -> Self {
        Self {
            id: new.id,
            number: new.number,
            organization: new.organization,
            customer: new.customer,
            customer_name: new.customer_name,
            customer_label: new.customer_label,
            owner: new.owner,
            channel: new.channel,
            alias: new.alias,
            status: Status::Active,
            agent_name: None,
            epoch: 0,
            last_sequence: 0,
            last_customer_sequence: 0,
            last_author: None,
            unanswered_since: None,
            turn_due: None,
            context_after: 0,
            intent: None,
            entities: Vec::new(),
            unresolved_turns: 0,
            handovers: 0,
            rating: None,
            opened_at: new.opened_at,
            last_message_at: new.opened_at,
            first_message_at: None,
            title: String::new(),
            counts: MessageCounts::default(),
            closing: None,
            route: new.route,
        }
    }
}
