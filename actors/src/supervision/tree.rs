//! A supervisor of a fixed list of children, each started again alone when it fails.

use std::collections::HashMap;
use std::fmt;

use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SpawnErr, SupervisionEvent};
use switchboard_domain::ports::BoxFuture;
use tokio::time::Instant;

use super::policy::{RestartPolicy, Restarts, Verdict};

type Spawn = Box<dyn Fn(ActorCell) -> BoxFuture<'static, Result<ActorCell, SpawnErr>> + Send + Sync>;

/// How to start one child, now and after each of its failures.
pub struct ChildSpec {
    name: &'static str,
    spawn: Spawn,
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChildSpec").field(&self.name).finish()
    }
}

impl ChildSpec {
    /// A child that `spawn` starts, linked to the supervisor it is given.
    pub fn new<F, Fut>(name: &'static str, spawn: F) -> Self
    where
        F: Fn(ActorCell) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ActorCell, SpawnErr>> + Send + 'static,
    {
        Self {
            name,
            spawn: Box::new(move |supervisor| Box::pin(spawn(supervisor))),
        }
    }
}

/// What a supervisor is told.
#[derive(Debug)]
pub enum SupervisorCommand {
    /// The pause is over: start this child again.
    Restart(usize),
}

/// A supervisor of a fixed list of children.
#[derive(Debug)]
pub struct Supervisor {
    /// Its name in the log.
    pub name: &'static str,
    /// How much it bears.
    pub policy: RestartPolicy,
}

/// The children alive and the failures seen.
#[derive(Debug)]
pub struct SupervisorState {
    children: Vec<ChildSpec>,
    alive: HashMap<ActorId, usize>,
    restarts: Restarts,
}

impl SupervisorState {
    async fn start(&mut self, index: usize, myself: ActorCell) -> Result<(), ActorProcessingErr> {
        if let Some(child) = self.children.get(index) {
            let cell = (child.spawn)(myself).await?;
            self.alive.insert(cell.get_id(), index);
        }
        Ok(())
    }
}

impl Actor for Supervisor {
    type Msg = SupervisorCommand;
    type State = SupervisorState;
    type Arguments = Vec<ChildSpec>;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        children: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let count = children.len();
        let mut state = SupervisorState {
            children,
            alive: HashMap::new(),
            restarts: Restarts::new(self.policy),
        };
        for index in 0..count {
            state.start(index, myself.get_cell()).await?;
        }
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            SupervisorCommand::Restart(index) => state.start(index, myself.get_cell()).await,
        }
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let (who, why) = match event {
            SupervisionEvent::ActorFailed(who, error) => (who, error.to_string()),
            SupervisionEvent::ActorTerminated(who, _, reason) => (who, reason.unwrap_or_default()),
            _ => return Ok(()),
        };
        let Some(index) = state.alive.remove(&who.get_id()) else {
            return Ok(());
        };
        let child = state.children.get(index).map_or("", |child| child.name);
        match state.restarts.note(Instant::now()) {
            Verdict::RestartAfter(pause) => {
                tracing::error!(
                    supervisor = self.name,
                    child,
                    why,
                    "a child failed and is started again"
                );
                metrics::counter!("switchboard_restarts_total", "supervisor" => self.name).increment(1);
                myself.send_after(pause, move || SupervisorCommand::Restart(index));
                Ok(())
            }
            Verdict::Escalate => {
                tracing::error!(
                    supervisor = self.name,
                    child,
                    why,
                    "too many failures: the supervisor gives up"
                );
                Err(format!("{}: {child} failed too often: {why}", self.name).into())
            }
        }
    }
}
