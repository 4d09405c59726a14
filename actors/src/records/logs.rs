//! Customer logs, by time of making, and those of one account.
//!
//! A log's id begins with the millisecond it was made in, so a span of time is a range of keys and costs what lies in it.
//! Invariant: a log, its row under its account and its number come and go in one commit.

use switchboard_domain::id::{AccountId, LogId, OrganizationId};
use switchboard_domain::log::CustomerLog;
use switchboard_domain::ports::engine::{Batch, Direction, Entry, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::codec::{decode, encode};
use super::keys::{Kind, scoped, trailing_id};
use super::numbers::{Numbered, insert_numbered, remove_numbered};
use super::{Records, Stored};

/// Logs read at a time.
const CHUNK: usize = 256;

fn log_key(organization: OrganizationId, id: LogId) -> Vec<u8> {
    scoped(Kind::Log, organization, &[id.as_bytes()])
}

fn account_key(log: &CustomerLog) -> Vec<u8> {
    scoped(
        Kind::LogOfAccount,
        log.organization,
        &[log.account.as_bytes(), log.id.as_bytes()],
    )
}

/// The logs of an account, or of all, that were made at `from` or later.
fn since(organization: OrganizationId, account: Option<AccountId>, from: Timestamp) -> KeyRange {
    let prefix = match account {
        Some(account) => scoped(Kind::LogOfAccount, organization, &[account.as_bytes()]),
        None => scoped(Kind::Log, organization, &[]),
    };
    let range = KeyRange::prefix(&prefix);
    let millis = u64::try_from(from.as_millis()).unwrap_or(0).to_be_bytes();
    // A version 7 UUID begins with 48 bits of milliseconds.
    let moment = millis.get(2..).unwrap_or_default();
    KeyRange {
        from: [prefix.as_slice(), moment].concat(),
        ..range
    }
}

impl Records {
    /// A log, with its bytes.
    pub fn find_log(
        &self,
        organization: OrganizationId,
        id: LogId,
    ) -> Result<Option<Stored<CustomerLog>>, StoreError> {
        self.find_stored(&log_key(organization, id))
    }

    /// Shows the logs of an account, or of all, that were made at `from` or later; the newest first.
    pub fn visit_logs(
        &self,
        organization: OrganizationId,
        account: Option<AccountId>,
        from: Timestamp,
        mut each: impl FnMut(CustomerLog),
    ) -> Result<(), StoreError> {
        let mut range = since(organization, account, from);
        loop {
            let entries = self.entries(&range, Direction::Backward, CHUNK)?;
            for entry in &entries {
                let log = match account {
                    None => Some(decode(&entry.value)?),
                    Some(_) => self.indexed_log(organization, entry)?,
                };
                log.into_iter().for_each(&mut each);
            }
            match entries.last() {
                Some(last) if entries.len() == CHUNK => range.until = Some(last.key.to_vec()),
                _ => return Ok(()),
            }
        }
    }

    fn indexed_log(
        &self,
        organization: OrganizationId,
        entry: &Entry,
    ) -> Result<Option<CustomerLog>, StoreError> {
        let Some(id) = trailing_id(&entry.key) else {
            return Ok(None);
        };
        self.find(&log_key(organization, LogId::from_bytes(id)))
    }
}

/// Adds a log.
pub fn insert(batch: &mut Batch, log: &CustomerLog) -> Result<(), StoreError> {
    batch.put(log_key(log.organization, log.id), encode(log)?);
    batch.put(account_key(log), Vec::new());
    insert_numbered(
        batch,
        log.organization,
        Numbered::Log,
        log.number,
        log.id.as_bytes(),
    );
    Ok(())
}

/// Replaces a log; refused when somebody else has written since.
pub fn update(batch: &mut Batch, old: &Stored<CustomerLog>, next: &CustomerLog) -> Result<(), StoreError> {
    let at = log_key(next.organization, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    Ok(())
}

/// Removes a log; refused when somebody else has written since.
pub fn delete(batch: &mut Batch, old: &Stored<CustomerLog>) {
    let log = &old.record;
    let at = log_key(log.organization, log.id);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    batch.delete(account_key(log));
    remove_numbered(batch, log.organization, Numbered::Log, log.number);
}
