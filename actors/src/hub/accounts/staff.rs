//! What admins change of an account: whether it is active, and its role.

use std::sync::Arc;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{AccountId, CustomerId};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::create::customer_of;
use crate::error::HubError;
use crate::hub::{Hub, admin_only};
use crate::records::accounts::require_account;
use crate::records::{Stored, customers};

/// What is to change of an account; `None` stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Whether it may log in.
    pub is_active: Option<bool>,
    /// What it may do.
    pub role: Option<Role>,
}

impl Hub {
    /// Changes an account of the admin's organization, all at once. Another role or disabling ends its tokens.
    ///
    /// The last active admin can neither be disabled nor demoted: `Conflict`.
    pub async fn change_account_of_organization(
        &self,
        scope: &Scope,
        id: AccountId,
        change: AccountChange,
    ) -> Result<Arc<Account>, HubError> {
        admin_only(scope)?;
        self.find_own_account(scope, id)?;
        self.change_account(id, |old, batch| {
            let mut next = Account {
                is_active: change.is_active.unwrap_or(old.record.is_active),
                role: change.role.unwrap_or(old.record.role),
                ..next_generation(&old.record)
            };
            if (next.is_active, next.role) == (old.record.is_active, old.record.role) {
                return Ok(None);
            }
            self.keep_an_admin(old, &next, batch)?;
            self.give_customer(&mut next, batch)?;
            Ok(Some(next))
        })
        .await
    }

    /// Enables or disables an account of the admin's organization. Disabling ends its tokens.
    ///
    /// The last active admin cannot be disabled: `Conflict`.
    pub async fn set_account_active(
        &self,
        scope: &Scope,
        id: AccountId,
        is_active: bool,
    ) -> Result<Arc<Account>, HubError> {
        admin_only(scope)?;
        self.find_own_account(scope, id)?;
        self.change_account(id, |old, batch| {
            if old.record.is_active == is_active {
                return Ok(None);
            }
            let next = Account {
                is_active,
                ..next_generation(&old.record)
            };
            self.keep_an_admin(old, &next, batch)?;
            Ok(Some(next))
        })
        .await
    }

    /// Gives an account of the admin's organization another role, which ends its tokens.
    ///
    /// The last active admin cannot be demoted: `Conflict`.
    pub async fn set_role(&self, scope: &Scope, id: AccountId, role: Role) -> Result<Arc<Account>, HubError> {
        admin_only(scope)?;
        self.find_own_account(scope, id)?;
        self.change_account(id, |old, batch| {
            if old.record.role == role {
                return Ok(None);
            }
            let mut next = Account {
                role,
                ..next_generation(&old.record)
            };
            self.keep_an_admin(old, &next, batch)?;
            self.give_customer(&mut next, batch)?;
            Ok(Some(next))
        })
        .await
    }

    /// Refuses to take away the organization's last active admin.
    ///
    /// Another admin must not only be there now: the commit requires its record unchanged, so two admins who disable
    /// each other at the same moment cannot both succeed.
    fn keep_an_admin(
        &self,
        old: &Stored<Account>,
        next: &Account,
        batch: &mut Batch,
    ) -> Result<(), HubError> {
        if !is_active_admin(&old.record) || is_active_admin(next) {
            return Ok(());
        }
        let records = self.services.records();
        let Some(other) = records.find_other_admin(next.organization, next.id)? else {
            return Err(HubError::Conflict(
                "this is the organization's last active admin".to_owned(),
            ));
        };
        require_account(batch, &other);
        Ok(())
    }

    /// Who becomes a customer gets a customer record, if it has none.
    fn give_customer(&self, next: &mut Account, batch: &mut Batch) -> Result<(), HubError> {
        if next.role != Role::Customer || next.customer.is_some() {
            return Ok(());
        }
        let random = self.services.ports.random.as_ref();
        next.customer = Some(CustomerId::generate(self.services.now(), random));
        if let Some(customer) = customer_of(next) {
            customers::insert(batch, &customer, Channel::Web)?;
        }
        Ok(())
    }
}

fn is_active_admin(account: &Account) -> bool {
    account.is_active && account.role == Role::Admin
}

fn next_generation(account: &Account) -> Account {
    Account {
        token_generation: account.token_generation.wrapping_add(1),
        ..account.clone()
    }
}
