//! Keeps the keys of external issuers fresh: fetched at the start, then every hour, and every minute while there are none.
//!
//! Started by the root where issuers are configured. Invariant: an issuer that cannot be reached stops nothing; its
//! tokens are not taken until it can.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};

use crate::credentials::Credentials;
use crate::links::Links;

/// How often the keys' age is looked at.
const LOOK: Duration = Duration::from_secs(60);

/// What it can be told.
#[derive(Debug)]
pub enum IssuerKeysCommand {
    /// Look at the keys' age.
    Look,
}

/// Who keeps them fresh.
#[derive(Debug)]
pub struct IssuerKeys {
    links: Links,
    credentials: Arc<Credentials>,
}

impl IssuerKeys {
    /// Starts it under a supervisor.
    pub async fn spawn(
        links: Links,
        credentials: Arc<Credentials>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, SpawnErr> {
        let (actor, _) = Actor::spawn_linked(None, Self { links, credentials }, (), supervisor).await?;
        Ok(actor.get_cell())
    }
}

impl Actor for IssuerKeys {
    type Msg = IssuerKeysCommand;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, (): ()) -> Result<(), ActorProcessingErr> {
        myself.send_message(IssuerKeysCommand::Look)?;
        myself.send_interval(LOOK, || IssuerKeysCommand::Look);
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        IssuerKeysCommand::Look: Self::Msg,
        (): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let services = &self.links.services;
        for issuer in self.credentials.issuers().list() {
            let documents = services.ports.keys.as_ref();
            issuer.keep_fresh(documents, services.now()).await;
        }
        Ok(())
    }
}
