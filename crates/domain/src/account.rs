//! Accounts that can log in, their roles, and the keys services call with.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, ApiKeyId, CustomerId, OrganizationId};
use crate::time::Timestamp;

/// Shortest password, characters.
pub const MIN_PASSWORD_CHARACTERS: usize = 8;
/// Longest password, characters.
pub const MAX_PASSWORD_CHARACTERS: usize = 256;

/// The API families, as an API key's `scopes` name them.
pub const FAMILIES: [&str; 5] = ["care", "platform", "assistant", "rooms", "omnichannel"];

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything in its organization.
    Admin,
    /// All conversations of its organization.
    Agent,
    /// Its own conversations.
    Customer,
}

impl Role {
    /// Agents and admins.
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Admin | Self::Agent)
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Customer => "customer",
        }
    }

    /// The role of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::Agent, Self::Customer]
            .into_iter()
            .find(|role| role.as_str() == name)
    }
}

/// Somebody who can log in through any family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Counted up per organization, for families with integer ids.
    pub number: u64,
    /// The one organization it belongs to.
    pub organization: OrganizationId,
    /// Unique in the whole hub, compared without case.
    pub username: String,
    /// Unique in the whole hub, compared without case.
    pub email: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// What it may do.
    pub role: Role,
    /// The customer record of a customer's account.
    pub customer: Option<CustomerId>,
    /// PHC string of the argon2id hash.
    pub password_hash: String,
    /// A disabled account cannot log in and its tokens are void.
    pub is_active: bool,
    /// Tokens of another generation are void; a changed password or role, or disabling, counts it up.
    pub token_generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last logged in.
    pub last_login_at: Option<Timestamp>,
}

impl Account {
    /// The name readers see: first and last name, else the username.
    pub fn display_name(&self) -> String {
        self.full_name().unwrap_or_else(|| self.username.clone())
    }

    /// First and last name; none where neither is known.
    pub fn full_name(&self) -> Option<String> {
        let full = format!("{} {}", self.first_name, self.last_name);
        let full = full.trim();
        (!full.is_empty()).then(|| full.to_owned())
    }
}

/// A full name as first and last name: the first word, and all that follows.
pub fn first_and_last(full: &str) -> (String, String) {
    let full = full.trim();
    let (first, last) = full.split_once(char::is_whitespace).unwrap_or((full, ""));
    (first.to_owned(), last.trim_start().to_owned())
}

/// A key that a service calls with; the key itself is never stored, only its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The organization it acts for.
    pub organization: OrganizationId,
    /// What staff call it.
    pub name: String,
    /// Families it may call; empty means all.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ApiKey {
    /// Whether it may call `family`, one of [`FAMILIES`].
    pub fn allows(&self, family: &str) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| scope == family)
    }
}
