//! A connection that listens to a conversation: what it missed first, then what happens, each message once, in order.
//!
//! How the two are joined is [`merge`](super::merge)'s; dialects of plain WebSockets share this, and give it their own
//! words for an occurrence.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::Occurrence;
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{Author, Message, Sequence};
use switchboard_domain::ports::bus::Listener;
use switchboard_domain::scope::Scope;

use super::close::CloseCode;
use super::merge::{History, Merge};
use super::outbox::{Outbox, SendError};

/// Bytes that may wait before more history is sent.
const WAITING_BYTES: usize = 8 * 1024;
/// Bytes of history sent at once, as soon as this many have come together.
const CHUNK_BYTES: usize = 8 * 1024;
/// Pause while a slow client takes its history.
const PAUSE: Duration = Duration::from_millis(10);

/// How one dialect writes occurrences.
#[derive(Clone, Copy)]
pub struct Words {
    /// Its slot among an occurrence's ready-made renderings.
    pub slot: usize,
    /// The frame, given the number of the conversation for families that call it by that; empty where the dialect has
    /// no words for it.
    pub render: fn(&Occurrence, u64) -> Bytes,
}

/// One connection's ear.
pub struct Live {
    id: ConnectionId,
    is_staff: bool,
    words: Words,
    /// The conversation's number.
    number: u64,
    outbox: Outbox,
    merge: Mutex<Merge>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Live {
    /// An ear that is about to catch up ([`Live::catch_up`]).
    pub fn new(id: ConnectionId, is_staff: bool, words: Words, number: u64, outbox: Outbox) -> Self {
        Self {
            id,
            is_staff,
            words,
            number,
            outbox,
            merge: Merge::catching_up(),
        }
    }

    /// Sends everything behind `after`, then goes live ([`History`]).
    ///
    /// # Errors
    /// When the store cannot be read; the client is then told to come back.
    pub async fn catch_up(
        &self,
        hub: &Hub,
        scope: &Scope,
        conversation: &Conversation,
        after: Option<Sequence>,
    ) -> Result<(), HubError> {
        let mut history = History::behind(after, hub, scope, conversation);
        let mut question = None;
        while let Some(page) = history.next_page(&self.merge)? {
            let first = page.first().filter(|first| is_by_assistant(first));
            if let (None, Some(first)) = (&question, first) {
                question = hub.find_question(scope, conversation, first.sequence.saturating_sub(1))?;
            }
            let frames = page
                .iter()
                .map(|message| self.history_frame(hub, conversation, message, &mut question));
            if self
                .send_paced(frames.filter(|frame| !frame.is_empty()))
                .await
                .is_err()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    fn history_frame(
        &self,
        hub: &Hub,
        conversation: &Conversation,
        message: &Arc<Message>,
        question: &mut Option<Arc<Message>>,
    ) -> Bytes {
        if message.author == Author::Customer {
            *question = Some(Arc::clone(message));
        }
        let answers = is_by_assistant(message).then(|| question.clone()).flatten();
        let (organization, id) = (conversation.organization, conversation.id);
        let said = hub
            .services()
            .said(organization, id, None, Arc::clone(message), answers);
        (self.words.render)(&said, self.number)
    }

    /// Sends frames no faster than the client takes them, a few at a time.
    async fn send_paced(&self, frames: impl Iterator<Item = Bytes> + Send) -> Result<(), SendError> {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        for frame in frames {
            bytes += frame.len();
            chunk.push(frame);
            if bytes >= CHUNK_BYTES {
                self.wait_for_room().await;
                self.outbox.send(&chunk)?;
                chunk.clear();
                bytes = 0;
            }
        }
        self.wait_for_room().await;
        self.outbox.send(&chunk)
    }

    async fn wait_for_room(&self) {
        while self.outbox.waiting_bytes() > WAITING_BYTES && !self.outbox.is_closed() {
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn frame(&self, occurrence: &Occurrence) -> Option<Bytes> {
        let render = || (self.words.render)(occurrence, self.number);
        Some(occurrence.renderings.get_or_render(self.words.slot, render)).filter(|frame| !frame.is_empty())
    }
}

fn is_by_assistant(message: &Message) -> bool {
    message.author == Author::Assistant
}

impl Listener for Live {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn end(&self) {
        self.outbox.close(CloseCode::ConversationGone);
    }

    fn is_staff(&self) -> bool {
        self.is_staff
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        // The lock is held while sending, so that going live and hearing cannot swap their messages.
        let mut merge = self.merge.lock();
        if let [only] = occurrences {
            return self.hear_one(&mut merge, only);
        }
        let due = occurrences
            .iter()
            .filter(|occurrence| merge.is_due(&occurrence.event));
        let frames: Vec<_> = due.filter_map(|occurrence| self.frame(occurrence)).collect();
        if !frames.is_empty() {
            // A closing client comes back and resumes from its last sequence.
            self.outbox.send(&frames).ok();
        }
    }
}

impl Live {
    fn hear_one(&self, merge: &mut Merge, occurrence: &Occurrence) {
        if !merge.is_due(&occurrence.event) {
            return;
        }
        let Some(frame) = self.frame(occurrence) else {
            return;
        };
        // A client that is gone or closing comes back and resumes; a busy one needs no typing.
        if occurrence.event.droppable() {
            self.outbox.send_droppable(&frame).ok();
        } else {
            self.outbox.send(&[frame]).ok();
        }
    }
}
