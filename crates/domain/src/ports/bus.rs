//! The event bus: what was committed is told to whoever listens.
//!
//! In one process it is a table of listeners; in a cluster the same trait would carry occurrences over a network, so
//! nothing here assumes that publisher and listener share memory but the ready-made renderings, which are only a cache.

use std::fmt;
use std::sync::Arc;

use crate::event::Occurrence;
use crate::id::{AccountId, ConnectionId, ConversationId};

/// What one can listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Everything that happens in one conversation.
    Conversation(ConversationId),
    /// What concerns one agent: offers.
    Agent(AccountId),
}

/// Somebody who listens. Called on the publisher's thread: it must not block.
pub trait Listener: Send + Sync + fmt::Debug {
    /// Names it, so that a connection does not hear what it has said itself.
    fn id(&self) -> ConnectionId;

    /// Whether it may hear what is for staff only.
    fn is_staff(&self) -> bool;

    /// Takes occurrences that were committed together, in order.
    fn hear(&self, occurrences: &[Arc<Occurrence>]);

    /// What it listens to is gone for good.
    fn end(&self) {}
}

/// Tells listeners what happened.
pub trait EventBus: Send + Sync + fmt::Debug {
    /// Tells every listener of `topic`, leaving out what it must not or need not hear.
    fn publish(&self, topic: Topic, occurrences: &[Arc<Occurrence>]);

    /// Adds a listener; it hears everything published from now on.
    fn subscribe(&self, topic: Topic, listener: Arc<dyn Listener>);

    /// Removes the listener of that id.
    fn unsubscribe(&self, topic: Topic, listener: ConnectionId);

    /// Tells every listener of `topic` that it is gone for good.
    fn end(&self, topic: Topic);

    /// Whether any member of staff listens to `topic`.
    fn has_staff(&self, topic: Topic) -> bool;
}
