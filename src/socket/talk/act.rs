//! What a connected client can do in a conversation, whatever its dialect calls it: one call into the hub for each.

use std::sync::Arc;

use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::messages::NewMessage;
use switchboard_domain::conversation::{Conversation, Rating};
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::Message;
use switchboard_domain::scope::Scope;

/// Something a client does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says this.
    Say(String),
    /// Sends a recording.
    Record {
        /// Base64 of the file.
        audio: String,
        /// What kind of file.
        format: String,
    },
    /// Types, or has stopped.
    Type(bool),
    /// Wants a person.
    RequestHandover,
    /// Takes charge.
    Accept,
    /// Gives the conversation back to the assistant.
    Release,
    /// Ends the conversation.
    Close,
    /// Says how satisfied the customer is.
    Rate(Rating),
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Done {
    /// Where it was done.
    pub conversation: Arc<Conversation>,
    /// The message that was stored, if one was.
    pub message: Option<Arc<Message>>,
    /// The message is a recording; its text is what was heard, empty where nothing could be.
    pub is_recording: bool,
}

/// The one who acts, by this connection.
pub(super) struct Actor<'a> {
    pub(super) hub: &'a Hub,
    pub(super) scope: &'a Scope,
    pub(super) connection: ConnectionId,
}

impl Actor<'_> {
    pub(super) async fn act(
        &self,
        id: Option<&str>,
        conversation: &Arc<Conversation>,
        act: Act,
    ) -> Result<Done, HubError> {
        let (message, is_recording) = match act {
            Act::Say(text) => (Some(self.say(id, conversation, text).await?), false),
            Act::Record { audio, format } => {
                let message = self.message(id, String::new());
                let answered = self
                    .hub
                    .receive_audio(self.scope, conversation, &audio, &format, message)
                    .await?;
                (Some(answered.question), true)
            }
            act => {
                self.steer(conversation, act).await?;
                (None, false)
            }
        };
        Ok(Done {
            conversation: Arc::clone(conversation),
            message,
            is_recording,
        })
    }

    /// Everything that stores no message of the client's.
    async fn steer(&self, conversation: &Conversation, act: Act) -> Result<(), HubError> {
        let (hub, scope, reference) = (self.hub, self.scope, conversation.id.to_string());
        match act {
            Act::Type(is_typing) => hub.typing(scope, conversation, is_typing, Some(self.connection)),
            Act::RequestHandover => drop(hub.request_handover(scope, &reference).await?),
            Act::Accept => drop(hub.accept_handover(scope, &reference).await?),
            Act::Release => drop(hub.release_handover(scope, &reference).await?),
            Act::Close => drop(hub.close_conversation(scope, &reference).await?),
            Act::Rate(rating) => drop(hub.rate_conversation(scope, &reference, rating).await?),
            Act::Say(_) | Act::Record { .. } => {}
        }
        Ok(())
    }

    async fn say(&self, id: Option<&str>, to: &Conversation, text: String) -> Result<Arc<Message>, HubError> {
        let message = self.message(id, text);
        let done = if self.speaks_as_agent(to) {
            self.hub.send_message(self.scope, to, message).await?
        } else {
            self.hub.receive_message(self.scope, to, message).await?
        };
        let stored = done.messages.into_iter().next();
        stored.ok_or_else(|| HubError::internal("a message was not stored"))
    }

    /// Staff speak as agents, but as the customer in conversations of their own; services have no agent's name to speak
    /// in, they pass on what customers say.
    fn speaks_as_agent(&self, conversation: &Conversation) -> bool {
        let is_agent = self
            .scope
            .account()
            .is_some_and(|account| account.role.is_staff());
        is_agent && !self.scope.owns(conversation)
    }

    fn message(&self, id: Option<&str>, text: String) -> NewMessage {
        NewMessage {
            text,
            client_id: id.map(str::to_owned),
            origin: Some(self.connection),
            ..NewMessage::default()
        }
    }
}
