//! Customers and the addresses they are known by.

use switchboard_domain::counter::Tally;
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};

use super::codec::encode;
use super::counters::{Total, add_total, count};
use super::keys::{Kind, scoped, trailing_id};
use super::{Records, Stored};

fn key(organization: OrganizationId, id: CustomerId) -> Vec<u8> {
    scoped(Kind::Customer, organization, &[id.as_bytes()])
}

fn identity_key(organization: OrganizationId, identity: &Identity) -> Vec<u8> {
    match identity {
        Identity::Account(account) => scoped(Kind::Identity, organization, &[b"a", account.as_bytes()]),
        Identity::External(name) => scoped(Kind::Identity, organization, &[b"x", name.as_bytes()]),
        Identity::Phone(number) => scoped(Kind::Identity, organization, &[b"p", number.as_bytes()]),
        Identity::Email(address) => scoped(Kind::Identity, organization, &[b"e", address.as_bytes()]),
        Identity::Whatsapp(user) => scoped(Kind::Identity, organization, &[b"w", user.as_bytes()]),
    }
}

impl Records {
    /// A customer, with its bytes.
    pub fn find_customer(
        &self,
        organization: OrganizationId,
        id: CustomerId,
    ) -> Result<Option<Stored<Customer>>, StoreError> {
        self.find_stored(&key(organization, id))
    }

    /// An organization's customers, the newest first.
    pub fn list_customers(
        &self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<Customer>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::Customer, organization, &[]));
        self.list(&range, Direction::Backward, limit)
    }

    /// The customer known by an address.
    pub fn find_identity(
        &self,
        organization: OrganizationId,
        identity: &Identity,
    ) -> Result<Option<CustomerId>, StoreError> {
        let bytes = self.engine.get(&identity_key(organization, identity))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(CustomerId::from_bytes))
    }
}

/// Adds a new customer who came by `channel`; refused when one of its addresses belongs to another.
pub fn insert(batch: &mut Batch, new: &Customer, channel: Channel) -> Result<(), StoreError> {
    let at = key(new.organization, new.id);
    batch.require_absent(at.clone()).put(at, encode(new)?);
    for identity in &new.identities {
        claim(batch, new, identity);
    }
    add_total(batch, new.organization, Total::Customers, 1);
    if new.is_verified {
        add_total(batch, new.organization, Total::VerifiedCustomers, 1);
    }
    count(batch, new.organization, channel, new.created_at, Tally::Customer);
    Ok(())
}

/// Replaces a customer and moves its addresses; refused when somebody else has written since, or an address is taken.
pub fn update(batch: &mut Batch, old: &Stored<Customer>, next: &Customer) -> Result<(), StoreError> {
    replace(batch, old, next)?;
    for new in next
        .identities
        .iter()
        .filter(|wanted| !old.record.identities.contains(wanted))
    {
        claim(batch, next, new);
    }
    Ok(())
}

/// Replaces a customer who takes one address over from another, who is left without it, and gains no other one; refused
/// when somebody else has written either since.
pub fn take_over(
    batch: &mut Batch,
    old: &Stored<Customer>,
    next: &Customer,
    (other, address): (&Stored<Customer>, &Identity),
) -> Result<(), StoreError> {
    let mut poorer = other.record.clone();
    poorer.give_up(address);
    let at = key(poorer.organization, poorer.id);
    batch
        .require(at.clone(), other.bytes.clone())
        .put(at, encode(&poorer)?);
    replace(batch, old, next)?;
    let at = identity_key(next.organization, address);
    batch
        .require(at.clone(), poorer.id.as_bytes().to_vec())
        .put(at, next.id.as_bytes().to_vec());
    Ok(())
}

/// The record, and the addresses it has no more.
fn replace(batch: &mut Batch, old: &Stored<Customer>, next: &Customer) -> Result<(), StoreError> {
    let at = key(next.organization, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    for gone in old
        .record
        .identities
        .iter()
        .filter(|known| !next.identities.contains(known))
    {
        batch.delete(identity_key(next.organization, gone));
    }
    let verified = i64::from(next.is_verified) - i64::from(old.record.is_verified);
    if verified != 0 {
        add_total(batch, next.organization, Total::VerifiedCustomers, verified);
    }
    Ok(())
}

/// Removes a customer with the addresses it is known by; refused when somebody else has written since.
pub fn remove(batch: &mut Batch, old: &Stored<Customer>) {
    let Stored { record, bytes } = old;
    let at = key(record.organization, record.id);
    batch.require(at.clone(), bytes.clone()).delete(at);
    for identity in &record.identities {
        batch.delete(identity_key(record.organization, identity));
    }
    add_total(batch, record.organization, Total::Customers, -1);
    if record.is_verified {
        add_total(batch, record.organization, Total::VerifiedCustomers, -1);
    }
}

fn claim(batch: &mut Batch, customer: &Customer, identity: &Identity) {
    let at = identity_key(customer.organization, identity);
    batch
        .require_absent(at.clone())
        .put(at, customer.id.as_bytes().to_vec());
}
