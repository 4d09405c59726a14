//! The email channel: one task for each folder of the mailboxes, kept going for as long as somebody is to read them.
//!
//! Started by the root where mailboxes are configured. What the tasks have seen is told to the hub's health. Invariant:
//! each folder is read by one task, which the channel's end ends.

mod folder;
pub mod watch;

use std::collections::HashMap;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use tokio::task::{AbortHandle, JoinSet};

use self::folder::FolderReader;
use crate::error::HubError;
use crate::hub::Hub;

/// How often it is looked whether every folder is read.
const LOOK: Duration = Duration::from_secs(30);

/// What it can be told.
#[derive(Debug)]
pub enum EmailCommand {
    /// Look who is to be read.
    Look,
}

/// The channel.
#[derive(Debug)]
pub struct EmailChannel {
    hub: Hub,
}

/// Its tasks.
#[derive(Debug, Default)]
pub struct EmailState {
    readers: HashMap<String, AbortHandle>,
    /// Ends with this state, and the readers with it.
    tasks: JoinSet<()>,
}

impl EmailChannel {
    /// Starts it under a supervisor and points the links' address at it.
    pub async fn spawn(hub: Hub, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
        let address = hub.links.email.clone();
        let (actor, _) = Actor::spawn_linked(None, Self { hub }, (), supervisor).await?;
        address.set(actor.clone());
        Ok(actor.get_cell())
    }

    fn look(&self, state: &mut EmailState) -> Result<(), HubError> {
        while state.tasks.try_join_next().is_some() {}
        let organization = self.hub.credentials.default_organization()?;
        let services = &self.hub.services;
        if services.records().is_mail_listener_stopped(organization)? {
            state.tasks.abort_all();
            state.readers.clear();
            services.mail.stopped();
            return Ok(());
        }
        state.readers.retain(|_, reader| !reader.is_finished());
        for folder in self.hub.mailboxes()?.folders() {
            if state.readers.contains_key(&folder) {
                continue;
            }
            services.mail.awaits(&folder);
            let reader = FolderReader::new(self.hub.clone(), organization, folder.clone());
            let handle = state.tasks.spawn(reader.run());
            state.readers.insert(folder, handle);
        }
        Ok(())
    }
}

impl Actor for EmailChannel {
    type Msg = EmailCommand;
    type State = EmailState;
    type Arguments = ();

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        (): (),
    ) -> Result<Self::State, ActorProcessingErr> {
        myself.send_message(EmailCommand::Look)?;
        myself.send_interval(LOOK, || EmailCommand::Look);
        Ok(EmailState::default())
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        EmailCommand::Look: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        // Which organization is the default one is known after this has started, and then it is told to look.
        if let Err(error) = self.look(state) {
            tracing::debug!(%error, "the mailboxes are not read yet");
        }
        Ok(())
    }
}
