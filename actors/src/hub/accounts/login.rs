//! Logging in and out, fresh tokens, and changing one's own password.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::id::TokenId;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::caller;
use super::create::NewAccount;
use crate::credentials::passwords::check_password;
use crate::error::HubError;
use crate::hub::Hub;
use crate::records::accounts::revoke_token;

/// Expired revocations removed with each new one: they never pile up, and none needs a timer.
const REVOCATIONS_SWEPT: usize = 16;

/// A token, and whom it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The token.
    pub token: String,
    /// How long it stands.
    pub expires_in: Duration,
    /// Its account.
    pub account: Arc<Account>,
}

/// When a token has ended at the latest: the time of its making is in its id.
fn ends_by(token: TokenId, now: Timestamp, ttl: Duration) -> Timestamp {
    let made = token.as_bytes().iter().take(6);
    let made = made.fold(0_i64, |time, byte| time << 8 | i64::from(*byte));
    Timestamp::from_millis(made).max(now).after(ttl)
}

impl Hub {
    /// Logs in by username or email. Whatever is wrong is `Unauthenticated`, too many failures are `Throttled`.
    pub async fn login(&self, name_or_email: &str, password: &str, peer: IpAddr) -> Result<Login, HubError> {
        let name = name_or_email.trim();
        let account = self.credentials.verify_login(name, password, Some(peer)).await?;
        // The token is of the generation whose password was verified: if it has moved on since, the token is void.
        let token = self.credentials.issue_token(&account)?;
        let account = self.note_login(account).await;
        Ok(self.login_with(token, account))
    }

    /// Registers a customer, of the admin's own organization when one calls, and logs it in.
    pub async fn register(&self, caller: Option<&Scope>, new: NewAccount) -> Result<Login, HubError> {
        let account = match caller.filter(|scope| scope.is_admin()) {
            Some(admin) => self.create_account(admin, new, Role::Customer, None).await?,
            None => self.register_customer(new).await?,
        };
        let token = self.credentials.issue_token(&account)?;
        Ok(self.login_with(token, account))
    }

    /// Creates an admin of the calling admin's organization, and logs it in; everybody else is `Forbidden`.
    pub async fn register_admin(&self, caller: Option<&Scope>, new: NewAccount) -> Result<Login, HubError> {
        let admin = caller.ok_or(HubError::Forbidden("Admin access required"))?;
        let account = self.create_account(admin, new, Role::Admin, None).await?;
        let token = self.credentials.issue_token(&account)?;
        Ok(self.login_with(token, account))
    }

    fn login_with(&self, token: String, account: Arc<Account>) -> Login {
        Login {
            token,
            expires_in: self.services.settings.accounts.token_ttl,
            account,
        }
    }

    /// Writes down the time of a login; a store that cannot write keeps nobody out.
    async fn note_login(&self, account: Arc<Account>) -> Arc<Account> {
        let now = self.services.now();
        let noted = self.change_account(account.id, |old, _| {
            let mut next = old.record.clone();
            next.last_login_at = Some(now);
            Ok(Some(next))
        });
        match noted.await {
            Ok(noted) => noted,
            Err(error) => {
                tracing::warn!(account = %account.id, %error, "the time of a login could not be written");
                account
            }
        }
    }

    /// Ends the token this call came with; others of the same account stand.
    pub async fn logout(&self, scope: &Scope) -> Result<(), HubError> {
        let caller = caller(scope)?;
        let records = self.services.records();
        let now = self.services.now();
        let mut batch = Batch::new();
        revoke_token(
            &mut batch,
            caller.token,
            ends_by(caller.token, now, self.services.settings.accounts.token_ttl),
        );
        for expired in records.list_expired_revocations(now, REVOCATIONS_SWEPT)? {
            batch.delete(expired);
        }
        records.commit(batch).await?;
        self.credentials.announce_revocation();
        Ok(())
    }

    /// A new token for a caller whose present one still stands; the present one stands until it expires.
    pub fn refresh(&self, scope: &Scope) -> Result<Login, HubError> {
        self.credentials.recheck(scope)?;
        let account = self.me(scope)?;
        if account.password_hash.is_empty() {
            return Err(HubError::Forbidden("This account's tokens come from its issuer"));
        }
        if account.token_generation != caller(scope)?.generation {
            return Err(HubError::Unauthenticated);
        }
        let token = self.credentials.issue_token(&account)?;
        Ok(self.login_with(token, account))
    }

    /// Changes the caller's password and ends all its tokens; the answer holds a new one.
    ///
    /// A wrong old password is `Invalid`, and counts as a failed login.
    pub async fn change_password(&self, scope: &Scope, old: &str, new: &str) -> Result<Login, HubError> {
        check_password(new)?;
        let account = self.me(scope)?;
        let verified = self.credentials.verify_login(&account.username, old, None).await;
        let verified = verified.map_err(|error| match error {
            HubError::Unauthenticated => HubError::invalid("old_password", "is not the present password"),
            other => other,
        })?;
        let hash = self.credentials.hash_password(new).await?;
        let changed = self.change_account(account.id, |stored, _| {
            // The verified password must still be the stored one, else two changes at once would both succeed.
            if !stored.record.is_active || stored.record.password_hash != verified.password_hash {
                return Err(HubError::Unauthenticated);
            }
            let mut next = stored.record.clone();
            next.password_hash.clone_from(&hash);
            next.token_generation = next.token_generation.wrapping_add(1);
            Ok(Some(next))
        });
        let account = changed.await?;
        let token = self.credentials.issue_token(&account)?;
        Ok(self.login_with(token, account))
    }
}
