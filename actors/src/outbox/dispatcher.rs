//! The dispatcher: keeps one runner going for each lane in which something is due, and looks again when more is.
//!
//! It holds nothing that the store does not have. A runner that fails leaves its errands claimed until their lease
//! ends or another hub starts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::outbox::breaker::Breaker;
use switchboard_domain::outbox::{Lane, Subject};
use switchboard_domain::ports::engine::StoreError;
use tokio::task::JoinSet;

use super::abandoned::Abandoned;
use super::lane::Runner;
use super::wake::Wake;
use super::{abandoned, closed};
use crate::links::Links;

/// How often all lanes are looked at, whatever was announced.
const SWEEP: Duration = Duration::from_secs(10);

/// What the dispatcher can be told.
#[derive(Debug)]
pub enum OutboxCommand {
    /// Something is owed in this lane, perhaps at once.
    Owed(Lane),
    /// Somebody wants this errand of the lane to be tried now, whatever is known of its destination.
    Asked(Lane, OrganizationId, Subject),
    /// Look at every lane.
    Sweep,
    /// A lane's runner has found nothing more to do for now.
    Rested(Lane, Breaker),
}

/// The dispatcher of everything owed to the outside.
#[derive(Debug)]
pub struct Dispatcher {
    links: Links,
    abandoned: Arc<Abandoned>,
}

/// Its lanes.
#[derive(Debug, Default)]
pub struct DispatcherState {
    running: HashMap<Lane, Arc<Wake>>,
    breakers: HashMap<Lane, Breaker>,
    /// Ends with this state, and the runners with it.
    tasks: JoinSet<()>,
}

impl Dispatcher {
    /// Starts it under a supervisor and points the links' address at it.
    pub async fn spawn(
        links: Links,
        abandoned: Arc<Abandoned>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, SpawnErr> {
        let address = links.outbox.clone();
        let (actor, _) = Actor::spawn_linked(None, Self { links, abandoned }, (), supervisor).await?;
        address.set(actor.clone());
        Ok(actor.get_cell())
    }
}

impl Actor for Dispatcher {
    type Msg = OutboxCommand;
    type State = DispatcherState;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): (),
    ) -> Result<Self::State, ActorProcessingErr> {
        let mut state = DispatcherState::default();
        self.settle_abandoned(&myself, &mut state);
        myself.send_message(OutboxCommand::Sweep)?;
        myself.send_interval(SWEEP, || OutboxCommand::Sweep);
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        command: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        while state.tasks.try_join_next().is_some() {}
        let looked = match command {
            OutboxCommand::Owed(lane) => {
                drop(self.run(&myself, state, lane));
                Ok(())
            }
            OutboxCommand::Asked(lane, organization, subject) => {
                self.run(&myself, state, lane).ask(organization, subject);
                Ok(())
            }
            OutboxCommand::Sweep => self.sweep(&myself, state),
            OutboxCommand::Rested(lane, breaker) => self.rested(&myself, state, lane, breaker),
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "what is owed to the outside could not be looked at");
        }
        Ok(())
    }
}

impl Dispatcher {
    /// Before anything is begun; what it leads to is looked at as soon as it is settled.
    fn settle_abandoned(&self, myself: &ActorRef<OutboxCommand>, state: &mut DispatcherState) {
        let found = self.abandoned.take();
        if !found.is_empty() {
            let (links, myself) = (self.links.clone(), myself.clone());
            state.tasks.spawn(async move {
                abandoned::settle(&links, found).await;
                drop(myself.send_message(OutboxCommand::Sweep));
            });
        }
    }

    fn sweep(&self, myself: &ActorRef<OutboxCommand>, state: &mut DispatcherState) -> Result<(), StoreError> {
        let lanes = self.links.services.records().list_lanes()?;
        state.breakers.retain(|lane, _| lanes.contains(lane));
        self.links.services.conditions.forget_waiting(&lanes);
        for lane in lanes {
            if self.is_open(lane) {
                self.look(myself, state, lane)?;
            } else {
                drop(self.run(myself, state, lane));
            }
        }
        Ok(())
    }

    /// Whether the lane's channel is configured, which no running hub changes.
    fn is_open(&self, lane: Lane) -> bool {
        self.links.services.ports.channels.carries(lane)
    }

    /// Runs the lane if something in it is due; else comes back when it is. A closed one is looked at with all lanes.
    fn look(
        &self,
        myself: &ActorRef<OutboxCommand>,
        state: &mut DispatcherState,
        lane: Lane,
    ) -> Result<(), StoreError> {
        let next = self.links.services.records().next_errand_due(lane)?;
        let Some(due) = next.filter(|_| self.is_open(lane)) else {
            return Ok(());
        };
        let now = self.links.services.now();
        let breaker = state.breakers.get(&lane).copied().unwrap_or_default();
        let due = breaker.closed_until(now).map_or(due, |until| due.max(until));
        let pause = due.since(now);
        if due <= now {
            drop(self.run(myself, state, lane));
        } else if pause < SWEEP {
            myself.send_after(pause, move || OutboxCommand::Owed(lane));
        }
        Ok(())
    }

    /// Wakes the lane's runner, or starts one.
    fn run(&self, myself: &ActorRef<OutboxCommand>, state: &mut DispatcherState, lane: Lane) -> Arc<Wake> {
        if let Some(running) = state.running.get(&lane) {
            running.owe();
            return Arc::clone(running);
        }
        let wake = Arc::<Wake>::default();
        self.start(myself, state, lane, Arc::clone(&wake));
        wake
    }

    fn start(
        &self,
        myself: &ActorRef<OutboxCommand>,
        state: &mut DispatcherState,
        lane: Lane,
        wake: Arc<Wake>,
    ) {
        state.running.insert(lane, Arc::clone(&wake));
        let breaker = state.breakers.get(&lane).copied().unwrap_or_default();
        let (links, myself, is_open) = (self.links.clone(), myself.clone(), self.is_open(lane));
        state.tasks.spawn(async move {
            let breaker = if is_open {
                Runner::new(links, lane, breaker, wake).run().await
            } else {
                closed::look(&links, lane).await;
                breaker
            };
            let rested = OutboxCommand::Rested(lane, breaker);
            if myself.send_message(rested).is_err() {
                tracing::debug!("the dispatcher has ended before its runner");
            }
        });
    }

    /// What came or was asked for while the runner was coming to its rest is looked for once more.
    fn rested(
        &self,
        myself: &ActorRef<OutboxCommand>,
        state: &mut DispatcherState,
        lane: Lane,
        breaker: Breaker,
    ) -> Result<(), StoreError> {
        let wake = state.running.remove(&lane);
        state.breakers.insert(lane, breaker);
        if let Some(wake) = wake.filter(|wake| self.is_open(lane) && wake.is_asked()) {
            self.start(myself, state, lane, wake);
            return Ok(());
        }
        self.look(myself, state, lane)
    }
}
