//! Organizations, accounts, the names they log in by, API keys, and tokens that were logged out.
//!
//! Called by the hub's account calls and by its credentials. Invariant: the indexes and totals of an account's role
//! change in the commit that changes the role.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use switchboard_domain::account::{Account, ApiKey, Role};
use switchboard_domain::id::{AccountId, ApiKeyId, OrganizationId, TokenId};
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};
use switchboard_domain::time::Timestamp;

use super::codec::encode;
use super::counters::{Total, add_total};
use super::keys::{Kind, global, scoped, trailing_id};
use super::{Records, Stored};

fn account_key(id: AccountId) -> Vec<u8> {
    global(Kind::Account, &[id.as_bytes()])
}

/// Usernames and emails are one name space, compared without case.
fn login_key(name: &str) -> Vec<u8> {
    global(Kind::Login, &[name.to_lowercase().as_bytes()])
}

/// A role's place in a stored key: never change one, only add.
const fn role_code(role: Role) -> u8 {
    match role {
        Role::Admin => 1,
        Role::Agent => 2,
        Role::Customer => 3,
    }
}

fn role_key(account: &Account) -> Vec<u8> {
    let code = [role_code(account.role)];
    scoped(
        Kind::AccountOfRole,
        account.organization,
        &[&code, account.id.as_bytes()],
    )
}

/// The total of one role lies behind the total of all accounts.
fn role_total_key(organization: OrganizationId, role: Role) -> Vec<u8> {
    let code = [Total::Accounts as u8, role_code(role)];
    scoped(Kind::TotalCounter, organization, &[&code])
}

fn api_key_key(organization: OrganizationId, id: ApiKeyId) -> Vec<u8> {
    scoped(Kind::ApiKeyOfOrganization, organization, &[id.as_bytes()])
}

/// The SHA-256 a key is stored under; the key itself is never stored.
pub fn hash_key(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Which of a new account's names a refused commit found taken, told from the conflict's key.
pub fn taken_name(new: &Account, conflict: &[u8]) -> Option<&'static str> {
    if conflict == login_key(&new.email) {
        Some("email")
    } else if conflict == login_key(&new.username) {
        Some("username")
    } else {
        None
    }
}

impl Records {
    /// An organization.
    pub fn find_organization(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.find(&global(Kind::Organization, &[id.as_bytes()]))
    }

