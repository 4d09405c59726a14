//! The outbox: what is owed and durably noted, found again and seen to.
//!
//! A turn the assistant owes is a row written in the commit of the customer's message and removed in the commit of the
//! answer. After a restart, or when a session failed in between, this dispatcher wakes the session that owes it.

use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};

use crate::error::HubError;
use crate::links::Links;

/// How often what is owed is looked at.
const SWEEP: Duration = Duration::from_secs(10);
/// Turns woken in one sweep; the rest come next time.
const BATCH: usize = 1_000;

/// What the dispatcher can be told.
#[derive(Debug)]
pub enum DispatchCommand {
    /// Look at what is owed.
    Sweep,
}

/// The dispatcher of the assistant's owed turns.
#[derive(Debug)]
pub struct TurnDispatcher {
    links: Links,
}

impl TurnDispatcher {
    /// Starts it under a supervisor.
    pub async fn spawn(links: Links, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { links }, (), supervisor).await?;
        Ok(actor.get_cell())
    }
}

impl Actor for TurnDispatcher {
    type Msg = DispatchCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_message(DispatchCommand::Sweep)?;
        myself.send_interval(SWEEP, || DispatchCommand::Sweep);
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        command: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            DispatchCommand::Sweep => {
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "the owed turns could not be looked at");
                }
            }
        }
        Ok(())
    }
}

impl TurnDispatcher {
    async fn sweep(&self) -> Result<(), HubError> {
        let due = self.links.services.records().list_turns_due(BATCH)?;
        for (organization, conversation) in due {
            self.links.directory.wake(organization, conversation).await?;
        }
        Ok(())
    }
}
