//! One open connection of any dialect: its frames become acts in the hub, the answers go back as acks or errors.
//!
//! A dialect says what it reads, where a frame belongs and how it writes ([`Dialect`]); everything else is here.
//! Invariant: what a client missed comes before the answers to what it says now.

pub mod act;
mod incoming;
pub mod outgoing;

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::connections::Registration;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::Sequence;
use switchboard_domain::ports::bus::Listener;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;
use tokio::sync::oneshot;

use self::act::{Act, Done};
use self::incoming::Parsed;
use super::close::CloseCode;
use super::connection::{Ended, Flow, SocketHandler};
use super::gate::Seat;
use super::live::{Live, Words};
use super::outbox::Outbox;

/// What makes a protocol its family's own.
pub trait Dialect: Send + Sync + Sized + 'static {
    /// What clients may send: one JSON object a frame, told apart by `type`.
    type FrameIn: DeserializeOwned + Send;

    /// How occurrences are written.
    const WORDS: Words;

    /// Does what a frame asks for, in the conversation it belongs to.
    fn act(
        talk: &mut Talk<Self>,
        id: Option<&str>,
        frame: Self::FrameIn,
    ) -> impl Future<Output = Result<Done, HubError>> + Send;

    /// Says that the frame of this id is done and durable.
    fn ack(id: &str, done: &Done, now: Timestamp) -> Bytes {
        outgoing::ack(id, done, now)
    }

    /// What a sender is told besides, whether or not its frame had an id.
    fn besides(_: &Done, _: Timestamp) -> Option<Bytes> {
        None
    }

    /// The family's word for an error.
    fn code(error: &HubError) -> &'static str;
}

/// One open connection.
pub struct Talk<D> {
    hub: Hub,
    scope: Scope,
    registration: Registration,
    outbox: Outbox,
    joined: Vec<Joined>,
    dialect: D,
}

/// A conversation that the connection hears.
struct Joined {
    conversation: Arc<Conversation>,
    /// Ends once the history has been sent; gone after that.
    caught_up: Option<oneshot::Receiver<()>>,
}

impl<D: Dialect> Talk<D> {
    /// The connection on this seat, which has joined no conversation yet.
    pub fn new(hub: Hub, seat: Seat, outbox: Outbox, dialect: D) -> Self {
        seat.outbox.set(outbox.clone());
        Self {
            hub,
            scope: seat.scope,
            registration: seat.registration,
            outbox,
            joined: Vec::new(),
            dialect,
        }
    }

    /// The core.
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Who is connected.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What the dialect remembers of this connection.
    pub const fn dialect(&mut self) -> &mut D {
        &mut self.dialect
    }

    /// The connection's id.
    pub const fn id(&self) -> ConnectionId {
        self.registration.id()
    }

    /// Sends frames as they are.
    pub fn send(&self, frames: &[Bytes]) {
        // A client that has gone comes back and resumes.
        self.outbox.send(frames).ok();
    }

    /// The conversation that was joined last.
    pub fn joined(&self) -> Option<Arc<Conversation>> {
        self.joined.last().map(|joined| Arc::clone(&joined.conversation))
    }

    /// The joined conversation of this number.
    pub fn find_joined(&self, number: u64) -> Option<Arc<Conversation>> {
        let mut all = self.joined.iter().map(|joined| &joined.conversation);
        all.find(|conversation| conversation.number == number).cloned()
    }

    /// How many conversations the connection hears.
    pub fn joined_count(&self) -> usize {
        self.joined.len()
    }

    /// Hears the conversation from now on; first what came behind `after`, if that is given.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the caller does not reach it.
    pub fn join(
        &mut self,
        conversation: &Arc<Conversation>,
        after: Option<Sequence>,
    ) -> Result<(), HubError> {
        let live = self.ear(conversation.number);
        let listener: Arc<dyn Listener> = Arc::<Live>::clone(&live);
        self.registration.hear_conversation(conversation, listener)?;
        let caught_up = self.catch_up(live, conversation, after);
        self.joined.push(Joined {
            conversation: Arc::clone(conversation),
            caught_up: Some(caught_up),
        });
        Ok(())
    }

