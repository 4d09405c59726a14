//! Locks by name: whoever does something about one address, or one provider's id, does it alone.
//!
//! A fixed number of them, so that strangers' names fill nothing; two names that share one wait for each other. Whoever
//! holds one therefore takes no second one: it might be the same.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard};

/// How many there are.
const LOCKS: usize = 256;

/// The locks.
#[derive(Debug)]
pub struct Locks {
    hasher: RandomState,
    locks: Vec<Mutex<()>>,
}

impl Default for Locks {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            locks: (0..LOCKS).map(|_| Mutex::default()).collect(),
        }
    }
}

impl Locks {
    /// The lock of this name; held until it is dropped.
    pub async fn lock(&self, name: &str) -> Option<MutexGuard<'_, ()>> {
        let hash = usize::try_from(self.hasher.hash_one(name) % (LOCKS as u64)).unwrap_or_default();
        match self.locks.get(hash) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }
}
