//! Customers and the addresses they are known by.

use switchboard_domain::customer::{Customer, Identity};
use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};

use super::codec::encode;
use super::counters::{Total, add_total};
use super::keys::{Kind, scoped, trailing_id};
use super::{Records, Stored};

fn key(organization: OrganizationId, id: CustomerId) -> Vec<u8> {
    scoped(Kind::Customer, organization, &[id.as_bytes()])
}

fn identity_key(organization: OrganizationId, identity: &Identity) -> Vec<u8> {
    match identity {
        Identity::Account(account) => scoped(Kind::Identity, organization, &[b"a", account.as_bytes()]),
        Identity::External(name) => scoped(Kind::Identity, organization, &[b"x", name.as_bytes()]),
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

/// Adds a new customer; refused when one of its addresses belongs to another.
pub fn insert(batch: &mut Batch, new: &Customer) -> Result<(), StoreError> {
    let at = key(new.organization, new.id);
    batch.require_absent(at.clone()).put(at, encode(new)?);
    for identity in &new.identities {
        let at = identity_key(new.organization, identity);
        batch
            .require_absent(at.clone())
            .put(at, new.id.as_bytes().to_vec());
    }
    add_total(batch, new.organization, Total::Customers, 1);
    Ok(())
}
