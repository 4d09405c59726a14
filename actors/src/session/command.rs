//! What a session can be told, and what it answers.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::{Advice, Input, TurnOutcome};
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{Message, Sequence};
use switchboard_domain::ports::engine::{Batch, StoreError};
use tokio::sync::oneshot;

use crate::error::HubError;

/// Something to happen to the conversation.
#[derive(Debug)]
pub struct Act {
    /// What.
    pub input: Input,
    /// The connection that asked, which is answered apart and hears no echo.
    pub origin: Option<ConnectionId>,
    /// Records of the sender's that are committed with it, or not at all.
    pub with: Batch,
    /// Answered once it is durable.
    pub reply: oneshot::Sender<Result<Done, HubError>>,
    /// Answered once the assistant has taken its turn, for callers that wait for it.
    pub answer: Option<oneshot::Sender<TurnReply>>,
}

impl Act {
    /// Something to happen, and where it is told what became of it.
    pub(crate) fn new(input: Input) -> (Self, oneshot::Receiver<Result<Done, HubError>>) {
        let (reply, done) = oneshot::channel();
        let act = Self {
            input,
            origin: None,
            with: Batch::new(),
            reply,
            answer: None,
        };
        (act, done)
    }
}

/// A durable step.
#[derive(Debug, Clone)]
pub struct Done {
    /// The conversation after it.
    pub conversation: Arc<Conversation>,
    /// The messages this step appended; for a repeated message id, the message of the first time.
    pub messages: Vec<Arc<Message>>,
    /// The caller's message id was used before: nothing was stored.
    pub repeated: bool,
}

/// How the assistant's turn ended.
#[derive(Debug, Clone)]
pub enum TurnReply {
    /// It said this; the conversation after it, and the customer's message as it was understood.
    Said {
        /// Its message.
        message: Arc<Message>,
        /// The customer's message it answers.
        question: Option<Arc<Message>>,
        /// The conversation after it.
        conversation: Arc<Conversation>,
    },
    /// It says nothing: somebody else is in charge, or auto reply is off.
    Silent {
        /// The conversation as it stands.
        conversation: Arc<Conversation>,
    },
}

/// What a session can be told.
#[derive(Debug)]
pub enum SessionCommand {
    /// Something is to happen.
    Act(Box<Act>),
    /// The batch under way is durable, or refused.
    Committed(Result<(), StoreError>),
    /// The customer has been silent for the debounce time: the turn of this number may start.
    TurnTimer(u64),
    /// The turn of this number has taken too long.
    TurnTimeout(u64),
    /// The assistant has finished the turn of this number.
    TurnFinished(u64, Box<TurnOutcome>),
    /// The assistant has understood the message of this sequence, which it was not asked to answer.
    Advised(Sequence, Box<Advice>),
    /// The assistant's queue was full: try the turn of this number again later.
    TurnDiscarded(u64),
    /// Time to see whether anything has happened of late.
    IdleCheck,
    /// Do nothing but be there: a turn is due since before a restart.
    Wake,
    /// Fails on purpose, for the tests of supervision.
    #[cfg(test)]
    Panic,
}
