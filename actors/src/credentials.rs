//! Who is calling: passwords, tokens, API keys, and the accounts behind them.
//!
//! Every surface turns a credential into a [`Scope`] here, and nowhere else. Invariant: role, name and organization come
//! from the stored account or key, never from what a token says of itself; and once a logout, a new password, another
//! role or a disabled account is acknowledged, no token it ended is accepted again.

pub mod issuers;
pub mod passwords;
pub mod throttle;
pub mod tokens;

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use switchboard_domain::account::Account;
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, OrganizationId, TokenId};
use switchboard_domain::ports::clock::Random;
use switchboard_domain::scope::{AccountPrincipal, Principal, Scope};
use switchboard_domain::time::Timestamp;
use tokio::sync::watch;

use crate::error::HubError;
use crate::records::accounts::hash_key;
use crate::services::Services;

use issuers::{Finding, Issuers, Subject};
use passwords::{HashCost, Passwords};
use throttle::{Attempt, Throttle};
use tokens::{Bearer, GUEST_TTL, Tokens};

/// What every API key starts with.
pub const API_KEY_PREFIX: &str = "sk_";

/// Random bytes of an API key.
const API_KEY_BYTES: usize = 32;

/// Accounts kept in memory; beyond that the memory starts afresh.
const MAX_CACHED_ACCOUNTS: usize = 100_000;

/// What a caller shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// A token: the hub's own of an account or a guest, or a configured issuer's.
    Bearer(&'a str),
    /// An API key.
    ApiKey(&'a str),
}

/// A caller whose credential was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is, and what it may reach.
    pub scope: Scope,
    /// When the credential ends by itself; an API key's does not.
    pub expires: Option<Timestamp>,
}

/// Checks credentials and makes them.
#[derive(Debug)]
pub struct Credentials {
    services: Arc<Services>,
    passwords: Passwords,
    tokens: Tokens,
    issuers: Issuers,
    throttle: Throttle,
    accounts: DashMap<AccountId, Arc<Account>>,
    subjects: DashMap<[u8; 32], AccountId>,
    default_organization: OnceLock<OrganizationId>,
    revocations: watch::Sender<u64>,
}

impl Credentials {
    /// Over these services, with full-strength hashes.
    pub fn new(services: Arc<Services>) -> Result<Self, HubError> {
        Self::with_cost(services, HashCost::default())
    }

    /// Like [`Credentials::new`], with new passwords hashed at another cost.
    pub fn with_cost(services: Arc<Services>, cost: HashCost) -> Result<Self, HubError> {
        let limits = &services.settings.accounts;
        let random = Arc::clone(&services.ports.random);
        Ok(Self {
            passwords: Passwords::new(cost, limits.hashing_workers, limits.hashing_queue, random)?,
            tokens: Tokens::new(&limits.token_secret),
            throttle: Throttle::new(limits.login_attempts_per_minute),
            issuers: Issuers::new(&limits.issuers, limits.token_ttl),
            accounts: DashMap::new(),
            subjects: DashMap::new(),
            default_organization: OnceLock::new(),
            revocations: watch::Sender::new(0),
            services,
        })
    }

    /// The caller behind a credential that is shown to `family`; `Unauthenticated` when it does not stand, `Forbidden`
    /// when it is an API key for other families.
    pub fn authenticate(&self, credential: Credential<'_>, family: &str) -> Result<Authenticated, HubError> {
        match credential {
            Credential::Bearer(token) => self.authenticate_token(token),
            Credential::ApiKey(secret) => self.authenticate_key(secret, family),
        }
    }

    fn authenticate_token(&self, token: &str) -> Result<Authenticated, HubError> {
        match self.issuers.read(token, self.services.now()) {
            Finding::Foreign => self.authenticate_own(token),
            Finding::Subject(subject) => self.find_subject(&subject)?.ok_or(HubError::Unauthenticated),
            Finding::Refused | Finding::UnknownKey(_) => Err(HubError::Unauthenticated),
        }
    }

    /// The caller behind a checked token of an external issuer; `None` when its subject has no account yet.
    pub(crate) fn find_subject(&self, subject: &Subject) -> Result<Option<Authenticated>, HubError> {
        let Some(id) = self.find_account_of(&subject.identity)? else {
            return Ok(None);
        };
        let account = self.find_account(id)?.ok_or(HubError::Unauthenticated)?;
        let (organization, generation) = (account.organization, account.token_generation);
        Ok(Some(Authenticated {
            scope: self.account_scope(id, organization, generation, subject.token)?,
            expires: Some(subject.expires),
        }))
    }

