//! Slows down guessing: failed logins are counted per account name and per client address, in windows of a minute.
//!
//! An attempt is counted before its password is verified and forgiven when it was right, so that guesses sent at the
//! same moment count too. Nothing is locked for longer than the window, and memory is bounded.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use switchboard_domain::time::Timestamp;

use crate::error::HubError;

const WINDOW: Duration = Duration::from_secs(60);

/// Names, and addresses, remembered at a time.
const MAX_KEYS: usize = 100_000;

/// An address may fail this many times as often as a name: many people share one.
const ADDRESS_FACTOR: u32 = 3;

/// Who tries to log in as whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// SHA-256 of the name in lower case: names of any length cost the same memory.
    name: [u8; 32],
    address: Option<IpAddr>,
}

impl Attempt {
    /// Somebody at `peer` (unknown: counted by name alone) tries to log in as `name`.
    pub fn new(name: &str, peer: Option<IpAddr>) -> Self {
        Self {
            name: Sha256::digest(name.to_lowercase().as_bytes()).into(),
            address: peer.map(subscriber),
        }
    }
}

/// The part of an address that one subscriber has: all of an IPv4 address, the first 64 bits of an IPv6 address.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Failures of names and addresses.
#[derive(Debug)]
pub struct Throttle {
    /// `None`: not limited.
    state: Option<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    names: Windows<[u8; 32]>,
    addresses: Windows<IpAddr>,
}

impl Throttle {
    /// At most `per_minute` failures a minute for a name, three times as many for an address; `None`: not limited.
    pub fn new(per_minute: Option<u32>) -> Self {
        let state = |limit: u32| {
            Mutex::new(State {
                names: Windows::new(limit, MAX_KEYS),
                addresses: Windows::new(limit.saturating_mul(ADDRESS_FACTOR), MAX_KEYS),
            })
        };
        Self {
            state: per_minute.map(state),
        }
    }

    /// Refuses, with the time to wait, an attempt that has no failure left. Counts nothing.
    pub fn check(&self, attempt: &Attempt, now: Timestamp) -> Result<(), HubError> {
        self.state
            .as_ref()
            .map_or(Ok(()), |state| state.lock().check(attempt, now))
    }

    /// Like [`Throttle::check`], and counts the attempt as failed until it is forgiven.
    pub fn count(&self, attempt: &Attempt, now: Timestamp) -> Result<(), HubError> {
        let Some(state) = &self.state else {
            return Ok(());
        };
        let mut state = state.lock();
        state.check(attempt, now)?;
        state.names.count(attempt.name, now);
        if let Some(address) = attempt.address {
            state.addresses.count(address, now);
        }
        Ok(())
    }

    /// The password was right: the name starts afresh, the address gets this one attempt back.
    pub fn forgive(&self, attempt: &Attempt) {
        let Some(state) = &self.state else {
            return;
        };
        let mut state = state.lock();
        state.names.clear(&attempt.name);
        if let Some(address) = &attempt.address {
            state.addresses.give_back(address);
        }
    }
}

impl State {
    fn check(&self, attempt: &Attempt, now: Timestamp) -> Result<(), HubError> {
        let name = self.names.wait(&attempt.name, now);
        let address = attempt
            .address
            .and_then(|address| self.addresses.wait(&address, now));
        name.max(address)
            .map_or(Ok(()), |wait| Err(HubError::Throttled(wait)))
    }
}

/// A minute that begins with a key's first failure.
#[derive(Debug, Clone, Copy)]
struct Window {
    began: Timestamp,
    failures: u32,
}

impl Window {
    fn ends(self) -> Timestamp {
        self.began.after(WINDOW)
    }
}

/// The running windows of one kind of key.
#[derive(Debug)]
struct Windows<K> {
    limit: u32,
    max_keys: usize,
    running: HashMap<K, Window>,
    /// Keys in the order their windows began, so that the oldest go first.
    order: VecDeque<(K, Timestamp)>,
}

impl<K: Copy + Eq + Hash> Windows<K> {
    fn new(limit: u32, max_keys: usize) -> Self {
        Self {
            limit,
            max_keys: max_keys.max(1),
            running: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// How long a key must wait, if it must.
    fn wait(&self, key: &K, now: Timestamp) -> Option<Duration> {
        let window = self.running.get(key)?;
        let full = window.failures >= self.limit && now < window.ends();
        full.then(|| window.ends().since(now))
    }

    fn count(&mut self, key: K, now: Timestamp) {
        self.evict(now);
        if let Some(window) = self.running.get_mut(&key) {
            window.failures = window.failures.saturating_add(1);
            return;
        }
        let window = Window {
            began: now,
            failures: 1,
        };
        self.running.insert(key, window);
        self.order.push_back((key, now));
    }

    fn clear(&mut self, key: &K) {
        self.running.remove(key);
    }

    fn give_back(&mut self, key: &K) {
        if let Some(window) = self.running.get_mut(key) {
            window.failures = window.failures.saturating_sub(1);
        }
    }

    /// Forgets windows that have ended, and the oldest while there is no room for another.
    fn evict(&mut self, now: Timestamp) {
        while let Some((key, began)) = self.order.front().copied() {
            let ended = now >= began.after(WINDOW);
            if !ended && self.order.len() < self.max_keys {
                return;
            }
            self.order.pop_front();
            // A key that was cleared and failed again has a younger window, with its own place in the order.
            if self.running.get(&key).is_some_and(|window| window.began == began) {
                self.running.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests;
