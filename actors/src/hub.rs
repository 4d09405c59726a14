//! The one door of the core. Every surface calls [`Hub`] and nothing else; [`Scope`] comes first in every call.

pub mod accounts;
pub mod addresses;
pub mod agents;
pub mod analysis;
pub mod analytics;
pub mod answers;
pub mod attachments;
pub mod budgets;
pub mod business;
pub mod campaigns;
pub mod connections;
pub mod conversations;
pub mod customers;
pub mod deliveries;
pub mod engagement;
pub mod erasure;
pub mod exchanges;
pub mod extraction;
pub mod faqs;
pub mod guests;
pub mod handovers;
pub mod health;
pub mod incoming;
pub mod knowledge;
pub mod logs;
pub mod mails;
pub mod memories;
pub mod messages;
mod moves;
pub mod notices;
pub mod outreach;
pub mod quarantine;
pub mod recordings;
pub mod repeats;
pub mod reports;
pub mod settings;
pub mod speaking;
pub mod unsubscribe;
pub mod webhooks;
mod writing;

use std::sync::Arc;

use switchboard_domain::scope::Scope;

use crate::channel::web::Connections;
use crate::credentials::Credentials;
use crate::directory::Directory;
use crate::error::HubError;
use crate::links::Links;
use crate::root::Root;
use crate::services::{Ports, Services};
use crate::settings::HubSettings;
use crate::supervision::Address;

/// A cheap handle on the core.
#[derive(Debug, Clone)]
pub struct Hub {
    pub(crate) services: Arc<Services>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) running: Arc<repeats::Running>,
    pub(crate) links: Links,
}

impl Hub {
    /// Starts the core: the whole supervision tree, rebuilt from the store.
    ///
    /// # Errors
    /// When a part cannot be started, or the store cannot be read.
    pub async fn start(ports: Ports, settings: HubSettings) -> Result<(Self, Root), HubError> {
        let directory = Arc::new(Directory::new(settings.max_waiting_commands));
        let services = Arc::new(Services::new(ports, settings));
        services.records().upgrade().await?;
        let credentials = Arc::new(Credentials::new(Arc::clone(&services))?);
        let connections = Arc::new(Connections::default());
        let links = Links {
            services: Arc::clone(&services),
            directory,
            desk: Address::default(),
            presence: Address::default(),
            web: Address::default(),
            email: Address::default(),
            outbox: services.subscriptions.outbox(),
            assistant: crate::assistant::AssistantQueue::default(),
        };
        let hub = Self {
            services,
            credentials,
            connections,
            running: Arc::default(),
            links,
        };
        let root = Root::start(&hub).await.map_err(HubError::internal)?;
        Ok((hub, root))
    }

    /// Who is calling, for surfaces that check tokens.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What everybody shares: time, settings, records.
    pub fn services(&self) -> &Services {
        &self.services
    }
}

/// Agents, admins and services may; others are told so.
pub(crate) fn staff_only(scope: &Scope) -> Result<(), HubError> {
    if scope.is_staff() {
        Ok(())
    } else {
        Err(HubError::Forbidden("Agent or admin access required"))
    }
}

/// Admins may; others are told so.
pub(crate) fn admin_only(scope: &Scope) -> Result<(), HubError> {
    if scope.is_admin() {
        Ok(())
    } else {
        Err(HubError::Forbidden("Admin access required"))
    }
}
