//! One open `/ws` connection: its frames become calls into the hub, the answers go back as acks or errors.

use std::sync::Arc;

use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::messages::NewMessage;
use switchboard_domain::conversation::{Conversation, Rating};
use switchboard_domain::message::Message;
use switchboard_domain::ports::bus::Listener;
use switchboard_domain::scope::Scope;
use tokio::sync::oneshot;

use super::admission::Admitted;
use super::incoming::{FrameIn, Parsed};
use super::outgoing;
use crate::socket::close::CloseCode;
use crate::socket::connection::{Ended, Flow, SocketHandler};
use crate::socket::live::Live;
use crate::socket::outbox::Outbox;

/// One open connection.
pub(super) struct PlatformHandler {
    hub: Hub,
    scope: Scope,
    registration: switchboard_actors::hub::connections::Registration,
    conversation: Option<Arc<Conversation>>,
    live: Arc<Live>,
    outbox: Outbox,
    /// Ends once the history has been sent; gone after that.
    caught_up: Option<oneshot::Receiver<()>>,
}

/// What a frame has led to.
enum Answer {
    /// Done; a message was stored.
    Stored(Arc<Message>),
    /// Done; a recording was stored and could not be transcribed.
    Recorded(Arc<Message>),
    /// Done; nothing to name.
    Done,
}

impl PlatformHandler {
    /// Greets the client, subscribes it, and starts sending what it has missed.
    pub(super) fn begin(hub: Hub, mut admitted: Admitted, outbox: Outbox) -> Self {
        admitted.outbox.set(outbox.clone());
        // The client may have gone again; its connection then ends by itself.
        outbox
            .send(&[outgoing::established(&admitted, hub.services().now())])
            .ok();
        let Admitted {
            scope,
            conversation,
            last_sequence,
            ..
        } = &admitted;
        let id = admitted.registration.id();
        let live = Arc::new(Live::new(id, scope.is_staff(), outgoing::DIALECT, outbox.clone()));
        let (scope, conversation, after) = (scope.clone(), conversation.clone(), *last_sequence);
        let caught_up = match &conversation {
            Some(conversation) => {
                let listener: Arc<dyn Listener> = Arc::<Live>::clone(&live);
                // The reach was checked at admission.
                drop(admitted.registration.hear_conversation(conversation, listener));
                Some(catch_up(&hub, &scope, conversation, &live, &outbox, after))
            }
            None => None,
        };
        let offers: Arc<dyn Listener> = Arc::<Live>::clone(&live);
        // Only agents hear offers; for others there is nothing to subscribe.
        drop(admitted.registration.hear_offers(offers));
        Self {
            hub,
            scope,
            registration: admitted.registration,
            conversation,
            live,
            outbox,
            caught_up,
        }
    }

    async fn act(&mut self, id: Option<&str>, frame: FrameIn) -> Result<Answer, HubError> {
        match frame {
            FrameIn::HandoverAccept { session_id } => self.accept(session_id).await,
            frame => self.act_in(id, self.joined()?, frame).await,
        }
    }

    async fn act_in(
        &self,
        id: Option<&str>,
        conversation: Arc<Conversation>,
        frame: FrameIn,
    ) -> Result<Answer, HubError> {
        let reference = || conversation.id.to_string();
        match frame {
            FrameIn::Text { text } => self.say(id, &conversation, text).await,
            FrameIn::Audio { audio, format } => self.record(id, &conversation, &audio, &format).await,
            FrameIn::Typing { is_typing } => {
                self.hub.typing(
                    &self.scope,
                    &conversation,
                    is_typing,
                    Some(self.registration.id()),
                );
                Ok(Answer::Done)
            }
            FrameIn::HandoverRequest => self
                .hub
                .request_handover(&self.scope, &reference())
                .await
                .map(|_| Answer::Done),
            FrameIn::HandoverRelease => self
                .hub
                .release_handover(&self.scope, &reference())
                .await
                .map(|_| Answer::Done),
            FrameIn::Close => self
                .hub
                .close_conversation(&self.scope, &reference())
                .await
                .map(|_| Answer::Done),
            FrameIn::Rating { rating, comment } => {
                let rating = Rating {
                    stars: rating,
                    comment,
                };
                self.hub
                    .rate_conversation(&self.scope, &reference(), rating)
                    .await
                    .map(|_| Answer::Done)
            }
            FrameIn::HandoverAccept { .. } => Ok(Answer::Done),
        }
    }

