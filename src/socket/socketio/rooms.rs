//! The rooms one client hears, and which it may: decided by its credential, or by the id of a guest's room.
//!
//! Whoever has an account or a key is in the hub's books once, whatever rooms it hears; a visitor once for each room,
//! since it is another guest in each.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_actors::channel::web::Closer;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::connections::Registration;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::{ConnectionId, ConversationId};
use switchboard_domain::message::Sequence;
use switchboard_domain::ports::bus::Listener;
use switchboard_domain::scope::Scope;

use super::ear::{Ear, OfferEar};
use super::incoming::UserType;
use super::outgoing::Voice;
use crate::socket::merge::History;

/// Rooms one client may hear at once.
const MOST_ROOMS: usize = 200;

/// Somebody whose credential stands.
#[derive(Debug)]
pub(super) struct Known {
    /// What it may reach.
    pub(super) scope: Scope,
    /// Its place in the hub's books.
    pub(super) registration: Registration,
}

/// A room as one client may act in it.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// What the client is in here.
    pub(super) scope: Scope,
    /// The connection it is known by in here.
    pub(super) connection: ConnectionId,
    /// The conversation as it was when the client came.
    pub(super) conversation: Arc<Conversation>,
    ear: Arc<Ear>,
}

/// The rooms one client hears.
#[derive(Debug)]
pub(super) struct Rooms {
    hub: Hub,
    voice: Voice,
    /// Who is connected; a visitor is nobody in particular.
    who: Option<Known>,
    open: HashMap<ConversationId, (Room, Option<Registration>)>,
}

/// A visitor has no credential that could end.
#[derive(Debug)]
struct NothingToEnd;

impl Closer for NothingToEnd {
    fn credential_ended(&self) {}
}

impl Rooms {
    /// No rooms yet.
    pub(super) fn new(hub: Hub, voice: Voice, who: Option<Known>) -> Self {
        Self {
            hub,
            voice,
            who,
            open: HashMap::new(),
        }
    }

    /// From now on an agent hears what it is offered; others are offered nothing.
    pub(super) fn hear_offers(&mut self) {
        if let Some(known) = &mut self.who {
            let (id, voice) = (known.registration.id(), self.voice.clone());
            drop(known.registration.hear_offers(Arc::new(OfferEar { id, voice })));
        }
    }

    /// The room that the client names, entered if it was not; whether it was entered now.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a room it may not know of, [`HubError::Forbidden`] when it claims to be what its
    /// credential is not.
    pub(super) fn enter(&mut self, name: &str, claimed: Option<UserType>) -> Result<(Room, bool), HubError> {
        self.check_claim(claimed)?;
        if let Ok(room) = self.joined(name) {
            return Ok((room, false));
        }
        let scope = match &self.who {
            Some(known) => known.scope.clone(),
            None => self.hub.guest_scope_of_room(name)?,
        };
        let conversation = self.hub.get_conversation(&scope, name)?;
        if self.open.len() >= MOST_ROOMS {
            return Err(HubError::Conflict(format!(
                "at most {MOST_ROOMS} rooms can be joined at once"
            )));
        }
        let room = self.hear(scope, conversation)?;
        Ok((room, true))
    }

    /// A room the client is in.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when it is not.
    pub(super) fn joined(&self, name: &str) -> Result<Room, HubError> {
        let id = ConversationId::parse(name);
        let found = id.and_then(|id| self.open.get(&id));
        let found = found.or_else(|| {
            let mut all = self.open.values();
            all.find(|(room, _)| room.conversation.alias.as_deref() == Some(name))
        });
        found
            .map(|(room, _)| room.clone())
            .ok_or(HubError::NotFound("room"))
    }

    /// Hears no more of a room.
    pub(super) fn leave(&mut self, room: &Room) {
        self.open.remove(&room.conversation.id);
        if let Some(known) = &mut self.who {
            known.registration.leave_conversation(room.conversation.id);
        }
    }

    /// Whether the client is what it says it is.
    fn check_claim(&self, claimed: Option<UserType>) -> Result<(), HubError> {
        let is_staff = self.who.as_ref().is_some_and(|known| known.scope.is_staff());
        match claimed {
            Some(UserType::Admin) if !is_staff => Err(HubError::Forbidden("Admin access required")),
            Some(UserType::Customer) if is_staff => {
                Err(HubError::Forbidden("An admin cannot act as a customer"))
            }
            _ => Ok(()),
        }
    }

    fn hear(&mut self, scope: Scope, conversation: Arc<Conversation>) -> Result<Room, HubError> {
        let mut own = None;
        let registration = match &mut self.who {
            Some(known) => &mut known.registration,
            None => own.insert(self.hub.register_connection(
                self.hub.new_connection_id(),
                &scope,
                None,
                Arc::new(NothingToEnd),
            )?),
        };
        let connection = registration.id();
        let ear = Ear::new(connection, scope.is_staff(), &conversation, self.voice.clone());
        let ear = Arc::new(ear);
        let listener: Arc<dyn Listener> = Arc::<Ear>::clone(&ear);
        registration.hear_conversation(&conversation, listener)?;
        let room = Room {
            scope,
            connection,
            conversation,
            ear,
        };
        self.open.insert(room.conversation.id, (room.clone(), own));
        Ok(room)
    }
}

impl Room {
    /// Sends what the client has missed, then lets it hear what comes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn catch_up(&self, hub: &Hub, after: Option<Sequence>) -> Result<(), HubError> {
        let history = History::behind(after, hub, &self.scope, &self.conversation);
        self.ear.catch_up(history).await
    }
}
