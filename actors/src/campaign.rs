//! The campaign runner: starts campaigns when they are due and sends running ones on, a few recipients at a time.
//!
//! It calls the hub as any other caller does and keeps nothing in memory: what a campaign still owes is its ledger, so
//! that a restart goes on behind the last recipient that was seen to.

use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};

use crate::hub::Hub;

/// How often what is due is looked for.
const TICK: Duration = Duration::from_secs(1);
/// The pause between two helpings of running campaigns.
const PAUSE: Duration = Duration::from_millis(50);
/// Campaigns seen to in one tick, those among them that may not send now; more than would ever run at once.
const CAMPAIGNS: usize = 1_000;

/// What the runner tells itself.
#[derive(Debug)]
pub enum CampaignCommand {
    /// See to what is due.
    Tick,
}

/// The runner.
#[derive(Debug)]
pub struct CampaignRunner {
    hub: Hub,
}

impl CampaignRunner {
    /// Starts it under a supervisor.
    pub async fn spawn(hub: Hub, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { hub }, (), supervisor).await?;
        Ok(actor.get_cell())
    }

    /// Sees to every campaign that is due; whether one of them has more to do.
    async fn see_to_all(&self) -> bool {
        let services = self.hub.services();
        let due = services.records().list_campaigns_due(services.now(), CAMPAIGNS);
        let due = due.unwrap_or_else(|error| {
            tracing::warn!(%error, "the campaigns that are due could not be read");
            Vec::new()
        });
        let mut more = false;
        for (organization, campaign) in due {
            match self.hub.advance_campaign(organization, campaign).await {
                Ok(goes_on) => more |= goes_on,
                Err(error) => tracing::warn!(%campaign, %error, "a campaign could not be sent on"),
            }
        }
        more
    }
}

impl Actor for CampaignRunner {
    type Msg = CampaignCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_after(TICK, || CampaignCommand::Tick);
        Ok(())
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        CampaignCommand::Tick: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let next = if self.see_to_all().await { PAUSE } else { TICK };
        myself.send_after(next, || CampaignCommand::Tick);
        Ok(())
    }
}
