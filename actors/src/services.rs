//! What every part of the core shares: records, time, randomness, the bus, the assistant, settings.

use std::sync::Arc;

use arc_swap::ArcSwap;
use dashmap::DashMap;
use switchboard_domain::customer::Channel;
use switchboard_domain::event::{Event, Occurrence, Renderings};
use switchboard_domain::id::{ConnectionId, ConversationId, OrganizationId};
use switchboard_domain::knowledge::IndexedSource;
use switchboard_domain::message::Message;
use switchboard_domain::ports::assistant::Assistant;
use switchboard_domain::ports::blobs::Blobs;
use switchboard_domain::ports::bus::EventBus;
use switchboard_domain::ports::clock::{Clock, Random};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::ports::keys::KeyDocuments;
use switchboard_domain::ports::provider::Provider;
use switchboard_domain::settings::AssistantSettings;
use switchboard_domain::time::Timestamp;
use tokio::sync::{Mutex, RwLock};

use crate::activity::ActivityLocks;
use crate::answers::AnswerCache;
use crate::budgets::Budgets;
use crate::channel::ChannelPorts;
use crate::channel::acknowledge::Acknowledgements;
use crate::channel::condition::Conditions;
use crate::channel::email::watch::MailWatch;
use crate::history::History;
use crate::locks::Locks;
use crate::memories::MemoryNotes;
use crate::records::Records;
use crate::records::numbers::Numbers;
use crate::settings::HubSettings;
use crate::subscriptions::Subscriptions;

/// The concrete things behind the ports, chosen by the composition root.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The store.
    pub records: Records,
    /// Attachments.
    pub blobs: Arc<dyn Blobs>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The event bus.
    pub bus: Arc<dyn EventBus>,
    /// The embedded AI, which is always there and costs nothing.
    pub assistant: Arc<dyn Assistant>,
    /// The paid AI, if one is configured.
    pub provider: Option<Arc<dyn Provider>>,
    /// Keys of external issuers.
    pub keys: Arc<dyn KeyDocuments>,
    /// The ways out to customers who are not on the web.
    pub channels: ChannelPorts,
}

/// Shared by the hub and every actor.
#[derive(Debug)]
pub struct Services {
    /// What is behind the ports.
    pub ports: Ports,
    /// Numbers for families with integer ids.
    pub numbers: Numbers,
    /// Settings from the configuration.
    pub settings: HubSettings,
    /// What was counted in hours gone by.
    pub history: History,
    /// Who is noting the first message of a customer's day.
    pub(crate) activity: ActivityLocks,
    /// Money.
    pub budgets: Arc<Budgets>,
    /// Who is told of what.
    pub subscriptions: Arc<Subscriptions>,
    /// Which memories were asked for of late, and who is changing one.
    pub memories: MemoryNotes,
    /// Shared by whoever keeps an attachment and then the message that names it, alone for who removes one.
    pub attachments: RwLock<()>,
    /// Held by whoever takes in something from an address, or settles a message by its provider's id.
    pub incoming: Locks,
    /// Held by whoever notes that a provider has a message of ours, which is charged once. Taken behind `incoming`.
    pub(crate) deliveries: Locks,
    /// Held by whoever takes a mail out of the quarantine.
    pub(crate) quarantine: Mutex<()>,
    /// Held by whoever starts, sends on or removes a campaign.
    pub(crate) campaigns: Locks,
    /// What was seen of the mailboxes.
    pub mail: MailWatch,
    /// How the channels' providers are.
    pub(crate) conditions: Conditions,
    /// Read marks under way.
    pub(crate) acknowledgements: Acknowledgements,
    organizations: DashMap<OrganizationId, Arc<OrganizationCache>>,
}

/// What is read for every turn of an organization and changes seldom.
#[derive(Debug)]
pub struct OrganizationCache {
    /// What it has decided about its assistant.
    pub settings: ArcSwap<AssistantSettings>,
    /// Everything its assistant can answer with.
    pub sources: ArcSwap<Vec<Arc<IndexedSource>>>,
    /// What its assistant has answered before.
    pub answers: AnswerCache,
}

