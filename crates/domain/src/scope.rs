//! Who is calling, and whose records they may reach. The first argument of every hub and record call.
//!
//! A scope is made from a verified credential alone; nothing a body, query or frame says changes it.

use crate::account::Role;
use crate::conversation::{Conversation, Owner};
use crate::id::{AccountId, ApiKeyId, ConversationId, CustomerId, OrganizationId, TokenId};

/// An organization and the principal acting in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The organization whose records this call may touch.
    pub organization: OrganizationId,
    /// Who is calling.
    pub principal: Principal,
}

/// Who is calling now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Somebody who logged in.
    Account(AccountPrincipal),
    /// A service with an API key: an agent's rights in its organization.
    Key {
        /// The key's id.
        id: ApiKeyId,
    },
    /// A web visitor without an account, bound to the one conversation its token opens.
    Guest {
        /// That conversation.
        conversation: ConversationId,
        /// The customer record of the visitor.
        customer: CustomerId,
    },
    /// The hub itself: start-up, timers, the assistant.
    Hub,
}

/// The account behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPrincipal {
    /// The account.
    pub id: AccountId,
    /// Its role at the time the token was checked.
    pub role: Role,
    /// The account's name as readers see it.
    pub name: String,
    /// The token it came with, so that logging out can end that one.
    pub token: TokenId,
    /// The account's token generation when the token was checked; another one voids the token.
    pub generation: u32,
}

impl Scope {
    /// The hub's own scope in an organization.
    pub const fn hub(organization: OrganizationId) -> Self {
        Self {
            organization,
            principal: Principal::Hub,
        }
    }

    /// Agents, admins, services and the hub itself reach every record of the organization.
    pub fn is_staff(&self) -> bool {
        match &self.principal {
            Principal::Account(account) => account.role.is_staff(),
            Principal::Key { .. } | Principal::Hub => true,
            Principal::Guest { .. } => false,
        }
    }

    /// Admins and the hub itself.
    pub fn is_admin(&self) -> bool {
        match &self.principal {
            Principal::Account(account) => account.role == Role::Admin,
            Principal::Hub => true,
            Principal::Key { .. } | Principal::Guest { .. } => false,
        }
    }

    /// The account calling, if it is one.
    pub const fn account(&self) -> Option<&AccountPrincipal> {
        match &self.principal {
            Principal::Account(account) => Some(account),
            Principal::Key { .. } | Principal::Guest { .. } | Principal::Hub => None,
        }
    }

    /// Whether this caller is the customer of `conversation`.
    pub fn owns(&self, conversation: &Conversation) -> bool {
        match (&self.principal, conversation.owner) {
            (Principal::Account(account), Owner::Account(owner)) => account.id == owner,
            (
                Principal::Guest {
                    conversation: own, ..
                },
                _,
            ) => *own == conversation.id,
            _ => false,
        }
    }

    /// Whether this caller may know that `conversation` exists.
    pub fn reaches(&self, conversation: &Conversation) -> bool {
        if self.organization != conversation.organization {
            return false;
        }
        match (&self.principal, conversation.owner) {
            (Principal::Account(account), Owner::Account(owner)) if !account.role.is_staff() => {
                account.id == owner
            }
            (
                Principal::Guest {
                    conversation: own, ..
                },
                _,
            ) => *own == conversation.id,
            _ => self.is_staff(),
        }
    }
}
