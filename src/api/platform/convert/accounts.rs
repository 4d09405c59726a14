//! Accounts as users, organizations, API keys.

use switchboard_actors::hub::accounts::{AccountChange, NewAccount};
use switchboard_domain::account::{Account, ApiKey};
use switchboard_domain::organization::Organization;

use super::super::wire::{ApiKeyOut, NewApiKeyOut, OrganizationOut, UserChangeIn, UserIn, UserOut};
use crate::http::wire::OneOf;

impl From<UserIn> for NewAccount {
    fn from(user: UserIn) -> Self {
        Self {
            username: user.username,
            email: user.email,
            password: user.password,
            first_name: user.first_name.unwrap_or_default(),
            last_name: user.last_name.unwrap_or_default(),
        }
    }
}

impl From<UserChangeIn> for AccountChange {
    fn from(change: UserChangeIn) -> Self {
        Self {
            is_active: change.is_active,
            role: change.role.map(|OneOf(role)| role),
        }
    }
}

impl From<&Account> for UserOut {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            email: account.email.clone(),
            first_name: account.first_name.clone(),
            last_name: account.last_name.clone(),
            role: account.role.as_str(),
            organization_id: account.organization.to_string(),
            is_active: account.is_active,
            created_at: account.created_at.to_string(),
            last_login_at: account.last_login_at.map(|at| at.to_string()),
        }
    }
}

impl OrganizationOut {
    /// A new organization with its admin.
    pub(in crate::api::platform) fn new(organization: &Organization, admin: &Account) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.clone(),
            created_at: organization.created_at.to_string(),
            admin: admin.into(),
        }
    }
}

impl From<&ApiKey> for ApiKeyOut {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            created_at: key.created_at.to_string(),
        }
    }
}

impl NewApiKeyOut {
    /// A new key with its text.
    pub(in crate::api::platform) fn new(made: &ApiKey, key: String) -> Self {
        Self {
            key,
            made: made.into(),
        }
    }
}
