//! Where the actors find one another: stable addresses, filled in by whoever starts each.

use std::sync::Arc;

use crate::assistant::AssistantQueue;
use crate::channel::email::EmailCommand;
use crate::channel::web::WebCommand;
use crate::desk::DeskCommand;
use crate::directory::Directory;
use crate::outbox::OutboxCommand;
use crate::presence::PresenceCommand;
use crate::services::Services;
use crate::supervision::Address;

/// What a session and its neighbours need of one another.
#[derive(Debug, Clone)]
pub struct Links {
    /// What everybody shares.
    pub services: Arc<Services>,
    /// The sessions.
    pub directory: Arc<Directory>,
    /// The waiting line.
    pub desk: Address<DeskCommand>,
    /// Who is online.
    pub presence: Address<PresenceCommand>,
    /// The open connections.
    pub web: Address<WebCommand>,
    /// Who reads the mailboxes.
    pub email: Address<EmailCommand>,
    /// What is owed to the outside.
    pub outbox: Address<OutboxCommand>,
    /// The assistant's pool.
    pub assistant: AssistantQueue,
}
