//! Agents who are online: an actor for each, and their supervisor.
//!
//! An agent is online while at least one of its connections is open, and for the grace time after the last has closed,
//! so that a reloaded page or a short loss of network changes nothing.

use std::collections::HashMap;

use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SpawnErr, SupervisionEvent};
use switchboard_domain::id::{AccountId, OrganizationId};
use tokio::time::Instant;

use crate::desk::DeskCommand;
use crate::links::Links;
use crate::supervision::{RestartPolicy, Restarts, Verdict};

/// What the supervisor of agents can be told.
#[derive(Debug, Clone, Copy)]
pub enum PresenceCommand {
    /// A connection of this agent has opened.
    Connected(OrganizationId, AccountId),
    /// A connection of this agent has closed.
    Disconnected(AccountId),
    /// The desk has started anew: everybody online says so.
    Announce,
    /// The pause after a failure is over.
    Restart(OrganizationId, AccountId, usize),
}

/// The supervisor of the agents who are online.
#[derive(Debug)]
pub struct AgentSupervisor {
    links: Links,
    policy: RestartPolicy,
}

/// Who is online.
#[derive(Debug)]
pub struct PresenceState {
    agents: HashMap<AccountId, Online>,
    actors: HashMap<ActorId, AccountId>,
    restarts: Restarts,
}

#[derive(Debug)]
struct Online {
    organization: OrganizationId,
    connections: usize,
    actor: ActorRef<AgentCommand>,
}

impl AgentSupervisor {
    /// Starts it under a supervisor and points the links' address at it.
    pub async fn spawn(
        links: Links,
        policy: RestartPolicy,
        supervisor: ActorCell,
    ) -> Result<ActorCell, SpawnErr> {
        let address = links.presence.clone();
        let (actor, _) = Actor::spawn_linked(None, Self { links, policy }, (), supervisor).await?;
        address.set(actor.clone());
        Ok(actor.get_cell())
    }

    async fn start(
        &self,
        myself: &ActorRef<PresenceCommand>,
        state: &mut PresenceState,
        (organization, agent): (OrganizationId, AccountId),
        connections: usize,
    ) -> Result<(), ActorProcessingErr> {
        let actor = AgentActor {
            links: self.links.clone(),
            organization,
            agent,
        };
        let (actor, _) = Actor::spawn_linked(None, actor, connections, myself.get_cell()).await?;
        state.actors.insert(actor.get_id(), agent);
        state.agents.insert(
            agent,
            Online {
                organization,
                connections,
                actor,
            },
        );
        Ok(())
    }

    async fn connected(
        &self,
        myself: &ActorRef<PresenceCommand>,
        state: &mut PresenceState,
        (organization, agent): (OrganizationId, AccountId),
    ) -> Result<(), ActorProcessingErr> {
        if let Some(online) = state.agents.get_mut(&agent) {
            online.connections += 1;
            let told = online
                .actor
                .send_message(AgentCommand::Connections(online.connections));
            if told.is_ok() {
                return Ok(());
            }
        }
        let connections = state
            .agents
            .get(&agent)
            .map_or(1, |online| online.connections.max(1));
        self.start(myself, state, (organization, agent), connections)
            .await
    }
}

impl Actor for AgentSupervisor {
    type Msg = PresenceCommand;
    type State = PresenceState;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Self::Msg>, (): ()) -> Result<Self::State, ActorProcessingErr> {
        let restarts = Restarts::new(self.policy);
        Ok(PresenceState {
            agents: HashMap::new(),
            actors: HashMap::new(),
            restarts,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            PresenceCommand::Connected(organization, agent) => {
                self.connected(&myself, state, (organization, agent)).await?;
            }
            PresenceCommand::Disconnected(agent) => {
                if let Some(online) = state.agents.get_mut(&agent) {
                    online.connections = online.connections.saturating_sub(1);
                    // An agent's actor that has ended meanwhile is already offline.
                    drop(
                        online
                            .actor
                            .send_message(AgentCommand::Connections(online.connections)),
                    );
                }
            }
            PresenceCommand::Announce => {
                for (agent, online) in &state.agents {
                    self.links
                        .desk
                        .notify(DeskCommand::AgentOnline(online.organization, *agent));
                }
            }
            PresenceCommand::Restart(organization, agent, connections) => {
                if !state.agents.contains_key(&agent) {
                    self.start(&myself, state, (organization, agent), connections)
                        .await?;
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
        let (who, failure) = match event {
            SupervisionEvent::ActorTerminated(who, ..) => (who, None),
            SupervisionEvent::ActorFailed(who, error) => (who, Some(error.to_string())),
            _ => return Ok(()),
        };
        let Some(agent) = state.actors.remove(&who.get_id()) else {
            return Ok(());
        };
        let current = state
            .agents
            .get(&agent)
            .is_some_and(|online| online.actor.get_id() == who.get_id());
        let Some(online) = state.agents.remove(&agent).filter(|_| current) else {
            return Ok(());
        };
        match (failure, online.connections) {
            (None, 0) => Ok(()),
            (None, connections) => {
                self.start(&myself, state, (online.organization, agent), connections)
                    .await
            }
            (Some(why), connections) => match state.restarts.note(Instant::now()) {
                Verdict::RestartAfter(pause) => {
                    tracing::error!(%agent, why, "an agent's actor failed and is started again");
                    myself.send_after(pause, move || {
                        PresenceCommand::Restart(online.organization, agent, connections)
                    });
                    Ok(())
                }
                Verdict::Escalate => Err(format!("agents' actors failed too often: {why}").into()),
            },
        }
    }
}

/// What an agent's actor can be told.
#[derive(Debug, Clone, Copy)]
pub enum AgentCommand {
    /// So many connections are open.
    Connections(usize),
    /// The grace time that began with this number of changes is over.
    GraceOver(u64),
}

/// One agent who is online.
#[derive(Debug)]
pub struct AgentActor {
    links: Links,
    organization: OrganizationId,
    agent: AccountId,
}

/// How many connections an agent has, and how often that has changed.
#[derive(Debug)]
pub struct AgentState {
    connections: usize,
    changes: u64,
}

impl Actor for AgentActor {
    type Msg = AgentCommand;
    type State = AgentState;
    type Arguments = usize;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        connections: usize,
    ) -> Result<Self::State, ActorProcessingErr> {
        self.links
            .desk
            .notify(DeskCommand::AgentOnline(self.organization, self.agent));
        Ok(AgentState {
            connections,
            changes: 0,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            AgentCommand::Connections(connections) => {
                state.connections = connections;
                state.changes += 1;
                let changes = state.changes;
                if connections == 0 {
                    let grace = self.links.services.settings.agent_grace;
                    myself.send_after(grace, move || AgentCommand::GraceOver(changes));
                }
            }
            AgentCommand::GraceOver(changes) if changes == state.changes && state.connections == 0 => {
                self.links
                    .desk
                    .notify(DeskCommand::AgentOffline(self.organization, self.agent));
                myself.stop(None);
            }
            AgentCommand::GraceOver(_) => {}
        }
        Ok(())
    }
}
