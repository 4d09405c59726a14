//! One way to change an account: read, decide, commit, and again when somebody else wrote in between.

use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::id::AccountId;
use switchboard_domain::ports::engine::{Batch, StoreError};

use crate::error::HubError;
use crate::hub::Hub;
use crate::records::Stored;
use crate::records::accounts::update_account;

/// Times a change is tried before its caller is told of the conflict.
const TRIES: usize = 5;

impl Hub {
    /// Commits what `decide` makes of the stored account, with what it adds to the batch; `None` leaves it as it is.
    pub(super) async fn change_account(
        &self,
        id: AccountId,
        decide: impl Fn(&Stored<Account>, &mut Batch) -> Result<Option<Account>, HubError> + Send + Sync,
    ) -> Result<Arc<Account>, HubError> {
        for _ in 1..TRIES {
            match self.try_change(id, &decide).await {
                Err(ChangeError::Raced) => {}
                Err(ChangeError::Refused(error)) => return Err(error),
                Ok(account) => return Ok(account),
            }
        }
        self.try_change(id, &decide).await.map_err(HubError::from)
    }

    async fn try_change(
        &self,
        id: AccountId,
        decide: impl Fn(&Stored<Account>, &mut Batch) -> Result<Option<Account>, HubError>,
    ) -> Result<Arc<Account>, ChangeError> {
        let found = self.services.records().find_account(id)?;
        let old = found.ok_or(HubError::NotFound("account"))?;
        let mut batch = Batch::new();
        let Some(next) = decide(&old, &mut batch)? else {
            return Ok(Arc::new(old.record));
        };
        update_account(&mut batch, &old, &next)?;
        self.services.records().commit(batch).await?;
        self.credentials.forget(id);
        if next.token_generation != old.record.token_generation {
            self.credentials.announce_revocation();
        }
        Ok(Arc::new(next))
    }
}

/// Why one try came to nothing.
enum ChangeError {
    /// Somebody else wrote first.
    Raced,
    /// It cannot be done.
    Refused(HubError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Raced,
            other => Self::Refused(other.into()),
        }
    }
}

impl From<HubError> for ChangeError {
    fn from(error: HubError) -> Self {
        Self::Refused(error)
    }
}

impl From<ChangeError> for HubError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Raced => {
                Self::Conflict("somebody else changed this account at the same time".to_owned())
            }
            ChangeError::Refused(error) => error,
        }
    }
}
