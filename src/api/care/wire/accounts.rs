//! Accounts and tokens: what `/auth` takes and answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::accounts::{Login, NewAccount};
use switchboard_domain::account::{Account, first_and_last};

use crate::http::wire::Time;

#[derive(Deserialize, JsonSchema)]
pub(in crate::api::care) struct RegisterIn {
    email: String,
    password: String,
    name: String,
}

impl From<RegisterIn> for NewAccount {
    fn from(new: RegisterIn) -> Self {
        let (first_name, last_name) = first_and_last(&new.name);
        Self {
            username: None,
            email: new.email,
            password: new.password,
            first_name,
            last_name,
        }
    }
}

/// `email` takes the username, too.
#[derive(Deserialize, JsonSchema)]
pub(in crate::api::care) struct LoginIn {
    pub(in crate::api::care) email: String,
    pub(in crate::api::care) password: String,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct UserOut {
    id: String,
    email: String,
    name: String,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<&Account> for UserOut {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.clone(),
            name: account.display_name(),
            created_at: account.created_at.to_string(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct TokenOut {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    user: UserOut,
}

impl From<&Login> for TokenOut {
    fn from(login: &Login) -> Self {
        Self {
            access_token: login.token.clone(),
            token_type: "bearer",
            expires_in: login.expires_in.as_secs(),
            user: login.account.as_ref().into(),
        }
    }
}
