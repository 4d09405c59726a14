//! Looks at the providers of the channels that are configured, at the start and every minute, and notes what it finds.

use std::time::Duration;

use futures_util::future::join_all;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use switchboard_domain::customer::Channel;

use crate::links::Links;

/// How often.
const INTERVAL: Duration = Duration::from_secs(60);
/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it can be told.
#[derive(Debug)]
pub enum ProbeCommand {
    /// Look.
    Look,
}

/// The one that looks.
#[derive(Debug)]
pub struct ChannelProbe {
    links: Links,
}

impl ChannelProbe {
    /// Starts it under a supervisor.
    pub async fn spawn(links: Links, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { links }, (), supervisor).await?;
        Ok(actor.get_cell())
    }

    async fn look(&self, channel: Channel) {
        let services = &self.links.services;
        let Some(transport) = services.ports.channels.of(channel) else {
            return;
        };
        let found = tokio::time::timeout(PATIENCE, transport.probe()).await;
        let found = found.unwrap_or_else(|_| Err("the provider did not answer in time".to_owned()));
        if let Err(reason) = &found {
            tracing::warn!(channel = channel.as_str(), reason, "a channel does not work");
        }
        services.conditions.probed(channel, found.is_ok());
    }
}

impl Actor for ChannelProbe {
    type Msg = ProbeCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_message(ProbeCommand::Look)?;
        myself.send_interval(INTERVAL, || ProbeCommand::Look);
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        ProbeCommand::Look: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        join_all(Channel::ALL.map(|channel| self.look(channel))).await;
        Ok(())
    }
}
