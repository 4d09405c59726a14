//! What happened, pushed to listeners: one neutral form, which each socket dialect writes in its own words.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::analysis::Analysis;
use crate::conversation::{Rating, Status};
use crate::handover::HandoverReason;
use crate::id::{AccountId, ConnectionId, ConversationId, OrganizationId};
use crate::message::{Message, Sequence};
use crate::time::Timestamp;

/// Who is typing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Typist {
    /// The person outside.
    Customer,
    /// The AI.
    Assistant,
    /// A human who answers.
    Agent {
        /// Who.
        id: AccountId,
        /// The name customers see.
        name: String,
    },
}

/// Something that happened in a conversation.
#[derive(Debug, Clone)]
pub enum Event {
    /// A message was committed.
    Message(Arc<Message>),
    /// A message that was told before has got further, or has got its file.
    Updated(Arc<Message>),
    /// A customer message was understood. Staff only.
    Analyzed {
        /// Which message.
        sequence: Sequence,
        /// Its words.
        text: String,
        /// What was understood.
        analysis: Analysis,
        /// What staff could answer, best first.
        suggestions: Vec<String>,
    },
    /// Who is in charge has changed.
    StatusChanged {
        /// The new state.
        status: Status,
        /// The agent in charge.
        agent_name: Option<String>,
        /// For [`Status::Waiting`]: the handover text of the organization.
        text: Option<String>,
    },
    /// Somebody started or stopped typing. May be dropped, never stored.
    Typing {
        /// Who.
        typist: Typist,
        /// Started or stopped.
        is_typing: bool,
    },
    /// The customer rated the conversation. Staff only.
    Rated(Rating),
    /// A waiting conversation is offered to one agent.
    Offered {
        /// Why an agent is wanted.
        reason: HandoverReason,
        /// The customer's name.
        customer_name: String,
        /// Until when the offer stands.
        until: Timestamp,
    },
}

impl Event {
    /// Customers never see it.
    pub const fn staff_only(&self) -> bool {
        matches!(
            self,
            Self::Analyzed { .. } | Self::Rated(_) | Self::Offered { .. }
        )
    }

    /// A listener that is busy may miss it.
    pub const fn droppable(&self) -> bool {
        matches!(self, Self::Typing { .. })
    }
}

/// An event with where and when it happened.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// Whose records it is about.
    pub organization: OrganizationId,
    /// The conversation.
    pub conversation: ConversationId,
    /// When.
    pub at: Timestamp,
    /// The connection that caused it; it has its own answer and does not hear the event.
    pub origin: Option<ConnectionId>,
    /// What happened.
    pub event: Event,
    /// For a message of the assistant: the customer's message it answers, with what was understood of it so far.
    pub question: Option<Arc<Message>>,
    /// The event in the words of each dialect, made once and shared by all its readers.
    pub renderings: Renderings,
}

/// How many forms one event can be rendered in.
pub const RENDERINGS: usize = 8;

/// Ready-made bytes of one event, one slot for each dialect (and audience) that has asked.
#[derive(Debug, Clone, Default)]
pub struct Renderings([OnceLock<Bytes>; RENDERINGS]);

impl Renderings {
    /// The bytes in `slot`, made by `render` the first time; a slot that does not exist is rendered each time.
    pub fn get_or_render(&self, slot: usize, render: impl FnOnce() -> Bytes) -> Bytes {
        match self.0.get(slot) {
            Some(cell) => cell.get_or_init(render).clone(),
            None => render(),
        }
    }
}
