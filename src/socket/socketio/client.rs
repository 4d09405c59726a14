//! One connected client: a task that takes its events one after the other, and ends with the connection.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::messages::NewMessage;
use switchboard_domain::conversation::Rating;
use tokio::sync::mpsc;

use super::inbox::{Notices, Received};
use super::incoming::{EventIn, JoinIn, MessageIn, RatingIn, RoomAct, TypingIn, UserType};
use super::outgoing::{Voice, agent_out};
use super::rooms::{Room, Rooms};
use crate::shutdown::Signal;

/// Time from a credential's check to the client's being connected, which is a matter of microseconds.
const CONNECTED: Duration = Duration::from_secs(10);
/// Time the last words have to leave.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Events in a row that cannot be understood before the client is disconnected.
const BROKEN_EVENTS: u32 = 3;

/// A connected client.
pub(super) struct Client {
    /// The core.
    pub(super) hub: Hub,
    /// Its way out.
    pub(super) voice: Voice,
    /// What it hears.
    pub(super) rooms: Rooms,
}

/// What moves a client's task.
pub(super) struct Feed {
    /// Its events.
    pub(super) received: mpsc::Receiver<Received>,
    /// What else it is told.
    pub(super) notices: Arc<Notices>,
    /// The order to stop.
    pub(super) stop: Signal,
    /// Dropped when the task is done.
    pub(super) _working: mpsc::Sender<()>,
}

/// What an event has led to.
struct Done {
    /// The rest of the acknowledgement.
    answer: Value,
    /// A room that was entered, and from where its history is to be sent.
    entered: Option<(Room, Option<u64>)>,
}

impl Client {
    /// Runs until the client has gone, its credential has ended, or the order to stop was given.
    pub(super) async fn run(mut self, mut feed: Feed) {
        let connected = feed.notices.connected.notified();
        if tokio::time::timeout(CONNECTED, connected).await.is_err() {
            return;
        }
        self.rooms.hear_offers();
        let mut broken = 0;
        while broken < BROKEN_EVENTS {
            let received = tokio::select! {
                biased;
                () = feed.notices.gone.notified() => return,
                () = feed.notices.credential_ended.notified() => return self.end_credential(),
                () = feed.stop.given() => return self.announce_restart().await,
                received = feed.received.recv() => received,
            };
            let Some(received) = received else { return };
            let understood = tokio::select! {
                biased;
                () = feed.notices.gone.notified() => return,
                understood = self.take(received) => understood,
            };
            broken = if understood { 0 } else { broken + 1 };
        }
        // A client whose buffer is full is cut off by the very attempt to tell it something.
        self.disconnect();
    }

    /// Does what an event asks for and answers it; whether it was understood.
    async fn take(&mut self, received: Received) -> bool {
        let Received {
            event, name, reply, ..
        } = received;
        let event = match event {
            Ok(event) => event,
            Err(message) => {
                reply.fail(&self.voice, &name, "invalid_request", &message);
                return false;
            }
        };
        match self.act(event).await {
            Ok(done) => {
                reply.done(&self.voice, &done.answer);
                if let Some((room, after)) = done.entered {
                    self.catch_up(&room, after).await;
                }
            }
            Err(error) => reply.refuse(&self.voice, &name, &error),
        }
        true
    }

    async fn act(&mut self, event: EventIn) -> Result<Done, HubError> {
        match event {
            EventIn::Join(join) => self.join(&join),
            EventIn::Message(message) => self.send(message).await,
            EventIn::Typing(typing) => self.typing(&typing).map(Done::of),
            EventIn::Rating(rating) => self.rate(rating).await.map(Done::of),
            EventIn::Room(act, named) => self.act_on(act, &named.room).await.map(Done::of),
        }
    }

    fn join(&mut self, join: &JoinIn) -> Result<Done, HubError> {
        let (mut room, mut is_new) = self.rooms.enter(&join.room, join.user_type)?;
        if !is_new && join.last_sequence.is_some() {
            // Joined before, and now from an earlier place: as if it had left between.
            self.rooms.leave(&room);
            (room, is_new) = self.rooms.enter(&join.room, join.user_type)?;
        }
        let known = room.conversation.id.to_string();
        let conversation = self.hub.get_conversation(&room.scope, &known)?;
        let answer = json!({
            "status": "ok", "room": conversation.id, "lastSequence": conversation.last_sequence,
            "room_status": conversation.status.as_str(),
            "agent": agent_out(&conversation.status, conversation.agent_name.as_deref()),
        });
        let entered = is_new.then_some((room, join.last_sequence));
        Ok(Done { answer, entered })
    }

