//! Customers as staff know them: one by one with what is known of it, found in `list`, made and changed in `change`.
//!
//! Called by the API families. Invariant: nobody but staff, and a customer of itself, learns that a customer exists.

mod change;
pub mod list;

use switchboard_domain::customer::trust::{CONVERSATIONS_CONSIDERED, trust_score};
use switchboard_domain::customer::{Customer, Identity};
use switchboard_domain::id::CustomerId;
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::scope::{Principal, Scope};
use switchboard_domain::time::Timestamp;

pub use self::change::CustomerChange;
pub use self::list::CustomerFilter;
use super::{Hub, staff_only};
use crate::error::HubError;

/// A customer with what its newest conversations tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerProfile {
    /// The record.
    pub customer: Customer,
    /// See [`trust_score`].
    pub trust_score: u8,
    /// When the newest message from or to it came; none when nothing was ever said.
    pub last_interaction: Option<Timestamp>,
}

impl Hub {
    /// A customer of the organization, for staff and for itself; somebody else's is `NotFound`.
    pub fn get_customer(&self, scope: &Scope, id: CustomerId) -> Result<Customer, HubError> {
        let stored = self.services.records().find_customer(scope.organization, id)?;
        let customer = stored
            .map(|stored| stored.record)
            .ok_or(HubError::NotFound("customer"))?;
        let own = matches!(scope.principal, Principal::Guest { customer, .. } if customer == id)
            || scope
                .account()
                .is_some_and(|account| customer.identities.contains(&Identity::Account(account.id)));
        if own || scope.is_staff() {
            Ok(customer)
        } else {
            Err(HubError::NotFound("customer"))
        }
    }

    /// The same with what its conversations tell. Staff and services.
    pub fn get_customer_profile(&self, scope: &Scope, id: CustomerId) -> Result<CustomerProfile, HubError> {
        staff_only(scope)?;
        Ok(self.profile(self.get_customer(scope, id)?)?)
    }

    fn profile(&self, customer: Customer) -> Result<CustomerProfile, StoreError> {
        let Customer { organization, id, .. } = customer;
        let records = self.services.records();
        let mut newest = Vec::new();
        for id in records.list_of_customer(organization, id, CONVERSATIONS_CONSIDERED)? {
            newest.extend(self.read_conversation(organization, id)?);
        }
        let spoken = newest
            .iter()
            .filter(|conversation| conversation.last_sequence > 0);
        Ok(CustomerProfile {
            trust_score: trust_score(&customer, newest.iter().map(AsRef::as_ref)),
            last_interaction: spoken.map(|conversation| conversation.last_message_at).max(),
            customer,
        })
    }
}
