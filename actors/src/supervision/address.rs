//! A stable address of an actor that may be restarted behind it.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use ractor::{ActorRef, Message, MessagingErr};

use crate::error::HubError;

/// Where to send messages of type `M`, whichever incarnation of the actor is alive.
pub struct Address<M>(Arc<ArcSwapOption<ActorRef<M>>>);

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> Default for Address<M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

impl<M: Message> Address<M> {
    /// Points the address at a new incarnation.
    pub fn set(&self, actor: ActorRef<M>) {
        self.0.store(Some(Arc::new(actor)));
    }

    /// The incarnation alive now.
    pub fn get(&self) -> Option<ActorRef<M>> {
        self.0.load_full().map(|actor| actor.as_ref().clone())
    }

    /// Sends a message; while the actor is being restarted the caller is told to come back.
    pub fn send(&self, message: M) -> Result<(), HubError> {
        let actor = self.get().ok_or(HubError::Unavailable)?;
        actor
            .send_message(message)
            .map_err(|error: MessagingErr<M>| match error {
                MessagingErr::SendErr(_) | MessagingErr::ChannelClosed => HubError::Unavailable,
                MessagingErr::InvalidActorType => {
                    HubError::internal("an address points at an actor of another type")
                }
            })
    }

    /// Sends a message that may be lost: the actor rebuilds what it needs when it starts again.
    pub fn notify(&self, message: M) {
        if let Err(error) = self.send(message) {
            tracing::debug!(%error, "a notice was not delivered");
        }
    }
}
