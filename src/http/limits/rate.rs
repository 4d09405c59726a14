//! Requests of one caller in a fixed window: what `X-RateLimit-*` and `Retry-After` tell.
//!
//! One [`RateLimiter`] for each family and kind of limit; the key is the account, the API key or the address. Windows
//! that have passed are thrown away while others are counted, and those who come when there is no room for another
//! window share a few: strangers can neither fill the memory nor get more by coming in large numbers.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use dashmap::{DashMap, Entry};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use parking_lot::Mutex;
use switchboard_domain::time::Timestamp;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// After this many counted requests the windows that have passed are thrown away.
const SWEEP_EVERY: usize = 8192;
/// Windows of one limiter, about 60 bytes each.
const ROOM: usize = 100_000;
/// Windows that those share who come when there is no room.
const SHARED: usize = 1024;
/// Between two searches for room.
const PAUSE: Duration = Duration::from_secs(1);

/// How many requests in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests allowed in one window.
    pub limit: u32,
    /// The window's length.
    pub window: Duration,
}

/// What a caller has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether this request may pass.
    pub allowed: bool,
    /// Requests allowed in one window.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// When the next window begins, seconds since the epoch.
    pub reset: i64,
    /// Seconds until then, at least one.
    pub retry_after: u64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    start: Timestamp,
    used: u32,
}

/// Counts requests for each key.
#[derive(Debug)]
pub struct RateLimiter<K: Eq + Hash> {
    rate: Rate,
    room: usize,
    windows: DashMap<K, Window>,
    held: AtomicUsize,
    counted: AtomicUsize,
    swept: AtomicI64,
    shared: Box<[Mutex<Window>]>,
    hasher: RandomState,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate) -> Self {
        Self::with_room(rate, ROOM)
    }

    /// Like [`RateLimiter::new`], with another number of callers that have a window of their own.
    fn with_room(rate: Rate, room: usize) -> Self {
        let unused = || {
            Mutex::new(Window {
                start: Timestamp::from_millis(0),
                used: 0,
            })
        };
        Self {
            rate,
            room,
            windows: DashMap::new(),
            held: AtomicUsize::new(0),
            counted: AtomicUsize::new(0),
            swept: AtomicI64::new(0),
            shared: (0..SHARED).map(|_| unused()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Counts a request of `key` at `now` and says whether it may pass.
    pub fn check(&self, key: K, now: Timestamp) -> Verdict {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep(now);
        }
        if let Some(mut window) = self.windows.get_mut(&key) {
            return self.count(&mut window, now);
        }
        if !self.has_room(now) {
            return self.count_shared(&key, now);
        }
        match self.windows.entry(key) {
            Entry::Occupied(mut window) => self.count(window.get_mut(), now),
            Entry::Vacant(place) => {
                self.held.fetch_add(1, Ordering::Relaxed);
                self.count(&mut place.insert(Window { start: now, used: 0 }), now)
            }
        }
    }

    fn count(&self, window: &mut Window, now: Timestamp) -> Verdict {
        if now.since(window.start) >= self.rate.window {
            *window = Window { start: now, used: 0 };
        }
        let allowed = window.used < self.rate.limit;
        window.used += u32::from(allowed);
        self.verdict(*window, allowed, now)
    }

    /// The hash is keyed, so nobody can choose whom to share with.
    fn count_shared(&self, key: &K, now: Timestamp) -> Verdict {
        let hash = usize::try_from(self.hasher.hash_one(key) % SHARED as u64).unwrap_or(0);
        let unknown = Window { start: now, used: 0 };
        self.shared.get(hash).map_or_else(
            || self.verdict(unknown, false, now),
            |window| self.count(&mut window.lock(), now),
        )
    }

    fn has_room(&self, now: Timestamp) -> bool {
        let full = || self.held.load(Ordering::Relaxed) >= self.room;
        let swept = Timestamp::from_millis(self.swept.load(Ordering::Relaxed));
        if full() && now.since(swept) >= PAUSE {
            self.sweep(now);
        }
        !full()
    }

    fn sweep(&self, now: Timestamp) {
        self.swept.store(now.as_millis(), Ordering::Relaxed);
        self.windows.retain(|_, window| {
            let stays = now.since(window.start) < self.rate.window;
            if !stays {
                self.held.fetch_sub(1, Ordering::Relaxed);
            }
            stays
        });
    }

    fn verdict(&self, window: Window, allowed: bool, now: Timestamp) -> Verdict {
        let end = window.start.after(self.rate.window);
        Verdict {
            allowed,
            limit: self.rate.limit,
            remaining: self.rate.limit.saturating_sub(window.used),
            reset: end.after(Duration::from_millis(999)).as_seconds(),
            retry_after: end
                .since(now)
                .as_millis()
                .div_ceil(1000)
                .max(1)
                .try_into()
                .unwrap_or(1),
        }
    }
}

impl Verdict {
    /// Writes the three `X-RateLimit-*` headers, and `Retry-After` when the request may not pass.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset));
        if !self.allowed {
            headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn two_a_minute() -> RateLimiter<&'static str> {
        RateLimiter::new(Rate {
            limit: 2,
            window: Duration::from_secs(60),
        })
    }

    #[test]
    fn the_third_request_of_two_is_refused_until_the_window_ends() {
        let limiter = two_a_minute();
        assert_eq!(limiter.check("a", START).remaining, 1);
        assert_eq!(limiter.check("a", START).remaining, 0);
        let refused = limiter.check("a", START.after(Duration::from_secs(20)));
        assert!(!refused.allowed && refused.retry_after == 40 && refused.reset == 1060);
        assert!(limiter.check("b", START).allowed);
        assert!(limiter.check("a", START.after(Duration::from_secs(60))).allowed);
    }

    #[test]
    fn windows_that_have_passed_do_not_stay_in_memory() {
        let limiter = RateLimiter::new(Rate {
            limit: 1,
            window: Duration::from_secs(1),
        });
        for number in 0..SWEEP_EVERY - 1 {
            limiter.check(number, START);
        }
        limiter.check(usize::MAX, START.after(Duration::from_secs(2)));
        assert_eq!(limiter.windows.len(), 1);
    }

    #[test]
    fn a_crowd_that_finds_no_room_shares_what_is_left_until_windows_have_passed() {
        let rate = Rate {
            limit: 2,
            window: Duration::from_secs(60),
        };
        let limiter = RateLimiter::with_room(rate, 10);
        let passed = (0..100_000_usize).filter(|&key| limiter.check(key, START).allowed);
        assert!(
            passed.count() <= 10 + 2 * SHARED,
            "a crowd gets more than its share"
        );
        assert_eq!(limiter.windows.len(), 10);
        assert!(limiter.check(3, START).allowed, "who has a window keeps it");
        let later = START.after(Duration::from_secs(60));
        assert!(limiter.check(100_000, later).allowed);
        assert_eq!((limiter.windows.len(), limiter.held.into_inner()), (1, 1));
    }
}