    /// Forgets whom an account stood for that is gone.
    pub(crate) fn forget_subjects(&self, account: AccountId) {
        self.subjects.retain(|_, known| *known != account);
    }

    /// An account never changes its subject, so what was read once is remembered.
    fn find_account_of(&self, identity: &[u8; 32]) -> Result<Option<AccountId>, HubError> {
        if let Some(known) = self.subjects.get(identity) {
            return Ok(Some(*known));
        }
        let found = self.services.records().find_subject(identity)?;
        if let Some(id) = found {
            if self.subjects.len() >= MAX_CACHED_ACCOUNTS {
                self.subjects.clear();
            }
            self.subjects.insert(*identity, id);
        }
        Ok(found)
    }

    /// Whose tokens are taken besides the hub's own.
    pub fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    fn authenticate_own(&self, token: &str) -> Result<Authenticated, HubError> {
        let verified = self.tokens.verify(token, self.services.now())?;
        let scope = match verified.bearer {
            Bearer::Account {
                sub,
                org,
                generation,
                jti,
            } => self.account_scope(sub, org, generation, jti)?,
            Bearer::Guest {
                conversation,
                customer,
                org,
            } => Scope {
                organization: org,
                principal: Principal::Guest {
                    conversation,
                    customer,
                },
            },
        };
        Ok(Authenticated {
            scope,
            expires: Some(verified.expires),
        })
    }

    fn account_scope(
        &self,
        id: AccountId,
        organization: OrganizationId,
        generation: u32,
        token: TokenId,
    ) -> Result<Scope, HubError> {
        let account = self.standing_account(id, organization, generation, token)?;
        Ok(Scope {
            organization,
            principal: Principal::Account(AccountPrincipal {
                id,
                role: account.role,
                name: account.display_name(),
                token,
                generation,
            }),
        })
    }

    /// The account of a token that still stands.
    fn standing_account(
        &self,
        id: AccountId,
        organization: OrganizationId,
        generation: u32,
        token: TokenId,
    ) -> Result<Arc<Account>, HubError> {
        let account = self.find_account(id)?.ok_or(HubError::Unauthenticated)?;
        let stands = account.is_active
            && account.token_generation == generation
            && account.organization == organization
            && !self.services.records().is_revoked(token)?;
        stands.then_some(account).ok_or(HubError::Unauthenticated)
    }

    fn authenticate_key(&self, secret: &str, family: &str) -> Result<Authenticated, HubError> {
        if !is_key_shaped(secret) {
            return Err(HubError::Unauthenticated);
        }
        let found = self.services.records().find_api_key(&hash_key(secret))?;
        let key = found.ok_or(HubError::Unauthenticated)?;
        if !key.allows(family) {
            return Err(HubError::Forbidden(
                "This API key's scopes do not include this API",
            ));
        }
        Ok(Authenticated {
            scope: Scope {
                organization: key.organization,
                principal: Principal::Key { id: key.id },
            },
            expires: None,
        })
    }

    /// Whether a scope that was authenticated earlier still stands; for sockets that stay open.
    pub fn recheck(&self, scope: &Scope) -> Result<(), HubError> {
        match &scope.principal {
            Principal::Account(account) => self
                .standing_account(account.id, scope.organization, account.generation, account.token)
                .map(drop),
            Principal::Key { id } => {
                let exists = self.services.records().has_api_key(scope.organization, *id)?;
                exists.then_some(()).ok_or(HubError::Unauthenticated)
            }
            Principal::Guest { .. } | Principal::Hub => Ok(()),
        }
    }

    /// Changes its value whenever credentials were ended before their time: recheck what is open.
    pub fn revocations(&self) -> watch::Receiver<u64> {
        self.revocations.subscribe()
    }

    /// The organization of callers without credentials; `Unavailable` before the first start is done.
    pub fn default_organization(&self) -> Result<OrganizationId, HubError> {
        self.default_organization
            .get()
            .copied()
            .ok_or(HubError::Unavailable)
    }

