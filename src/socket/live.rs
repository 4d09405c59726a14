//! A connection that listens to a conversation: what it missed first, then what happens, each message once, in order.
//!
//! The subscription comes first, then the history is read from the store, then the two are joined by sequence: while
//! history is being sent, live messages are only noted, since the store has them too. Dialects share this; they give
//! it their own words for an occurrence.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{Author, Message, Sequence};
use switchboard_domain::ports::bus::Listener;
use switchboard_domain::scope::Scope;

use super::outbox::{Outbox, SendError};

/// Messages of history read at a time.
const PAGE: usize = 100;
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
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// History is being sent; `missed`: a message came meanwhile.
    CatchingUp { missed: bool },
    /// Everything up to this sequence was sent.
    UpToDate(Sequence),
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
            state: Mutex::new(State::CatchingUp { missed: false }),
        }
    }

    /// Sends everything behind `after`, then goes live. Without `after`, live from what is newest now, and no later:
    /// a client that claims to have seen more is not to miss what comes.
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
        let newest = conversation.last_sequence;
        let mut sent = after.unwrap_or(newest).min(newest);
        let mut question = None;
        loop {
            let page = hub.list_messages(scope, conversation, sent, PAGE)?;
            if page.is_empty() {
                if self.go_live(sent) {
                    return Ok(());
                }
                continue;
            }
            if question.is_none() && page.first().is_some_and(|first| is_by_assistant(first)) {
                question = hub.find_question(scope, conversation, sent)?;
            }
            sent = page.last().map_or(sent, |message| message.sequence);
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

    /// Ends the catching up unless a message has come since the store was last read.
    fn go_live(&self, sent: Sequence) -> bool {
        let mut state = self.state.lock();
        if matches!(*state, State::CatchingUp { missed: true }) {
            *state = State::CatchingUp { missed: false };
            return false;
        }
        *state = State::UpToDate(sent);
        true
    }

    /// Whether this occurrence is to be sent now.
    fn is_due(state: &mut State, event: &Event) -> bool {
        match (state, event) {
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

    fn is_staff(&self) -> bool {
        self.is_staff
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        // The lock is held while sending, so that going live and hearing cannot swap their messages.
        let mut state = self.state.lock();
        if let [only] = occurrences {
            return self.hear_one(&mut state, only);
        }
        let due = occurrences
            .iter()
            .filter(|occurrence| Self::is_due(&mut state, &occurrence.event));
        let frames: Vec<_> = due.filter_map(|occurrence| self.frame(occurrence)).collect();
        if !frames.is_empty() {
            // A closing client comes back and resumes from its last sequence.
            self.outbox.send(&frames).ok();
        }
    }
}

impl Live {
    fn hear_one(&self, state: &mut State, occurrence: &Occurrence) {
        if !Self::is_due(state, &occurrence.event) {
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
