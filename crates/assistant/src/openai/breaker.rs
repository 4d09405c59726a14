//! A circuit breaker: after several failures in a row a service is left alone for a while, then tried by one call.
//!
//! Pure; the transport holds it behind a lock and tells it the time.

use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open.
const PAUSE: Duration = Duration::from_secs(20);

/// Whether calls go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaker {
    /// They do; so many have failed in a row.
    Closed(u32),
    /// None does before this moment.
    Open(Instant),
    /// One is trying; the others wait for what it finds until this moment.
    Trying(Instant),
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed(0)
    }
}

impl Breaker {
    /// Whether a call may go through now.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        match *self {
            Self::Closed(_) => true,
            Self::Open(until) | Self::Trying(until) if now < until => false,
            Self::Open(_) | Self::Trying(_) => {
                *self = Self::Trying(now + PAUSE);
                true
            }
        }
    }

    /// A call went well.
    pub(super) const fn succeeded(&mut self) {
        *self = Self::Closed(0);
    }

    /// A call failed for a reason of the service's.
    pub(super) fn failed(&mut self, now: Instant) {
        *self = match *self {
            Self::Closed(failures) if failures + 1 < FAILURES => Self::Closed(failures + 1),
            _ => Self::Open(now + PAUSE),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.admit(now));
            breaker.failed(now);
        }
        breaker
    }

    #[test]
    fn after_failures_in_a_row_nothing_goes_through_for_a_while() {
        let now = Instant::now();
        let mut breaker = broken(now);
        assert!(!breaker.admit(now + PAUSE / 2));
    }

    #[test]
    fn then_one_call_tries_and_decides_for_all() {
        let now = Instant::now();
        let later = now + PAUSE;
        let mut breaker = broken(now);
        assert!(breaker.admit(later));
        assert!(!breaker.admit(later), "the others wait");
        breaker.failed(later);
        assert!(!breaker.admit(later + PAUSE / 2));
        assert!(breaker.admit(later + PAUSE));
        breaker.succeeded();
        assert!(breaker.admit(later + PAUSE) && breaker == Breaker::Closed(0));
    }

    #[test]
    fn a_try_that_never_comes_back_does_not_keep_it_open() {
        let now = Instant::now();
        let mut breaker = broken(now);
        assert!(breaker.admit(now + PAUSE));
        assert!(breaker.admit(now + PAUSE * 2));
    }

    #[test]
    fn a_success_in_between_forgives_what_was_before() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            (0..FAILURES - 1).for_each(|_| breaker.failed(now));
            breaker.succeeded();
        }
        assert!(breaker.admit(now));
    }
}