    async fn send(&mut self, message: MessageIn) -> Result<Done, HubError> {
        let (room, is_new) = self.rooms.enter(&message.room, message.user_type)?;
        if is_new {
            room.catch_up(&self.hub, None).await?;
        }
        let new = NewMessage {
            text: message.message,
            client_id: message.id,
            // Of no origin: the sender hears its own message as everybody does.
            ..NewMessage::default()
        };
        let done = if room.scope.is_staff() {
            self.hub
                .send_message(&room.scope, &room.conversation, new)
                .await?
        } else {
            self.hub
                .receive_message(&room.scope, &room.conversation, new)
                .await?
        };
        let stored = done.messages.first();
        let stored = stored.ok_or_else(|| HubError::internal("a message was not stored"))?;
        Ok(Done::of(json!({
            "status": "ok", "room": room.conversation.id, "message_id": stored.id, "sequence": stored.sequence,
            "timestamp": stored.at.to_string(),
        })))
    }

    fn typing(&self, typing: &TypingIn) -> Result<Value, HubError> {
        let room = self.rooms.joined(&typing.room)?;
        let (scope, by) = (&room.scope, Some(room.connection));
        self.hub.typing(scope, &room.conversation, typing.is_typing, by);
        Ok(json!({"status": "ok", "room": room.conversation.id}))
    }

    async fn rate(&mut self, rating: RatingIn) -> Result<Value, HubError> {
        let room = self.rooms.joined(&rating.room)?;
        let rating = Rating {
            stars: rating.rating,
            comment: rating.comment,
        };
        let id = room.conversation.id;
        self.hub
            .rate_conversation(&room.scope, &id.to_string(), rating)
            .await?;
        Ok(json!({"status": "ok", "room": id}))
    }

    async fn act_on(&mut self, act: RoomAct, name: &str) -> Result<Value, HubError> {
        // An agent may take what it was offered without having joined it.
        let room = match act {
            RoomAct::AcceptHandover => self.rooms.enter(name, Some(UserType::Admin))?,
            _ => (self.rooms.joined(name)?, false),
        };
        let (room, is_new) = room;
        let (scope, id) = (&room.scope, room.conversation.id.to_string());
        let conversation = match act {
            RoomAct::Leave => {
                self.hub
                    .typing(scope, &room.conversation, false, Some(room.connection));
                self.rooms.leave(&room);
                return Ok(json!({"status": "ok", "room": id}));
            }
            RoomAct::RequestHandover => self.hub.request_handover(scope, &id).await?,
            RoomAct::AcceptHandover => {
                if is_new {
                    room.catch_up(&self.hub, None).await?;
                }
                self.hub.accept_handover(scope, &id).await?
            }
            RoomAct::ReleaseHandover => self.hub.release_handover(scope, &id).await?,
            RoomAct::Close => self.hub.close_conversation(scope, &id).await?,
        };
        Ok(json!({"status": "ok", "room": id, "room_status": conversation.status.as_str()}))
    }

    /// Sends a room's history; a store that cannot be read ends the connection, to be resumed.
    async fn catch_up(&self, room: &Room, after: Option<u64>) {
        if let Err(error) = room.catch_up(&self.hub, after).await {
            tracing::warn!(%error, "history could not be read for a Socket.IO client");
            self.voice.transport.cut();
        }
    }

    /// Tells the client to come back with another credential, and disconnects it: it does not reconnect by itself.
    fn end_credential(self) {
        let told = json!({"code": "unauthorized", "message": "Could not validate credentials"});
        self.voice.say("credentials_ended", &told).ok();
        self.disconnect();
    }

    /// Tells the client why its transport is about to end; it reconnects by itself.
    ///
    /// Waits until the words have left: ending a session drops what its client has not taken yet.
    async fn announce_restart(self) {
        let told = json!({"message": "The server restarts: reconnect, and resume"});
        let transport = &self.voice.transport;
        let before = transport.written();
        if self.voice.say("server_restart", &told).is_ok() {
            let left = transport.until_written(before.saturating_add(1));
            // A client that takes nothing is not told; it keeps nobody waiting.
            tokio::time::timeout(LAST_WORDS, left).await.ok();
        }
    }

    fn disconnect(self) {
        let Voice { socket, transport } = self.voice;
        if socket.disconnect().is_err() {
            transport.cut();
        }
    }
}

impl Done {
    fn of(answer: Value) -> Self {
        Self {
            answer,
            entered: None,
        }
    }
}
