//! How a Socket.IO client listens to a room, and to the offers made to its agent.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use switchboard_actors::error::HubError;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::Occurrence;
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::Message;
use switchboard_domain::ports::bus::Listener;

use super::outgoing::{RoomView, Voice};
use crate::socket::merge::{History, Merge};
use crate::socket::outbox::SendError;

/// Messages of history sent at once.
const CHUNK: usize = 16;

/// One client's ear in one room.
pub(super) struct Ear {
    id: ConnectionId,
    is_staff: bool,
    view: RoomView,
    voice: Voice,
    merge: Mutex<Merge>,
}

impl Ear {
    /// An ear that is about to catch up.
    pub(super) fn new(id: ConnectionId, is_staff: bool, conversation: &Conversation, voice: Voice) -> Self {
        Self {
            id,
            is_staff,
            view: RoomView::of(conversation),
            voice,
            merge: Merge::catching_up(),
        }
    }

    /// Sends what was missed, no faster than the client takes it, then goes live.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn catch_up(&self, mut history: History<'_>) -> Result<(), HubError> {
        while let Some(page) = history.next_page(&self.merge)? {
            for chunk in page.chunks(CHUNK) {
                if self.send(chunk).await.is_err() {
                    // A client that is gone or cut off comes back and resumes.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn send(&self, chunk: &[Arc<Message>]) -> Result<(), SendError> {
        let before = self.voice.transport.written();
        let mut least = 0;
        for message in chunk {
            self.voice.tell_message(&self.view, message)?;
            least += u64::try_from(message.text.len()).unwrap_or(0);
        }
        // What leaves is more than the texts: this waits no longer than it takes them to leave.
        let least = before.saturating_add(least);
        self.voice.transport.until_written(least).await;
        Ok(())
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Listener for Ear {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn is_staff(&self) -> bool {
        self.is_staff
    }

    fn end(&self) {
        let gone = json!({"status": "error", "code": "room_gone", "message": "The room is gone",
            "room": self.view.room});
        // A client that is gone needs no telling.
        self.voice.say("error", &gone).ok();
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        let mut merge = self.merge.lock();
        for occurrence in occurrences {
            if merge.is_due(&occurrence.event) {
                // A client that is gone or cut off comes back and resumes.
                self.voice.tell(&self.view, occurrence).ok();
            }
        }
    }
}

/// An agent's ear for what concerns it in every room.
#[derive(Debug)]
pub(super) struct OfferEar {
    /// The connection.
    pub(super) id: ConnectionId,
    /// The agent's client.
    pub(super) voice: Voice,
}

impl Listener for OfferEar {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn is_staff(&self) -> bool {
        true
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        for occurrence in occurrences {
            // An agent that has gone is offered it again when it comes back.
            self.voice.tell_event(occurrence).ok();
        }
    }
}
