//! Open sockets: registered with their credential, subscribed to what they may hear, and typing.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::event::Typist;
use switchboard_domain::id::{ConnectionId, ConversationId};
use switchboard_domain::ports::bus::{Listener, Topic};
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::Hub;
use super::messages::{acting, check_reach};
use crate::channel::web::{Closer, TypingNotice, WebCommand};
use crate::desk::DeskCommand;
use crate::error::HubError;
use crate::presence::PresenceCommand;

/// An open connection; it leaves the hub's books when this is dropped.
#[derive(Debug)]
pub struct Registration {
    hub: Hub,
    id: ConnectionId,
    scope: Scope,
    topics: Vec<Topic>,
}

impl Hub {
    /// A new connection's id.
    pub fn new_connection_id(&self) -> ConnectionId {
        ConnectionId::generate(self.services.now(), self.services.ports.random.as_ref())
    }

    /// Writes a connection into the books: it is closed when its credential ends, and staff are online while it lasts.
    ///
    /// # Errors
    /// [`HubError::Throttled`] when the account has as many connections as it may have.
    pub fn register_connection(
        &self,
        id: ConnectionId,
        scope: &Scope,
        expires: Option<Timestamp>,
        closer: Arc<dyn Closer>,
    ) -> Result<Registration, HubError> {
        let limit = self.services.settings.accounts.sockets_per_account;
        self.connections.open(id, scope.clone(), expires, closer, limit)?;
        if let Ok(agent) = acting(scope) {
            self.links
                .presence
                .notify(PresenceCommand::Connected(scope.organization, agent.id));
        }
        Ok(Registration {
            hub: self.clone(),
            id,
            scope: scope.clone(),
            topics: Vec::new(),
        })
    }

    /// Says that the caller types, or has stopped. Best effort.
    pub fn typing(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        is_typing: bool,
        origin: Option<ConnectionId>,
    ) {
        if !scope.reaches(conversation) {
            return;
        }
        let typist = acting(scope).map_or(Typist::Customer, |agent| Typist::Agent {
            id: agent.id,
            name: agent.name,
        });
        self.links.web.notify(WebCommand::Typing(TypingNotice {
            organization: conversation.organization,
            conversation: conversation.id,
            typist,
            is_typing,
            origin,
        }));
    }
}

impl Registration {
    /// The connection's id.
    pub const fn id(&self) -> ConnectionId {
        self.id
    }

    /// From now on `listener` hears what happens in the conversation.
    pub fn hear_conversation(
        &mut self,
        conversation: &Conversation,
        listener: Arc<dyn Listener>,
    ) -> Result<(), HubError> {
        check_reach(&self.scope, conversation)?;
        self.hear(Topic::Conversation(conversation.id), listener);
        Ok(())
    }

    /// From now on `listener` hears what concerns the agent who is connected.
    pub fn hear_offers(&mut self, listener: Arc<dyn Listener>) -> Result<(), HubError> {
        let agent = acting(&self.scope)?;
        self.hear(Topic::Agent(agent.id), listener);
        // Offers made since the agent came online, or to a connection it has lost, went unheard.
        self.hub
            .links
            .desk
            .notify(DeskCommand::OffersHeard(self.scope.organization, agent.id));
        Ok(())
    }

    /// From now on nothing of the conversation is heard any more; nothing happens when it was not.
    pub fn leave_conversation(&mut self, conversation: ConversationId) {
        let topic = Topic::Conversation(conversation);
        self.hub.services.ports.bus.unsubscribe(topic, self.id);
        self.topics.retain(|heard| *heard != topic);
    }

    fn hear(&mut self, topic: Topic, listener: Arc<dyn Listener>) {
        self.hub.services.ports.bus.subscribe(topic, listener);
        self.topics.push(topic);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        for topic in &self.topics {
            self.hub.services.ports.bus.unsubscribe(*topic, self.id);
        }
        self.hub.connections.closed(self.id);
        if let Ok(agent) = acting(&self.scope) {
            self.hub
                .links
                .presence
                .notify(PresenceCommand::Disconnected(agent.id));
        }
    }
}
