//! Accounts: who can log in, how they come to be, what admins do with them.
//!
//! Called by the API families' auth and admin endpoints, and by start-up. Invariant: an organization never loses its
//! last active admin, and whatever ends a token is announced to open sockets after it is durable.

mod change;
pub(in crate::hub) mod check;
mod create;
mod external;
mod keys;
mod login;
mod organizations;
mod staff;

use std::sync::Arc;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::id::AccountId;
use switchboard_domain::scope::{AccountPrincipal, Scope};

use super::{Hub, admin_only};
use crate::error::HubError;

pub use create::{NewAccount, TAKEN};
pub use login::Login;
pub use organizations::FirstStart;
pub use staff::AccountChange;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPage {
    /// The accounts of the page, oldest first.
    pub items: Vec<Arc<Account>>,
    /// How many there are on all pages.
    pub total: u64,
}

impl Hub {
    /// The caller's own account; `Forbidden` for callers without one.
    pub fn me(&self, scope: &Scope) -> Result<Arc<Account>, HubError> {
        let caller = caller(scope)?;
        self.find_own_account(scope, caller.id)
    }

    /// An account of the caller's organization: its own, or any for an admin.
    pub fn get_account(&self, scope: &Scope, id: AccountId) -> Result<Arc<Account>, HubError> {
        if scope.account().is_none_or(|caller| caller.id != id) {
            admin_only(scope)?;
        }
        self.find_own_account(scope, id)
    }

    /// Accounts of the admin's organization, of one role if given, `limit` of them behind the first `offset`.
    pub fn list_accounts(
        &self,
        scope: &Scope,
        role: Option<Role>,
        offset: usize,
        limit: usize,
    ) -> Result<AccountPage, HubError> {
        admin_only(scope)?;
        let records = self.services.records();
        let total = records.total_accounts(scope.organization, role)?;
        let mut items = Vec::new();
        for id in records.list_account_ids(scope.organization, role, offset, limit)? {
            items.extend(self.credentials.find_account(id)?);
        }
        Ok(AccountPage { items, total })
    }

    /// An account of the caller's organization; another's is `NotFound`.
    fn find_own_account(&self, scope: &Scope, id: AccountId) -> Result<Arc<Account>, HubError> {
        let found = self.credentials.find_account(id)?;
        found
            .filter(|account| account.organization == scope.organization)
            .ok_or(HubError::NotFound("account"))
    }
}

/// The account calling.
fn caller(scope: &Scope) -> Result<&AccountPrincipal, HubError> {
    scope
        .account()
        .ok_or(HubError::Forbidden("This needs an account's token"))
}

#[cfg(test)]
mod tests;