    async fn say(&self, id: Option<&str>, to: &Conversation, text: String) -> Result<Answer, HubError> {
        let message = self.message(id, text);
        let done = if self.scope.is_staff() {
            self.hub.send_message(&self.scope, to, message).await?
        } else {
            self.hub.receive_message(&self.scope, to, message).await?
        };
        let stored = done.messages.into_iter().next();
        stored
            .map(Answer::Stored)
            .ok_or_else(|| HubError::internal("a message was not stored"))
    }

    async fn record(
        &self,
        id: Option<&str>,
        to: &Conversation,
        audio: &str,
        format: &str,
    ) -> Result<Answer, HubError> {
        let message = self.message(id, String::new());
        let answered = self
            .hub
            .receive_audio(&self.scope, to, audio, format, message)
            .await?;
        Ok(Answer::Recorded(answered.question))
    }

    fn message(&self, id: Option<&str>, text: String) -> NewMessage {
        NewMessage {
            text,
            client_id: id.map(str::to_owned),
            origin: Some(self.registration.id()),
        }
    }

    /// Takes charge of the joined session, or joins and takes an offered one.
    async fn accept(&mut self, session_id: Option<String>) -> Result<Answer, HubError> {
        let (Some(offered), None) = (session_id, &self.conversation) else {
            let joined = self.joined()?;
            return self
                .hub
                .accept_handover(&self.scope, &joined.id.to_string())
                .await
                .map(|_| Answer::Done);
        };
        let conversation = self.hub.accept_handover(&self.scope, &offered).await?;
        let listener: Arc<dyn Listener> = Arc::<Live>::clone(&self.live);
        self.registration.hear_conversation(&conversation, listener)?;
        self.caught_up = Some(catch_up(
            &self.hub,
            &self.scope,
            &conversation,
            &self.live,
            &self.outbox,
            Some(0),
        ));
        self.conversation = Some(conversation);
        Ok(Answer::Done)
    }

    fn joined(&self) -> Result<Arc<Conversation>, HubError> {
        let missing = || HubError::invalid("sessionId", "join a session first: connect with sessionId");
        self.conversation.clone().ok_or_else(missing)
    }

    fn answer(&self, id: Option<&str>, answer: &Result<Answer, HubError>) {
        let now = self.hub.services().now();
        let mut frames = Vec::with_capacity(2);
        match (answer, id) {
            (Ok(Answer::Stored(message) | Answer::Recorded(message)), Some(id)) => {
                frames.push(outgoing::ack(id, Some(message), now));
            }
            (Ok(Answer::Done), Some(id)) => frames.push(outgoing::ack(id, None, now)),
            (Ok(_), None) => {}
            (Err(error), id) => frames.push(outgoing::refused(id, error, now)),
        }
        if matches!(answer, Ok(Answer::Recorded(_))) {
            frames.push(outgoing::transcription("", now));
        }
        // A client that has gone comes back and resumes.
        self.outbox.send(&frames).ok();
    }
}

impl SocketHandler for PlatformHandler {
    async fn on_text(&mut self, text: &str) -> Flow {
        // What a client missed comes before the answers to what it says now.
        if let Some(caught_up) = self.caught_up.take()
            && caught_up.await.is_err()
        {
            return Flow::Close(CloseCode::Internal);
        }
        let Parsed { id, frame } = Parsed::of(text);
        match frame {
            Ok(frame) => {
                let answer = self.act(id.as_deref(), frame).await;
                self.answer(id.as_deref(), &answer);
                Flow::Continue
            }
            Err(message) => {
                let now = self.hub.services().now();
                self.outbox
                    .send(&[outgoing::broken(id.as_deref(), &message, now)])
                    .ok();
                Flow::Broken
            }
        }
    }

    async fn on_binary(&mut self) -> Flow {
        let now = self.hub.services().now();
        self.outbox
            .send(&[outgoing::broken(
                None,
                "binary frames are not understood here",
                now,
            )])
            .ok();
        Flow::Broken
    }

    async fn on_close(&mut self, _: Ended) {
        if let Some(conversation) = &self.conversation {
            self.hub
                .typing(&self.scope, conversation, false, Some(self.registration.id()));
        }
    }
}

/// Sends what was missed on a task of its own; a store that cannot be read closes the socket, to be resumed.
fn catch_up(
    hub: &Hub,
    scope: &Scope,
    conversation: &Arc<Conversation>,
    live: &Arc<Live>,
    outbox: &Outbox,
    after: Option<u64>,
) -> oneshot::Receiver<()> {
    let (done, caught_up) = oneshot::channel();
    let (hub, scope, conversation) = (hub.clone(), scope.clone(), Arc::clone(conversation));
    let (live, outbox) = (Arc::clone(live), outbox.clone());
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