    /// Every organization.
    pub fn list_organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.list(
            &KeyRange::prefix(&global(Kind::Organization, &[])),
            Direction::Forward,
            usize::MAX,
        )
    }

    /// An account, with its bytes.
    pub fn find_account(&self, id: AccountId) -> Result<Option<Stored<Account>>, StoreError> {
        self.find_stored(&account_key(id))
    }

    /// The account that logs in by this username or email.
    pub fn find_login(&self, name: &str) -> Result<Option<AccountId>, StoreError> {
        let bytes = self.engine.get(&login_key(name))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(AccountId::from_bytes))
    }

    /// The account of an external issuer's subject.
    pub fn find_subject(&self, identity: &[u8; 32]) -> Result<Option<AccountId>, StoreError> {
        let bytes = self.engine.get(&global(Kind::Subject, &[identity]))?;
        Ok(bytes
            .and_then(|bytes| trailing_id(&bytes))
            .map(AccountId::from_bytes))
    }

    /// The subjects of external issuers that an account stands for.
    pub fn subjects_of(&self, account: AccountId) -> Result<Vec<Vec<u8>>, StoreError> {
        let prefix = subject_of_key(account, &[]);
        let entries = self.entries(&KeyRange::prefix(&prefix), Direction::Forward, usize::MAX)?;
        let identities = entries.iter().filter_map(|entry| entry.key.get(prefix.len()..));
        Ok(identities.map(<[u8]>::to_vec).collect())
    }

    /// Ids of an organization's accounts (of one role, if given), oldest first, `limit` of them behind the first `skip`.
    pub fn list_account_ids(
        &self,
        organization: OrganizationId,
        role: Option<Role>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<AccountId>, StoreError> {
        let prefix = match role {
            Some(role) => scoped(Kind::AccountOfRole, organization, &[&[role_code(role)]]),
            None => scoped(Kind::AccountOfOrganization, organization, &[]),
        };
        let end = skip.saturating_add(limit);
        let entries = self.entries(&KeyRange::prefix(&prefix), Direction::Forward, end)?;
        Ok(entries
            .iter()
            .skip(skip)
            .filter_map(|entry| trailing_id(&entry.key))
            .map(AccountId::from_bytes)
            .collect())
    }

    /// How many accounts an organization has (of one role, if given).
    pub fn total_accounts(
        &self,
        organization: OrganizationId,
        role: Option<Role>,
    ) -> Result<u64, StoreError> {
        let Some(role) = role else {
            return self.total(organization, Total::Accounts);
        };
        let bytes = self.engine.get(&role_total_key(organization, role))?;
        let value = bytes.and_then(|bytes| decode_counter(&bytes)).unwrap_or(0);
        Ok(u64::try_from(value).unwrap_or(0))
    }

    /// An active admin of the organization other than `except`.
    pub fn find_other_admin(
        &self,
        organization: OrganizationId,
        except: AccountId,
    ) -> Result<Option<Stored<Account>>, StoreError> {
        for id in self.list_account_ids(organization, Some(Role::Admin), 0, usize::MAX)? {
            let found = self.find_account(id)?;
            if let Some(other) = found.filter(|other| id != except && other.record.is_active) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// The API key with this hash.
    pub fn find_api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        self.find(&global(Kind::ApiKey, &[hash]))
    }

    /// Whether an organization has this API key.
    pub fn has_api_key(&self, organization: OrganizationId, id: ApiKeyId) -> Result<bool, StoreError> {
        self.exists(&api_key_key(organization, id))
    }

    /// The hash of an organization's API key.
    pub fn find_api_key_hash(
        &self,
        organization: OrganizationId,
        id: ApiKeyId,
    ) -> Result<Option<Bytes>, StoreError> {
        self.engine.get(&api_key_key(organization, id))
    }

    /// An organization's API keys, oldest first.
    pub fn list_api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::ApiKeyOfOrganization, organization, &[]));
        let mut keys = Vec::new();
        for entry in self.entries(&range, Direction::Forward, usize::MAX)? {
            keys.extend(self.find::<ApiKey>(&global(Kind::ApiKey, &[&entry.value]))?);
        }
        Ok(keys)
    }

    /// Whether a token was logged out.
    pub fn is_revoked(&self, token: TokenId) -> Result<bool, StoreError> {
        self.exists(&global(Kind::RevokedToken, &[token.as_bytes()]))
    }

    /// Keys of at most `limit` logged-out tokens, the oldest, that would have expired before `now`.
    pub fn list_expired_revocations(&self, now: Timestamp, limit: usize) -> Result<Vec<Bytes>, StoreError> {
        let range = KeyRange::prefix(&global(Kind::RevokedToken, &[]));
        let entries = self.entries(&range, Direction::Forward, limit)?;
        let expired = |value: &[u8]| {
            let expires = value.try_into().map_or(i64::MAX, i64::from_be_bytes);
            expires < now.as_millis()
        };
        Ok(entries
            .into_iter()
            .filter(|entry| expired(&entry.value))
            .map(|entry| entry.key)
            .collect())
    }
}

/// Replaces an organization's record.
pub fn put_organization(batch: &mut Batch, next: &Organization) -> Result<(), StoreError> {
    batch.put(global(Kind::Organization, &[next.id.as_bytes()]), encode(next)?);
    Ok(())
}

/// Adds an organization.
pub fn insert_organization(batch: &mut Batch, new: &Organization) -> Result<(), StoreError> {
    let at = global(Kind::Organization, &[new.id.as_bytes()]);
    batch.require_absent(at.clone()).put(at, encode(new)?);
    Ok(())
}

