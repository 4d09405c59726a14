//! Webhook subscriptions.
//!
//! What became of their notices lies in [`super::notices`].

use switchboard_domain::id::{OrganizationId, WebhookId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::webhook::{MAX_WEBHOOKS, Webhook};

use super::codec::encode;
use super::keys::{Kind, scoped};
use super::{Records, Stored};

fn key(organization: OrganizationId, id: WebhookId) -> Vec<u8> {
    scoped(Kind::Webhook, organization, &[id.as_bytes()])
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
        // Two made at the same moment may both have been the last.
        self.list(&range, Direction::Forward, 2 * MAX_WEBHOOKS)
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

/// Removes a subscription; refused when somebody else has written since.
pub fn delete(batch: &mut Batch, old: &Stored<Webhook>) {
    let at = key(old.record.organization, old.record.id);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
}
