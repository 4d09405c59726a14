//! Who is told of what: the active subscriptions of each organization, and the notices that an event owes them.
//!
//! Whoever commits something that organizations' own systems are to hear of asks here within its batch. Where nobody has
//! subscribed that costs a look into a list in memory. Invariant: a notice and its errand are rows of the commit of their
//! cause, and the list is read anew after each change of a subscription.

use std::sync::Arc;

use dashmap::DashMap;
use parking_lot::Mutex;
use serde::Serialize;
use switchboard_domain::id::{CustomerId, DeliveryId, OrganizationId, WebhookId};
use switchboard_domain::outbox::{Errand, Lane, Subject};
use switchboard_domain::ports::clock::Random;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::time::Timestamp;
use switchboard_domain::webhook::{Delivery, DeliveryState, Webhook, WebhookEvent};

use crate::outbox::OutboxCommand;
use crate::records::{Records, errands, notices};
use crate::supervision::Address;

/// What has happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) organization: OrganizationId,
    pub(crate) event: WebhookEvent,
    pub(crate) at: Timestamp,
    /// Whom it tells of.
    pub(crate) customer: Option<CustomerId>,
}

/// The subscriptions of all organizations.
#[derive(Debug)]
pub struct Subscriptions {
    records: Records,
    random: Arc<dyn Random>,
    outbox: Address<OutboxCommand>,
    /// The id of the newest notice.
    newest: Mutex<DeliveryId>,
    active: DashMap<OrganizationId, Arc<[Subscription]>>,
}

#[derive(Debug)]
struct Subscription {
    webhook: WebhookId,
    events: Vec<WebhookEvent>,
}

/// A notice as it is sent.
#[derive(Serialize)]
struct Payload<'a, D> {
    event: &'static str,
    timestamp: String,
    data: &'a D,
}

impl Subscriptions {
    /// Over these records.
    pub(crate) fn new(records: Records, random: Arc<dyn Random>) -> Self {
        Self {
            records,
            random,
            outbox: Address::default(),
            newest: Mutex::new(DeliveryId::from_bytes([0; 16])),
            active: DashMap::new(),
        }
    }

    /// Where the outbox is, or will be.
    pub(crate) fn outbox(&self) -> Address<OutboxCommand> {
        self.outbox.clone()
    }

    /// What was owed in these lanes is durable: it goes out now.
    pub(crate) fn announce(&self, lanes: Vec<Lane>) {
        for lane in lanes {
            self.outbox.notify(OutboxCommand::Owed(lane));
        }
    }

    /// A subscription of the organization has changed.
    pub(crate) fn forget(&self, organization: OrganizationId) {
        self.active.remove(&organization);
    }

    /// Adds what this owes to whoever has subscribed to it; `data` is asked for when somebody has. Returns the lanes in
    /// which something is owed once the batch is durable.
    pub(crate) fn owe<D: Serialize>(
        &self,
        batch: &mut Batch,
        cause: Cause,
        data: impl FnOnce() -> D,
    ) -> Result<Vec<Lane>, StoreError> {
        self.owe_unless(batch, cause, |_| false, data)
    }

    /// The same for all but one.
    pub(crate) fn owe_others<D: Serialize>(
        &self,
        batch: &mut Batch,
        cause: Cause,
        except: WebhookId,
        data: impl FnOnce() -> D,
    ) -> Result<Vec<Lane>, StoreError> {
        self.owe_unless(batch, cause, |webhook| webhook == except, data)
    }

    fn owe_unless<D: Serialize>(
        &self,
        batch: &mut Batch,
        cause: Cause,
        is_left_out: impl Fn(WebhookId) -> bool,
        data: impl FnOnce() -> D,
    ) -> Result<Vec<Lane>, StoreError> {
        let active = self.active(cause.organization)?;
        let told = active
            .iter()
            .filter(|one| one.events.contains(&cause.event) && !is_left_out(one.webhook));
        let mut told = told.map(|one| one.webhook).peekable();
        if told.peek().is_none() {
            return Ok(Vec::new());
        }
        let payload = payload(cause, &data())?;
        told.map(|webhook| self.owe_one(batch, cause, webhook, payload.clone()))
            .collect()
    }

    fn owe_one(
        &self,
        batch: &mut Batch,
        cause: Cause,
        webhook: WebhookId,
        payload: String,
    ) -> Result<Lane, StoreError> {
        let Cause {
            organization,
            event,
            at,
            customer,
        } = cause;
        let delivery = Delivery {
            id: self.next_id(at),
            webhook,
            event,
            payload,
            at,
            state: DeliveryState::Pending,
            attempts: 0,
            status_code: None,
            failure: None,
            customer,
            ends: None,
        };
        let (lane, subject) = (Lane::Webhook(webhook), Subject::Notice(webhook, delivery.id));
        notices::insert(batch, organization, &delivery)?;
        errands::insert(batch, &Errand::new(organization, lane, subject, at))?;
        Ok(lane)
    }

    /// A new id behind every other one of this process, also within one millisecond: notices are sent in the order of
    /// their ids.
    fn next_id(&self, at: Timestamp) -> DeliveryId {
        let fresh = DeliveryId::generate(at, self.random.as_ref());
        let mut newest = self.newest.lock();
        let behind = u128::from_be_bytes(*newest.as_bytes()).saturating_add(1);
        *newest = fresh.max(DeliveryId::from_bytes(behind.to_be_bytes()));
        *newest
    }

    /// Read under the entry's lock: a change is committed before it is forgotten here, so what is read while somebody
    /// changes something does not stay.
    fn active(&self, organization: OrganizationId) -> Result<Arc<[Subscription]>, StoreError> {
        if let Some(known) = self.active.get(&organization) {
            return Ok(Arc::clone(&known));
        }
        let entry = self.active.entry(organization);
        let read = || -> Result<Arc<[Subscription]>, StoreError> {
            let all = self.records.list_webhooks(organization)?;
            let active = all.into_iter().filter(|webhook| webhook.is_active);
            Ok(active
                .map(
                    |Webhook {
                         id: webhook, events, ..
                     }| Subscription { webhook, events },
                )
                .collect())
        };
        Ok(Arc::clone(&*entry.or_try_insert_with(read)?))
    }
}

fn payload<D: Serialize>(cause: Cause, data: &D) -> Result<String, StoreError> {
    let payload = Payload {
        event: cause.event.as_str(),
        timestamp: cause.at.to_string(),
        data,
    };
    serde_json::to_string(&payload).map_err(|error| StoreError::Failed(error.to_string()))
}