    /// A token that opens one conversation of a visitor without an account.
    pub fn guest_token(
        &self,
        conversation: ConversationId,
        customer: CustomerId,
        organization: OrganizationId,
    ) -> Result<String, HubError> {
        let bearer = Bearer::Guest {
            conversation,
            customer,
            org: organization,
        };
        self.tokens.issue(bearer, self.services.now(), GUEST_TTL)
    }

    /// An account of any organization, from memory where possible.
    pub fn find_account(&self, id: AccountId) -> Result<Option<Arc<Account>>, HubError> {
        if let Some(known) = self.accounts.get(&id) {
            return Ok(Some(Arc::clone(&known)));
        }
        if self.accounts.len() >= MAX_CACHED_ACCOUNTS {
            self.accounts.clear();
        }
        // Read under the entry's lock: a change forgets the account after its commit, so it waits for this read, or
        // this read sees the change. An outdated account is never kept.
        let entry = self.accounts.entry(id);
        let Some(read) = self.services.records().find_account(id)? else {
            return Ok(None);
        };
        Ok(Some(Arc::clone(&entry.or_insert(Arc::new(read.record)))))
    }

    /// The active account that logs in by this name (username or email) and password.
    ///
    /// `Throttled` after too many failures; else `Unauthenticated`, after the same time, for whatever is wrong.
    pub(crate) async fn verify_login(
        &self,
        name: &str,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<Arc<Account>, HubError> {
        let attempt = Attempt::new(name, peer);
        self.throttle.check(&attempt, self.services.now())?;
        let turn = self.passwords.turn().await?;
        self.throttle.count(&attempt, self.services.now())?;
        let account = self.find_by_name(name)?;
        // Who comes through an external issuer has none.
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let hash = hash.filter(|hash| !hash.is_empty());
        // The turn is held until the count is right again, or parallel right passwords would be taken for guesses.
        let (matches, _turn) = self.passwords.verify(turn, password, hash).await?;
        let account =
            account.filter(|account| matches && account.is_active && !account.password_hash.is_empty());
        let account = account.ok_or(HubError::Unauthenticated)?;
        self.throttle.forgive(&attempt);
        Ok(account)
    }

    fn find_by_name(&self, name: &str) -> Result<Option<Arc<Account>>, HubError> {
        match self.services.records().find_login(name)? {
            Some(id) => self.find_account(id),
            None => Ok(None),
        }
    }

    /// The PHC string of a new password, after checking its length.
    pub(crate) async fn hash_password(&self, password: &str) -> Result<String, HubError> {
        self.passwords.hash(password).await
    }

    /// A new token for an account as it stands in `account`.
    pub(crate) fn issue_token(&self, account: &Account) -> Result<String, HubError> {
        let now = self.services.now();
        let bearer = Bearer::Account {
            sub: account.id,
            org: account.organization,
            generation: account.token_generation,
            jti: TokenId::generate(now, self.services.ports.random.as_ref()),
        };
        self.tokens
            .issue(bearer, now, self.services.settings.accounts.token_ttl)
    }

    /// A new API key's text, shown once.
    pub(crate) fn generate_api_key(&self) -> String {
        let random = self.services.ports.random.as_ref();
        format!("{API_KEY_PREFIX}{}", random_hex(random, API_KEY_BYTES))
    }

    /// Forgets what is remembered of an account; to be called after each commit that changed it.
    pub(crate) fn forget(&self, id: AccountId) {
        self.accounts.remove(&id);
    }

    /// Tells open sockets that some credential was ended; to be called after the commit that ended it.
    pub(crate) fn announce_revocation(&self) {
        self.revocations
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Remembers the default organization; it never changes in the life of a store.
    pub(crate) fn set_default_organization(&self, id: OrganizationId) {
        self.default_organization.get_or_init(|| id);
    }
}

fn is_key_shaped(secret: &str) -> bool {
    secret
        .strip_prefix(API_KEY_PREFIX)
        .is_some_and(|digits| digits.len() == API_KEY_BYTES * 2)
}

/// `bytes` random bytes as lower-case hexadecimal digits.
pub(crate) fn random_hex(random: &dyn Random, bytes: usize) -> String {
    let mut raw = vec![0_u8; bytes];
    random.fill(&mut raw);
    raw.iter()
        .fold(String::with_capacity(bytes * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
}
