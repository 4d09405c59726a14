//! One of sixteen supervisors of sessions: starts them on demand, and again when they fail.

use std::collections::HashMap;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use switchboard_domain::id::{ConversationId, OrganizationId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::HubError;
use crate::links::Links;
use crate::session::{SessionActor, SessionCommand};
use crate::supervision::{RestartPolicy, Restarts, Verdict};

/// What a shard can be told.
#[derive(Debug)]
pub enum ShardCommand {
    /// Find or start the session of a conversation.
    Start {
        /// Whose conversation.
        organization: OrganizationId,
        /// Which.
        conversation: ConversationId,
        /// The session, or why there is none.
        reply: oneshot::Sender<Result<ActorRef<SessionCommand>, HubError>>,
    },
    /// The pause after a failure is over: start the session again if something is owed.
    Restart(OrganizationId, ConversationId),
}

/// A supervisor of sessions.
#[derive(Debug)]
pub struct SessionShard {
    /// Passed to every session.
    pub links: Links,
    /// How much it bears.
    pub policy: RestartPolicy,
}

/// The sessions alive and the failures seen.
#[derive(Debug)]
pub struct ShardState {
    sessions: HashMap<ActorId, (OrganizationId, ConversationId)>,
    restarts: Restarts,
}

impl Actor for SessionShard {
    type Msg = ShardCommand;
    type State = ShardState;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Self::Msg>, (): ()) -> Result<Self::State, ActorProcessingErr> {
        Ok(ShardState {
            sessions: HashMap::new(),
            restarts: Restarts::new(self.policy),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            ShardCommand::Start {
                organization,
                conversation,
                reply,
            } => {
                let session = self.start(&myself, state, organization, conversation).await;
                // A caller that has gone away needs no session.
                drop(reply.send(session));
            }
            ShardCommand::Restart(organization, conversation) => {
                if let Err(error) = self.start(&myself, state, organization, conversation).await {
                    tracing::error!(%conversation, %error, "a failed session could not be started again");
                }
            }
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorTerminated(who, ..) => {
                if let Some((_, conversation)) = state.sessions.remove(&who.get_id()) {
                    self.links.directory.forget(conversation, &who.into());
                }
                Ok(())
            }
            SupervisionEvent::ActorFailed(who, error) => {
                let Some((organization, conversation)) = state.sessions.remove(&who.get_id()) else {
                    return Ok(());
                };
                self.links.directory.forget(conversation, &who.into());
                failed(&myself, state, (organization, conversation), &error.to_string())
            }
            _ => Ok(()),
        }
    }
}

impl SessionShard {
    async fn start(
        &self,
        myself: &ActorRef<ShardCommand>,
        state: &mut ShardState,
        organization: OrganizationId,
        conversation: ConversationId,
    ) -> Result<ActorRef<SessionCommand>, HubError> {
        if let Some(session) = self.links.directory.find(conversation) {
            return Ok(session);
        }
        let stored = self
            .links
            .services
            .records()
            .find_conversation(organization, conversation)?;
        let stored = stored.ok_or(HubError::NotFound("conversation"))?;
        let actor = SessionActor {
            links: self.links.clone(),
        };
        let spawned = Actor::spawn_linked(None, actor, stored, myself.get_cell()).await;
        let (session, _) = spawned.map_err(HubError::internal)?;
        state
            .sessions
            .insert(session.get_id(), (organization, conversation));
        self.links.directory.remember(conversation, session.clone());
        Ok(session)
    }
}

/// A session has failed: again after a pause, or upward.
fn failed(
    myself: &ActorRef<ShardCommand>,
    state: &mut ShardState,
    (organization, conversation): (OrganizationId, ConversationId),
    why: &str,
) -> Result<(), ActorProcessingErr> {
    metrics::counter!("switchboard_restarts_total", "supervisor" => "sessions").increment(1);
    match state.restarts.note(Instant::now()) {
        Verdict::RestartAfter(pause) => {
            tracing::error!(%conversation, why, "a session failed and is started again");
            myself.send_after(pause, move || ShardCommand::Restart(organization, conversation));
            Ok(())
        }
        Verdict::Escalate => Err(format!("sessions failed too often: {why}").into()),
    }
}
