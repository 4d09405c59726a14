//! Webhook subscriptions and what became of their notices.

use switchboard_domain::id::{DeliveryId, OrganizationId, WebhookId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::webhook::{Delivery, Webhook};

use super::codec::encode;
use super::keys::{Kind, scoped};
use super::{Records, Stored};

fn key(organization: OrganizationId, id: WebhookId) -> Vec<u8> {
    scoped(Kind::Webhook, organization, &[id.as_bytes()])
}

fn delivery_key(organization: OrganizationId, webhook: WebhookId, id: DeliveryId) -> Vec<u8> {
    scoped(
        Kind::WebhookDelivery,
        organization,
        &[webhook.as_bytes(), id.as_bytes()],
    )
}

impl Records {
    /// A subscription, with its bytes.
    pub fn find_webhook(
        &self,
        organization: OrganizationId,
        id: WebhookId,
    ) -> Result<Option<Stored<Webhook>>, StoreError> {
        self.find_stored(&key(organization, id))
    }

    /// An organization's subscriptions, oldest first.
    pub fn list_webhooks(&self, organization: OrganizationId) -> Result<Vec<Webhook>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::Webhook, organization, &[]));
        self.list(&range, Direction::Forward, usize::MAX)
    }

    /// A notice, with its bytes.
    pub fn find_delivery(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<Option<Stored<Delivery>>, StoreError> {
        self.find_stored(&delivery_key(organization, webhook, id))
    }

    /// The notices to a subscription, newest first.
    pub fn list_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let of = scoped(Kind::WebhookDelivery, organization, &[webhook.as_bytes()]);
        self.list(&KeyRange::prefix(&of), Direction::Backward, limit)
    }
}

/// Adds a subscription.
pub fn insert(batch: &mut Batch, new: &Webhook) -> Result<(), StoreError> {
    let at = key(new.organization, new.id);
    batch.require_absent(at.clone()).put(at, encode(new)?);
    Ok(())
}

/// Replaces a subscription; refused when somebody else has written since.
pub fn update(batch: &mut Batch, old: &Stored<Webhook>, next: &Webhook) -> Result<(), StoreError> {
    let at = key(next.organization, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    Ok(())
}

/// Removes a subscription with the notices `deliveries`; refused when somebody else has written since.
pub fn delete(batch: &mut Batch, old: &Stored<Webhook>, deliveries: &[Delivery]) {
    let Webhook { organization, id, .. } = old.record;
    let at = key(organization, id);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    for delivery in deliveries {
        batch.delete(delivery_key(organization, id, delivery.id));
    }
}

/// Replaces a notice; refused when somebody else has written since.
pub fn update_delivery(
    batch: &mut Batch,
    organization: OrganizationId,
    old: &Stored<Delivery>,
    next: &Delivery,
) -> Result<(), StoreError> {
    let at = delivery_key(organization, next.webhook, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    Ok(())
}
