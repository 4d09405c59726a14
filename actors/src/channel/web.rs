//! The web channel: every open connection, who it acts for, when its credential ends, and who is typing where.
//!
//! The table of connections outlives a restart of the actor, since sockets do not depend on it; the actor closes those
//! whose credential has ended, and ends typing that nobody renews.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::event::{Event, Typist};
use switchboard_domain::id::{AccountId, ConnectionId, ConversationId, OrganizationId};
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;
use tokio::sync::watch;

use crate::credentials::Credentials;
use crate::error::HubError;
use crate::links::Links;

/// How often typing is looked at.
const TYPING_TICK: Duration = Duration::from_millis(500);
/// How often every open connection's credential is checked again, whether or not anything was revoked.
const CREDENTIAL_TICK: Duration = Duration::from_secs(20);

/// Closes one connection, because its credential has ended.
pub trait Closer: Send + Sync + fmt::Debug {
    /// Tells the client that its credential has ended, and closes.
    fn credential_ended(&self);
}

#[derive(Debug)]
struct Open {
    scope: Scope,
    expires: Option<Timestamp>,
    closer: Arc<dyn Closer>,
}

/// Every open connection.
#[derive(Debug, Default)]
pub struct Connections {
    open: DashMap<ConnectionId, Open>,
    per_account: DashMap<AccountId, usize>,
}

impl Connections {
    /// Adds a connection.
    ///
    /// # Errors
    /// [`HubError::Throttled`] when the account has `limit` connections already.
    pub fn open(
        &self,
        id: ConnectionId,
        scope: Scope,
        expires: Option<Timestamp>,
        closer: Arc<dyn Closer>,
        limit: Option<usize>,
    ) -> Result<(), HubError> {
        if let Some(account) = scope.account() {
            let mut count = self.per_account.entry(account.id).or_default();
            if limit.is_some_and(|limit| *count >= limit) {
                return Err(HubError::Throttled(Duration::from_secs(1)));
            }
            *count += 1;
        }
        self.open.insert(
            id,
            Open {
                scope,
                expires,
                closer,
            },
        );
        Ok(())
    }

    /// Removes a connection.
    pub fn closed(&self, id: ConnectionId) {
        let Some((_, open)) = self.open.remove(&id) else {
            return;
        };
        if let Some(account) = open.scope.account() {
            self.per_account.remove_if_mut(&account.id, |_, count| {
                *count = count.saturating_sub(1);
                *count == 0
            });
        }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    /// Closes every connection whose credential has ended.
    fn close_ended(&self, credentials: &Credentials, now: Timestamp) {
        let ended = |open: &Open| {
            open.expires.is_some_and(|at| at <= now) || credentials.recheck(&open.scope).is_err()
        };
        let closers: Vec<_> = self
            .open
            .iter()
            .filter(|open| ended(open))
            .map(|open| Arc::clone(&open.closer))
            .collect();
        for closer in closers {
            closer.credential_ended();
        }
    }
}

/// What the web channel can be told.
#[derive(Debug)]
pub enum WebCommand {
    /// Somebody types, or has stopped.
    Typing(TypingNotice),
    /// A credential was revoked somewhere: look at all.
    Revoked,
    /// Time to end typing that nobody renewed.
    TypingTick,
    /// Time to look at every credential.
    CredentialTick,
    /// Fails on purpose, for the tests of supervision.
    #[cfg(test)]
    Panic,
}

/// Somebody types in a conversation, or has stopped.
#[derive(Debug, Clone)]
pub struct TypingNotice {
    /// Whose records.
    pub organization: OrganizationId,
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub typist: Typist,
    /// Started, or stopped.
    pub is_typing: bool,
    /// The connection it came by, which does not hear it.
    pub origin: Option<ConnectionId>,
}

/// The web channel's actor.
#[derive(Debug)]
pub struct WebChannel {
    links: Links,
    connections: Arc<Connections>,
    credentials: Arc<Credentials>,
}

/// Who is typing, and until when unless renewed.
#[derive(Debug, Default)]
pub struct WebState {
    typing: HashMap<(ConversationId, Typist), (TypingNotice, Timestamp)>,
}

impl WebChannel {
    /// Starts it under a supervisor and points the links' address at it.
    pub async fn spawn(
        links: Links,
        connections: Arc<Connections>,
        credentials: Arc<Credentials>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, SpawnErr> {
        let address = links.web.clone();
        let actor = Self {
            links,
            connections,
            credentials,
        };
        let (actor, _) = Actor::spawn_linked(None, actor, (), supervisor).await?;
        address.set(actor.clone());
        Ok(actor.get_cell())
    }

    fn typing(&self, state: &mut WebState, notice: &TypingNotice) {
        let key = (notice.conversation, notice.typist.clone());
        let now = self.links.services.now();
        let until = now.after(self.links.services.settings.typing_ends_after);
        let changed = if notice.is_typing {
            // A renewal moves the end alone: whoever heard the beginning is to hear the end.
            let known = state.typing.get_mut(&key).map(|(_, end)| *end = until);
            known.is_none() && state.typing.insert(key, (notice.clone(), until)).is_none()
        } else {
            // Another device of theirs that stops, or goes, ends nothing.
            let begun = state.typing.get(&key).map(|(begun, _)| begun.origin);
            begun == Some(notice.origin) && state.typing.remove(&key).is_some()
        };
        if changed {
            self.tell(notice);
        }
    }

    fn end_stale_typing(&self, state: &mut WebState) {
        let now = self.links.services.now();
        let ended: Vec<_> = state
            .typing
            .iter()
            .filter(|(_, (_, until))| *until <= now)
            .map(|(key, _)| key.clone())
            .collect();
        for key in ended {
            if let Some((notice, _)) = state.typing.remove(&key) {
                self.tell(&TypingNotice {
                    is_typing: false,
                    ..notice
                });
            }
        }
    }

    fn tell(&self, notice: &TypingNotice) {
        let event = Event::Typing {
            typist: notice.typist.clone(),
            is_typing: notice.is_typing,
        };
        let services = &self.links.services;
        let occurrence = services.occurrence(notice.organization, notice.conversation, notice.origin, event);
        services
            .ports
            .bus
            .publish(Topic::Conversation(notice.conversation), &[occurrence]);
    }
}

/// Passes on every revocation for as long as the actor lives, so that open sockets end at once.
fn hear_of_revocations(channel: ActorRef<WebCommand>, mut revocations: watch::Receiver<u64>) {
    tokio::spawn(async move {
        while revocations.changed().await.is_ok() && channel.send_message(WebCommand::Revoked).is_ok() {}
    });
}

impl Actor for WebChannel {
    type Msg = WebCommand;
    type State = WebState;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): (),
    ) -> Result<Self::State, ActorProcessingErr> {
        myself.send_interval(TYPING_TICK, || WebCommand::TypingTick);
        myself.send_interval(CREDENTIAL_TICK, || WebCommand::CredentialTick);
        hear_of_revocations(myself, self.credentials.revocations());
        Ok(WebState::default())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            WebCommand::Typing(notice) => self.typing(state, &notice),
            WebCommand::TypingTick => self.end_stale_typing(state),
            #[cfg(test)]
            WebCommand::Panic => panic!("asked to"),
            WebCommand::Revoked | WebCommand::CredentialTick => {
                self.connections
                    .close_ended(&self.credentials, self.links.services.now());
            }
        }
        Ok(())
    }
}