    /// Hears the offers to the agent who is connected; for others there are none.
    pub fn hear_offers(&mut self) {
        if self.scope.is_staff() && self.scope.account().is_some() {
            let offers: Arc<dyn Listener> = self.ear(0);
            // An agent may hear offers.
            drop(self.registration.hear_offers(offers));
        }
    }

    /// Does an act under a frame's id.
    ///
    /// # Errors
    /// Why the hub refuses it.
    pub async fn act(
        &self,
        id: Option<&str>,
        conversation: &Arc<Conversation>,
        act: Act,
    ) -> Result<Done, HubError> {
        let actor = act::Actor {
            hub: &self.hub,
            scope: &self.scope,
            connection: self.registration.id(),
        };
        actor.act(id, conversation, act).await
    }

    /// Waits until everything that was missed has been sent; false when it could not be read.
    pub async fn caught_up(&mut self) -> bool {
        for joined in &mut self.joined {
            if let Some(caught_up) = joined.caught_up.take()
                && caught_up.await.is_err()
            {
                return false;
            }
        }
        true
    }

    fn ear(&self, number: u64) -> Arc<Live> {
        let (id, is_staff) = (self.registration.id(), self.scope.is_staff());
        Arc::new(Live::new(id, is_staff, D::WORDS, number, self.outbox.clone()))
    }

    /// Sends what was missed on a task of its own; a store that cannot be read closes the socket, to be resumed.
    fn catch_up(
        &self,
        live: Arc<Live>,
        conversation: &Arc<Conversation>,
        after: Option<Sequence>,
    ) -> oneshot::Receiver<()> {
        let (done, caught_up) = oneshot::channel();
        let (hub, scope, conversation) = (self.hub.clone(), self.scope.clone(), Arc::clone(conversation));
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            if let Err(error) = live.catch_up(&hub, &scope, &conversation, after).await {
                tracing::warn!(%error, "history could not be read for a socket");
                outbox.close(CloseCode::Internal);
            }
            // A connection that has ended meanwhile needs no word.
            done.send(()).ok();
        });
        caught_up
    }

    fn answer(&self, id: Option<&str>, answer: &Result<Done, HubError>) {
        let now = self.hub.services().now();
        let frames: Vec<Bytes> = match answer {
            Ok(done) => {
                let ack = id.map(|id| D::ack(id, done, now));
                ack.into_iter().chain(D::besides(done, now)).collect()
            }
            Err(error) => {
                if let HubError::Internal(inner) = error {
                    tracing::error!(inner, "a frame could not be processed");
                }
                vec![outgoing::error(id, D::code(error), &error.to_string(), now)]
            }
        };
        self.send(&frames);
    }

    fn broken(&self, id: Option<&str>, message: &str) -> Flow {
        let now = self.hub.services().now();
        self.send(&[outgoing::error(id, outgoing::INVALID_REQUEST, message, now)]);
        Flow::Broken
    }
}

impl<D: Dialect> SocketHandler for Talk<D> {
    async fn on_text(&mut self, text: &str) -> Flow {
        if !self.caught_up().await {
            return Flow::Close(CloseCode::Internal);
        }
        let Parsed { id, frame } = Parsed::<D::FrameIn>::of(text);
        match frame {
            Ok(frame) => {
                let answer = D::act(self, id.as_deref(), frame).await;
                self.answer(id.as_deref(), &answer);
                Flow::Continue
            }
            Err(message) => self.broken(id.as_deref(), &message),
        }
    }

    async fn on_binary(&mut self) -> Flow {
        self.broken(None, "binary frames are not understood here")
    }

    async fn on_close(&mut self, _: Ended) {
        for Joined { conversation, .. } in &self.joined {
            self.hub
                .typing(&self.scope, conversation, false, Some(self.registration.id()));
        }
    }
}
