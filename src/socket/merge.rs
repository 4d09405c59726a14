//! What a connection missed of a conversation, and what happens in it, as one sequence: each message once, in order.
//!
//! The subscription comes first, then the history is read from the store, then the two are joined: while history is
//! being sent, live messages are only noted, since the store has them too. Every dialect's ear holds a [`Merge`], under a
//! lock that it keeps while it sends a live message: so that going live and hearing cannot swap their messages.

use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::Event;
use switchboard_domain::message::{Message, Sequence};
use switchboard_domain::scope::Scope;

/// Messages of history read at a time.
const PAGE: usize = 100;

/// How far one connection has got.
#[derive(Debug)]
pub struct Merge(State);

#[derive(Debug)]
enum State {
    /// History is being sent; `missed`: a message came meanwhile.
    CatchingUp { missed: bool },
    /// Everything up to this sequence was sent.
    UpToDate(Sequence),
}

/// What a connection has missed, page after page.
#[derive(Debug)]
pub struct History<'a> {
    hub: &'a Hub,
    scope: &'a Scope,
    conversation: &'a Conversation,
    sent: Sequence,
}

impl Merge {
    /// An ear that is about to catch up.
    pub fn catching_up() -> Mutex<Self> {
        Mutex::new(Self(State::CatchingUp { missed: false }))
    }

    /// Whether this event is to be sent now.
    pub fn is_due(&mut self, event: &Event) -> bool {
        match (&mut self.0, event) {
            (State::CatchingUp { missed }, Event::Message(_)) => {
                *missed = true;
                false
            }
            (State::UpToDate(sent), Event::Message(message)) => {
                let is_new = message.sequence > *sent;
                *sent = message.sequence.max(*sent);
                is_new
            }
            _ => true,
        }
    }

    /// Ends the catching up unless a message has come since the store was last read.
    fn go_live(&mut self, sent: Sequence) -> bool {
        if matches!(self.0, State::CatchingUp { missed: true }) {
            self.0 = State::CatchingUp { missed: false };
            return false;
        }
        self.0 = State::UpToDate(sent);
        true
    }
}

impl<'a> History<'a> {
    /// Everything behind `after`. Without it, what comes behind what is newest now, and no later: a client that claims
    /// to have seen more is not to miss what comes.
    pub fn behind(
        after: Option<Sequence>,
        hub: &'a Hub,
        scope: &'a Scope,
        conversation: &'a Conversation,
    ) -> Self {
        let newest = conversation.last_sequence;
        Self {
            hub,
            scope,
            conversation,
            sent: after.unwrap_or(newest).min(newest),
        }
    }

    /// The next messages; `None` when there are no more and the connection has gone live.
    ///
    /// # Errors
    /// When the store cannot be read; the client is then told to come back.
    pub fn next_page(&mut self, merge: &Mutex<Merge>) -> Result<Option<Vec<Arc<Message>>>, HubError> {
        loop {
            let page = self
                .hub
                .list_messages(self.scope, self.conversation, self.sent, PAGE)?;
            if let Some(last) = page.last() {
                self.sent = last.sequence;
                return Ok(Some(page));
            }
            if merge.lock().go_live(self.sent) {
                return Ok(None);
            }
        }
    }
}
