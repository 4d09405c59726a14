//! Notices to webhook subscriptions: each under its subscription, by the customer it tells of, and by when it ends.
//!
//! ```text
//! WebhookDelivery     organization · webhook · delivery → the notice
//! DeliveryOfCustomer  organization · customer · webhook · delivery → nothing
//! DeliveryEnd         milliseconds · organization · webhook · delivery → nothing
//! DeliveryCount       organization · webhook → counter
//! ```
//!
//! Called by the outbox, the hub, Housekeeping and the erasure. Invariant: the rows of a notice are written and removed
//! together, and a notice that has still to be sent has an errand.

use switchboard_domain::id::{CustomerId, DeliveryId, OrganizationId, WebhookId};
use switchboard_domain::outbox::Subject;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};
use switchboard_domain::time::Timestamp;
use switchboard_domain::webhook::Delivery;

use super::codec::encode;
use super::keys::{Kind, global, scoped, trailing_id};
use super::{Records, Stored, errands};

fn key(organization: OrganizationId, webhook: WebhookId, id: DeliveryId) -> Vec<u8> {
    let of = [webhook.as_bytes().as_slice(), id.as_bytes()];
    scoped(Kind::WebhookDelivery, organization, &of)
}

fn all_of(organization: OrganizationId, webhook: WebhookId) -> KeyRange {
    KeyRange::prefix(&scoped(
        Kind::WebhookDelivery,
        organization,
        &[webhook.as_bytes()],
    ))
}

fn customer_key(organization: OrganizationId, customer: CustomerId, of: &Delivery) -> Vec<u8> {
    let row = [
        customer.as_bytes().as_slice(),
        of.webhook.as_bytes(),
        of.id.as_bytes(),
    ];
    scoped(Kind::DeliveryOfCustomer, organization, &row)
}

fn end_key(organization: OrganizationId, end: Timestamp, of: &Delivery) -> Vec<u8> {
    let end = end.as_millis().to_be_bytes();
    let row = [
        end.as_slice(),
        organization.as_bytes(),
        of.webhook.as_bytes(),
        of.id.as_bytes(),
    ];
    global(Kind::DeliveryEnd, &row)
}

fn count_key(organization: OrganizationId, webhook: WebhookId) -> Vec<u8> {
    scoped(Kind::DeliveryCount, organization, &[webhook.as_bytes()])
}

/// The notice that the last 32 bytes of a row name.
fn named(row: &[u8]) -> Option<(WebhookId, DeliveryId)> {
    let delivery = trailing_id(row)?;
    let webhook = trailing_id(row.get(..row.len().checked_sub(16)?)?)?;
    Some((WebhookId::from_bytes(webhook), DeliveryId::from_bytes(delivery)))
}

impl Records {
    /// A notice, with its bytes.
    pub fn find_delivery(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<Option<Stored<Delivery>>, StoreError> {
        self.find_stored(&key(organization, webhook, id))
    }

    /// Notices to a subscription, newest first: at most `limit`, those older than `before` if one is named.
    pub fn list_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut range = all_of(organization, webhook);
        if let Some(before) = before {
            range.until = Some(key(organization, webhook, before));
        }
        self.list(&range, Direction::Backward, limit)
    }

    /// How many notices to a subscription are kept.
    pub fn count_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
    ) -> Result<u64, StoreError> {
        let stored = self.engine.get(&count_key(organization, webhook))?;
        let count = stored.as_deref().and_then(decode_counter).unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// What removes at most `limit` notices to a subscription that is gone; empty when none is left.
    pub fn piece_of_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        for entry in self.entries(&all_of(organization, webhook), Direction::Forward, limit)? {
            self.withdraw_named(&mut batch, organization, &entry.key)?;
        }
        Ok(batch)
    }

    /// What removes at most `limit` notices that tell of a customer; empty when none is left.
    pub fn piece_of_notices(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        let prefix = scoped(Kind::DeliveryOfCustomer, organization, &[customer.as_bytes()]);
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            self.withdraw_named(&mut batch, organization, &entry.key)?;
            batch.delete(entry.key);
        }
        Ok(batch)
    }

    /// What removes at most `limit` notices that were kept for long enough.
    pub fn ended_deliveries(&self, now: Timestamp, limit: usize) -> Result<Batch, StoreError> {
        let prefix = global(Kind::DeliveryEnd, &[]);
        let mut batch = Batch::new();
        for entry in self.entries(&KeyRange::prefix(&prefix), Direction::Forward, limit)? {
            let row = entry.key.get(prefix.len()..).unwrap_or_default();
            let Some((end, rest)) = row.split_first_chunk::<8>() else {
                continue;
            };
            if i64::from_be_bytes(*end) > now.as_millis() {
                break;
            }
            if let Some(organization) = rest.first_chunk::<16>() {
                let organization = OrganizationId::from_bytes(*organization);
                self.withdraw_named(&mut batch, organization, rest)?;
            }
            batch.delete(entry.key);
        }
        Ok(batch)
    }

    fn withdraw_named(
        &self,
        batch: &mut Batch,
        organization: OrganizationId,
        row: &[u8],
    ) -> Result<(), StoreError> {
        let Some((webhook, id)) = named(row) else {
            return Ok(());
        };
        if let Some(errand) = self.find_errand(organization, &Subject::Notice(webhook, id))? {
            errands::withdraw(batch, &errand);
        }
        if let Some(delivery) = self.find_delivery(organization, webhook, id)? {
            remove(batch, organization, &delivery);
        }
        Ok(())
    }
}

/// Adds a notice.
pub fn insert(batch: &mut Batch, organization: OrganizationId, new: &Delivery) -> Result<(), StoreError> {
    batch.put(key(organization, new.webhook, new.id), encode(new)?);
    batch.add(count_key(organization, new.webhook), 1);
    if let Some(customer) = new.customer {
        batch.put(customer_key(organization, customer, new), Vec::new());
    }
    Ok(())
}

/// Replaces a notice; refused when somebody else has written since.
pub fn update(
    batch: &mut Batch,
    organization: OrganizationId,
    old: &Stored<Delivery>,
    next: &Delivery,
) -> Result<(), StoreError> {
    let at = key(organization, next.webhook, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    if let Some(end) = old.record.ends {
        batch.delete(end_key(organization, end, &old.record));
    }
    if let Some(end) = next.ends {
        batch.put(end_key(organization, end, next), Vec::new());
    }
    Ok(())
}

/// Removes a notice; refused when somebody else has written since.
pub fn remove(batch: &mut Batch, organization: OrganizationId, old: &Stored<Delivery>) {
    let Delivery { webhook, id, .. } = old.record;
    let at = key(organization, webhook, id);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    batch.add(count_key(organization, webhook), -1);
    if let Some(customer) = old.record.customer {
        batch.delete(customer_key(organization, customer, &old.record));
    }
    if let Some(end) = old.record.ends {
        batch.delete(end_key(organization, end, &old.record));
    }
}

/// Nothing of a subscription that is gone is counted any more.
pub fn forget_count(batch: &mut Batch, organization: OrganizationId, webhook: WebhookId) {
    batch.delete(count_key(organization, webhook));
}