/// Adds an account; refused when its username or email is taken.
pub fn insert_account(batch: &mut Batch, new: &Account) -> Result<(), StoreError> {
    for name in [&new.username, &new.email] {
        let at = login_key(name);
        batch
            .require_absent(at.clone())
            .put(at, new.id.as_bytes().to_vec());
    }
    batch.put(account_key(new.id), encode(new)?);
    batch.put(
        scoped(
            Kind::AccountOfOrganization,
            new.organization,
            &[new.id.as_bytes()],
        ),
        Vec::new(),
    );
    add_total(batch, new.organization, Total::Accounts, 1);
    enter_role(batch, new);
    Ok(())
}

/// Gives an external issuer's subject its account; refused when it has one.
pub fn insert_subject(batch: &mut Batch, identity: &[u8; 32], account: AccountId) {
    let at = global(Kind::Subject, &[identity]);
    batch
        .require_absent(at.clone())
        .put(at, account.as_bytes().to_vec())
        .put(subject_of_key(account, identity), Vec::new());
}

/// Forgets which subject an account stands for.
pub fn remove_subject(batch: &mut Batch, identity: &[u8], account: AccountId) {
    batch
        .delete(global(Kind::Subject, &[identity]))
        .delete(subject_of_key(account, identity));
}

fn subject_of_key(account: AccountId, identity: &[u8]) -> Vec<u8> {
    global(Kind::SubjectOfAccount, &[account.as_bytes(), identity])
}

fn enter_role(batch: &mut Batch, account: &Account) {
    batch.put(role_key(account), Vec::new());
    batch.add(role_total_key(account.organization, account.role), 1);
}

fn leave_role(batch: &mut Batch, account: &Account) {
    batch.delete(role_key(account));
    batch.add(role_total_key(account.organization, account.role), -1);
}

/// Replaces an account; refused when somebody else has written since. Username and email must be the same.
pub fn update_account(batch: &mut Batch, old: &Stored<Account>, next: &Account) -> Result<(), StoreError> {
    require_account(batch, old);
    batch.put(account_key(next.id), encode(next)?);
    if old.record.role != next.role {
        leave_role(batch, &old.record);
        enter_role(batch, next);
    }
    Ok(())
}

/// Removes an account with its names; refused when somebody else has written since.
pub fn remove_account(batch: &mut Batch, old: &Stored<Account>) {
    let account = &old.record;
    require_account(batch, old);
    batch.delete(account_key(account.id));
    for name in [&account.username, &account.email] {
        batch.delete(login_key(name));
    }
    let id = [account.id.as_bytes().as_slice()];
    batch.delete(scoped(Kind::AccountOfOrganization, account.organization, &id));
    add_total(batch, account.organization, Total::Accounts, -1);
    leave_role(batch, account);
}

/// Refuses the batch when `account` is no longer as it was read.
pub fn require_account(batch: &mut Batch, account: &Stored<Account>) {
    batch.require(account_key(account.record.id), account.bytes.clone());
}

/// Adds an API key under the hash of its secret.
pub fn insert_api_key(batch: &mut Batch, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StoreError> {
    batch.put(global(Kind::ApiKey, &[hash]), encode(key)?);
    batch.put(api_key_key(key.organization, key.id), hash.to_vec());
    Ok(())
}

/// Removes an API key with that hash; refused when somebody else has removed it since.
pub fn delete_api_key(batch: &mut Batch, organization: OrganizationId, id: ApiKeyId, hash: &Bytes) {
    let at = api_key_key(organization, id);
    batch.require(at.clone(), hash.clone()).delete(at);
    batch.delete(global(Kind::ApiKey, &[hash]));
}

/// Makes a token void until it would have expired anyway.
pub fn revoke_token(batch: &mut Batch, token: TokenId, expires: Timestamp) {
    batch.put(
        global(Kind::RevokedToken, &[token.as_bytes()]),
        expires.as_millis().to_be_bytes().to_vec(),
    );
}
