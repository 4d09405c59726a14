//! Organizations, accounts, the names they log in by, API keys, and tokens that were logged out.

use sha2::{Digest, Sha256};
use switchboard_domain::account::{Account, ApiKey};
use switchboard_domain::id::{AccountId, OrganizationId, TokenId};
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
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

/// The SHA-256 a key is stored under; the key itself is never stored.
pub fn hash_key(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Records {
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

    /// Ids of an organization's accounts, oldest first, `limit` of them behind the first `skip`.
    pub fn list_account_ids(
        &self,
        organization: OrganizationId,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<AccountId>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::AccountOfOrganization, organization, &[]));
        let entries = self.entries(&range, Direction::Forward, skip.saturating_add(limit))?;
        Ok(entries
            .iter()
            .skip(skip)
            .filter_map(|entry| trailing_id(&entry.key))
            .map(AccountId::from_bytes)
            .collect())
    }

    /// The API key with this hash.
    pub fn find_api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        self.find(&global(Kind::ApiKey, &[hash]))
    }

    /// Whether a token was logged out.
    pub fn is_revoked(&self, token: TokenId) -> Result<bool, StoreError> {
        self.exists(&global(Kind::RevokedToken, &[token.as_bytes()]))
    }
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
    Ok(())
}

/// Replaces an account; refused when somebody else has written since. Username and email must be the same.
pub fn update_account(batch: &mut Batch, old: &Stored<Account>, next: &Account) -> Result<(), StoreError> {
    let at = account_key(next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    Ok(())
}

/// Adds an API key under the hash of its secret.
pub fn insert_api_key(batch: &mut Batch, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StoreError> {
    batch.put(global(Kind::ApiKey, &[hash]), encode(key)?);
    batch.put(
        scoped(Kind::ApiKeyOfOrganization, key.organization, &[key.id.as_bytes()]),
        hash.to_vec(),
    );
    Ok(())
}

/// Makes a token void until it would have expired anyway.
pub fn revoke_token(batch: &mut Batch, token: TokenId, expires: Timestamp) {
    batch.put(
        global(Kind::RevokedToken, &[token.as_bytes()]),
        expires.as_millis().to_be_bytes().to_vec(),
    );
}
