//! Accounts and tokens: what `/api/v1/auth` takes and answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::accounts::{Login, NewAccount};
use switchboard_domain::account::{Account, Role, first_and_last};

use crate::http::wire::Time;

#[derive(Deserialize, JsonSchema)]
pub(in crate::api::assistant) struct RegisterIn {
    username: String,
    email: String,
    password: String,
    full_name: Option<String>,
}

impl From<RegisterIn> for NewAccount {
    fn from(new: RegisterIn) -> Self {
        let (first_name, last_name) = first_and_last(new.full_name.as_deref().unwrap_or_default());
        Self {
            username: Some(new.username),
            email: new.email,
            password: new.password,
            first_name,
            last_name,
        }
    }
}

/// `username` takes the email, too.
#[derive(Deserialize, JsonSchema)]
pub(in crate::api::assistant) struct LoginIn {
    pub(in crate::api::assistant) username: String,
    pub(in crate::api::assistant) password: String,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct AccountOut {
    id: u64,
    username: String,
    email: String,
    full_name: Option<String>,
    is_active: bool,
    is_admin: bool,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<&Account> for AccountOut {
    fn from(account: &Account) -> Self {
        Self {
            id: account.number,
            username: account.username.clone(),
            email: account.email.clone(),
            full_name: account.full_name(),
            is_active: account.is_active,
            is_admin: account.role == Role::Admin,
            created_at: account.created_at.to_string(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct TokenOut {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

impl From<&Login> for TokenOut {
    fn from(login: &Login) -> Self {
        Self {
            access_token: login.token.clone(),
            token_type: "bearer",
            expires_in: login.expires_in.as_secs(),
        }
    }
}
