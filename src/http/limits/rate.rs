//! Requests of one caller in a fixed window: what `X-RateLimit-*` and `Retry-After` tell.
//!
//! One [`RateLimiter`] for each family and kind of limit; the key is the account, the API key or the address. Windows
//! that have passed are thrown away while others are counted, so that strangers cannot fill the memory.

use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use switchboard_domain::time::Timestamp;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// After this many counted requests the windows that have passed are thrown away.
const SWEEP_EVERY: usize = 8192;

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
    windows: DashMap<K, Window>,
    counted: AtomicUsize,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            windows: DashMap::new(),
            counted: AtomicUsize::new(0),
        }
    }

    /// Counts a request of `key` at `now` and says whether it may pass.
    pub fn check(&self, key: K, now: Timestamp) -> Verdict {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.windows
                .retain(|_, window| now.since(window.start) < self.rate.window);
        }
        let mut window = self.windows.entry(key).or_insert(Window { start: now, used: 0 });
        if now.since(window.start) >= self.rate.window {
            *window = Window { start: now, used: 0 };
        }
        let allowed = window.used < self.rate.limit;
        window.used += u32::from(allowed);
        self.verdict(*window, allowed, now)
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
}