impl OrganizationCache {
    /// From now on these settings steer the assistant.
    pub(crate) fn put_settings(&self, settings: AssistantSettings) {
        self.settings.store(Arc::new(settings));
        self.answers.invalidate();
    }

    /// From now on the assistant answers with `source`, in place of an older one of the same id.
    pub(crate) fn put_source(&self, source: &Arc<IndexedSource>) {
        self.sources.rcu(|sources| {
            let others = sources.iter().filter(|other| other.id != source.id);
            others.chain([source]).cloned().collect::<Vec<_>>()
        });
        self.answers.invalidate();
    }

    /// From now on the assistant answers without the source of this id.
    pub(crate) fn remove_source(&self, id: &str) {
        self.sources.rcu(|sources| {
            sources
                .iter()
                .filter(|source| source.id != id)
                .cloned()
                .collect::<Vec<_>>()
        });
        self.answers.invalidate();
    }
}

impl Services {
    /// Over these ports.
    pub fn new(ports: Ports, settings: HubSettings) -> Self {
        let numbers = Numbers::new(ports.records.clone());
        let (records, clock) = (ports.records.clone(), Arc::clone(&ports.clock));
        let random = Arc::clone(&ports.random);
        let subscriptions = Arc::new(Subscriptions::new(records.clone(), random));
        let told = Arc::clone(&subscriptions);
        let budgets = Arc::new(Budgets::new(records, clock, settings.prices.clone(), told));
        Self {
            budgets,
            subscriptions,
            ports,
            numbers,
            settings,
            history: History::default(),
            activity: ActivityLocks::default(),
            memories: MemoryNotes::default(),
            attachments: RwLock::default(),
            incoming: Locks::default(),
            deliveries: Locks::default(),
            quarantine: Mutex::default(),
            campaigns: Locks::default(),
            mail: MailWatch::default(),
            conditions: Conditions::default(),
            acknowledgements: Acknowledgements::default(),
            organizations: DashMap::new(),
        }
    }

    /// The records.
    pub fn records(&self) -> &Records {
        &self.ports.records
    }

    /// A customer of a channel sees that a message was read, and whether an answer is being written.
    pub(crate) fn acknowledge(&self, channel: Channel, message: &Message, is_typing: bool) {
        let ports = &self.ports.channels;
        self.acknowledgements.tell(ports, channel, message, is_typing);
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The organization's settings and sources, read from the store the first time.
    pub fn organization(&self, id: OrganizationId) -> Result<Arc<OrganizationCache>, StoreError> {
        if let Some(cached) = self.organizations.get(&id) {
            return Ok(Arc::clone(&cached));
        }
        let settings = self
            .records()
            .find_settings(id)?
            .unwrap_or_else(|| self.settings.defaults.clone());
        let sources = self
            .records()
            .list_sources(id)?
            .into_iter()
            .map(Arc::new)
            .collect();
        let read = OrganizationCache {
            settings: ArcSwap::from_pointee(settings),
            sources: ArcSwap::from_pointee(sources),
            answers: AnswerCache::default(),
        };
        Ok(Arc::clone(
            &self.organizations.entry(id).or_insert_with(|| Arc::new(read)),
        ))
    }

    /// An occurrence of now.
    pub fn occurrence(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        origin: Option<ConnectionId>,
        event: Event,
    ) -> Arc<Occurrence> {
        let at = self.now();
        Arc::new(Occurrence {
            organization,
            conversation,
            at,
            origin,
            event,
            question: None,
            renderings: Renderings::default(),
        })
    }

    /// The occurrence of a message, given the customer's message that it answers if it is the assistant's.
    pub fn said(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        origin: Option<ConnectionId>,
        message: Arc<Message>,
        question: Option<Arc<Message>>,
    ) -> Arc<Occurrence> {
        Arc::new(Occurrence {
            organization,
            conversation,
            at: message.at,
            origin,
            event: Event::Message(message),
            question,
            renderings: Renderings::default(),
        })
    }
}
