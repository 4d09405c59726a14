//! Removes what has ended by itself, a little at a time, and finishes what a crash has interrupted.
//!
//! Started by the root. Invariant: each commit of a sweep is a small one, so that it stands in nobody's way.

use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};

use crate::erasure;
use crate::error::HubError;
use crate::links::Links;

/// How often what has ended is looked for.
const SWEEP: Duration = Duration::from_secs(10);
/// Records removed in one sweep; the rest come next time.
const BATCH: usize = 1_000;

/// Interrupted erasures finished in one sweep.
const ERASURES: usize = 10;

/// What it can be told.
#[derive(Debug)]
pub enum HousekeepingCommand {
    /// Look for what has ended.
    Sweep,
}

/// The one who sweeps.
#[derive(Debug)]
pub struct Housekeeping {
    links: Links,
}

impl Housekeeping {
    /// Starts it under a supervisor.
    pub async fn spawn(links: Links, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { links }, (), supervisor).await?;
        Ok(actor.get_cell())
    }

    async fn sweep(&self) -> Result<(), HubError> {
        let services = &self.links.services;
        let (records, now) = (services.records(), services.now());
        for ended in [
            records.ended_repeats(now, BATCH)?,
            records.ended_memories(now, BATCH)?,
            records.ended_deliveries(now, BATCH)?,
        ] {
            if !ended.is_empty() {
                records.commit(ended).await?;
            }
        }
        services.memories.write(records).await?;
        for (organization, customer) in records.list_erasures(ERASURES)? {
            erasure::finish(&self.links, organization, customer).await?;
        }
        Ok(())
    }
}

impl Actor for Housekeeping {
    type Msg = HousekeepingCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_message(HousekeepingCommand::Sweep)?;
        myself.send_interval(SWEEP, || HousekeepingCommand::Sweep);
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        command: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            HousekeepingCommand::Sweep => {
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "what has ended could not be removed");
                }
            }
        }
        Ok(())
    }
}
