//! Passwords: argon2id on a bounded pool, kept as PHC strings.
//!
//! A hash takes tens of milliseconds and 19 MiB, so at most `workers` run at once and at most `queue` callers wait;
//! everybody else is told to come back. A permit lives as long as its hash, even when its caller has gone away.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use switchboard_domain::account::{MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS};
use switchboard_domain::ports::clock::Random;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::HubError;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Threads.
    pub lanes: u32,
}

impl Default for HashCost {
    /// 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

/// Leave to hash once; let go of when the hash is done.
#[derive(Debug)]
pub struct Turn {
    _admitted: OwnedSemaphorePermit,
    _working: OwnedSemaphorePermit,
}

/// Hashes and verifies passwords.
#[derive(Debug)]
pub struct Passwords {
    argon: Argon2<'static>,
    random: Arc<dyn Random>,
    /// Verified against when there is no account, so that the answer takes as long.
    decoy: String,
    admitted: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

impl Passwords {
    /// A pool of `workers` hashes at a time (at least one) and `queue` waiting callers.
    pub fn new(
        cost: HashCost,
        workers: usize,
        queue: usize,
        random: Arc<dyn Random>,
    ) -> Result<Self, HubError> {
        let workers = workers.max(1);
        let params =
            Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(HubError::internal)?;
        Ok(Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            decoy: decoy(cost, random.as_ref())?,
            random,
            admitted: Arc::new(Semaphore::new(
                workers.saturating_add(queue).min(Semaphore::MAX_PERMITS),
            )),
            working: Arc::new(Semaphore::new(workers.min(Semaphore::MAX_PERMITS))),
        })
    }

    /// Waits for a worker; `Overloaded` when too many wait already.
    pub async fn turn(&self) -> Result<Turn, HubError> {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| HubError::Overloaded)?;
        let working = Arc::clone(&self.working)
            .acquire_owned()
            .await
            .map_err(HubError::internal)?;
        Ok(Turn {
            _admitted: admitted,
            _working: working,
        })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: &str) -> Result<String, HubError> {
        check_password(password)?;
        let turn = self.turn().await?;
        let salt = random_b64::<16>(self.random.as_ref())?;
        let argon = self.argon.clone();
        let password = password.to_owned();
        run(turn, move || {
            let hash = argon.hash_password(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(HubError::internal)
        })
        .await
        .map(|(hash, _)| hash)
    }

    /// Whether `password` is the one of `hash`; without a hash no, after the same time.
    ///
    /// Gives the turn back: whoever keeps count of attempts drops it after the count is right again.
    pub async fn verify(
        &self,
        turn: Turn,
        password: &str,
        hash: Option<String>,
    ) -> Result<(bool, Turn), HubError> {
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let argon = self.argon.clone();
        let password = password.to_owned();
        run(turn, move || verify(&argon, &password, &hash)).await
    }
}

/// Hashes on a blocking thread, which holds the turn even when nobody waits any more, and gives it back.
async fn run<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> Result<T, HubError> + Send + 'static,
) -> Result<(T, Turn), HubError> {
    let task = tokio::task::spawn_blocking(move || work().map(|done| (done, turn)));
    task.await.map_err(HubError::internal)?
}

fn verify(argon: &Argon2<'_>, password: &str, hash: &str) -> Result<bool, HubError> {
    let hash = PasswordHash::new(hash).map_err(HubError::internal)?;
    match argon.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(HubError::internal(error)),
    }
}

/// A well-formed hash of no password: random bytes where the hash should be.
fn decoy(cost: HashCost, random: &dyn Random) -> Result<String, HubError> {
    let salt = random_b64::<16>(random)?;
    let output = random_b64::<32>(random)?;
    let HashCost {
        memory_kib,
        passes,
        lanes,
    } = cost;
    Ok(format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}"
    ))
}

fn random_b64<const BYTES: usize>(random: &dyn Random) -> Result<SaltString, HubError> {
    let mut bytes = [0_u8; BYTES];
    random.fill(&mut bytes);
    SaltString::encode_b64(&bytes).map_err(HubError::internal)
}

/// Refuses a new password that is too short or too long.
pub fn check_password(password: &str) -> Result<(), HubError> {
    let characters = password.chars().count();
    if (MIN_PASSWORD_CHARACTERS..=MAX_PASSWORD_CHARACTERS).contains(&characters) {
        return Ok(());
    }
    Err(HubError::invalid(
        "password",
        format!("must have {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters"),
    ))
}

#[cfg(test)]
mod tests;
