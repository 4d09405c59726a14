//! What the core needs to know from the configuration, as plain values.

use std::fmt;
use std::time::Duration;

use switchboard_domain::decision::Thresholds;
use switchboard_domain::desk::DeskPolicy;
use switchboard_domain::price::PriceTable;
use switchboard_domain::settings::AssistantSettings;

/// Settings of the core; the composition root fills them from the configuration file.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// The assistant's timing and limits.
    pub assistant: AssistantLimits,
    /// What an organization's assistant does unless the organization has decided otherwise.
    pub defaults: AssistantSettings,
    /// The desk: offers and capacity.
    pub desk: DeskPolicy,
    /// How long an agent may be disconnected before its unanswered conversations are given back.
    pub agent_grace: Duration,
    /// A conversation's session is put away after this long without anything to do.
    pub session_idle: Duration,
    /// Typing ends by itself after this long without renewal.
    pub typing_ends_after: Duration,
    /// A short-term memory ends this long after it was told last.
    pub short_term_memory: Duration,
    /// Where the hub is found from outside; links to it are told only where this is known.
    pub public_url: Option<String>,
    /// Automatic mails to one correspondent in an hour, before an agent decides.
    pub automatic_mails_per_hour: u32,
    /// Commands that may wait in all sessions together before callers are told to come back.
    pub max_waiting_commands: usize,
    /// Login, tokens and sockets.
    pub accounts: AccountLimits,
    /// What paid calls and messages cost.
    pub prices: PriceTable,
}

/// The assistant's timing and limits.
#[derive(Debug, Clone, Copy)]
pub struct AssistantLimits {
    /// Turns worked on at the same time.
    pub workers: usize,
    /// Turns that may wait for a worker.
    pub queue: usize,
    /// A turn starts this long after the customer's last message, so that a burst gets one answer.
    pub debounce: Duration,
    /// A turn that takes longer ends in the fallback.
    pub timeout: Duration,
    /// The embedded model's cosines.
    pub thresholds: Thresholds,
    /// The cosines of the provider's embedding model.
    pub provider_thresholds: Thresholds,
}

/// Login, tokens and sockets. Not printable: it holds the secret of all tokens.
#[derive(Clone)]
pub struct AccountLimits {
    /// How long a token stands.
    pub token_ttl: Duration,
    /// HS256 secret of the hub's own tokens.
    pub token_secret: Vec<u8>,
    /// Failed logins per minute before an account, or an address, has to wait. `None`: not limited.
    pub login_attempts_per_minute: Option<u32>,
    /// WebSockets per account. `None`: not limited.
    pub sockets_per_account: Option<usize>,
    /// Passwords hashed at the same time.
    pub hashing_workers: usize,
    /// Logins that may wait for a hash.
    pub hashing_queue: usize,
    /// Whose tokens are taken besides the hub's own.
    pub issuers: Vec<Issuer>,
}

/// An external issuer of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The `iss` its tokens carry.
    pub issuer: String,
    /// The `aud` its tokens have to carry.
    pub audience: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// Whether the role of staff in a token is given to its subject's new account.
    pub trust_roles: bool,
}

impl fmt::Debug for AccountLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountLimits")
            .field("token_ttl", &self.token_ttl)
            .finish_non_exhaustive()
    }
}
