//! What a session remembers: the conversation, its newest messages, what waits and what is under way.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::Occurrence;
use switchboard_domain::message::{Author, Message, Sequence};
use switchboard_domain::outbox::Lane;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::command::{Act, Done, TurnReply};
use crate::activity::ActivityLock;
use crate::error::HubError;

/// Newest messages kept in memory: the assistant's context.
pub(super) const RECENT: usize = 10;

/// Everything that changes in a session.
#[derive(Debug)]
pub struct SessionState {
    /// The conversation as it is stored.
    pub(super) conversation: Arc<Conversation>,
    /// The bytes it is stored as.
    pub(super) bytes: Bytes,
    /// The newest messages, oldest first.
    pub(super) recent: VecDeque<Arc<Message>>,
    /// Commands that wait for the next batch.
    pub(super) pending: Vec<Act>,
    /// The batch under way.
    pub(super) in_flight: Option<InFlight>,
    /// Callers that wait for the assistant's turn.
    pub(super) waiters: Vec<oneshot::Sender<TurnReply>>,
    /// Numbers the turns; timers and results of another number are stale.
    pub(super) turn: u64,
    /// When the turn was first asked for.
    pub(super) turn_since: Option<Instant>,
    /// Customers see that the assistant works.
    pub(super) typing: bool,
    /// When something last happened.
    pub(super) active_at: Instant,
}

/// A batch handed to the store, and what to do once it is durable.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) conversation: Arc<Conversation>,
    pub(super) bytes: Bytes,
    pub(super) messages: Vec<Arc<Message>>,
    pub(super) annotated: Vec<Arc<Message>>,
    pub(super) occurrences: Vec<Arc<Occurrence>>,
    pub(super) accepted: Vec<Accepted>,
    pub(super) status_changed: bool,
    pub(super) turn_started: bool,
    pub(super) turn_ended: bool,
    pub(super) advise: Option<Sequence>,
    /// Held until the store has answered.
    pub(super) alone: Option<ActivityLock>,
    /// Lanes in which something is owed now.
    pub(super) owed: Vec<Lane>,
}

/// Somebody who waits for a step to be durable.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) reply: oneshot::Sender<Result<Done, HubError>>,
    pub(super) answer: Option<oneshot::Sender<TurnReply>>,
    /// Sent a message id again.
    pub(super) repeated: bool,
}

/// A command whose step is part of the batch under way.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) waiting: Vec<Waiting>,
    /// Which of the batch's messages are its own.
    pub(super) messages: std::ops::Range<usize>,
}

impl SessionState {
    pub(super) fn new(conversation: Conversation, bytes: Bytes, recent: VecDeque<Arc<Message>>) -> Self {
        Self {
            conversation: Arc::new(conversation),
            bytes,
            recent,
            pending: Vec::new(),
            in_flight: None,
            waiters: Vec::new(),
            turn: 0,
            turn_since: None,
            typing: false,
            active_at: Instant::now(),
        }
    }

    /// Nothing waits, nothing is under way, nobody is owed anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.pending.is_empty() && self.in_flight.is_none() && self.conversation.turn_due.is_none()
    }

    pub(super) fn remember(&mut self, message: &Arc<Message>) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::clone(message));
    }

    /// Puts a message that was understood in place of the one remembered.
    pub(super) fn annotate(&mut self, message: &Arc<Message>) {
        if let Some(slot) = self
            .recent
            .iter_mut()
            .find(|slot| slot.sequence == message.sequence)
        {
            *slot = Arc::clone(message);
        }
    }

    /// The customer's messages that nobody has answered, oldest first.
    pub(super) fn open_question(&self) -> Vec<Arc<Message>> {
        let after = self.conversation.context_after;
        let mut open: Vec<_> = self
            .recent
            .iter()
            .rev()
            .take_while(|message| message.author == Author::Customer && message.sequence > after)
            .cloned()
            .collect();
        open.reverse();
        open
    }

    /// Answers everybody who waits for the assistant's turn.
    pub(super) fn answer_waiters(&mut self, reply: &TurnReply) {
        for waiter in self.waiters.drain(..) {
            // A caller that has gone away needs no answer.
            drop(waiter.send(reply.clone()));
        }
    }
}
