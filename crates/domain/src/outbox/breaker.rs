//! A lane's circuit breaker: after several failures in a row nothing is tried for a while, then one errand at a time.
//!
//! Pure; kept by the lane's runner, which tells the time. What waits meanwhile loses none of its attempts.

use std::time::Duration;

use crate::time::Timestamp;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open at first; twice as long after each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long it stays open at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Whether errands of a lane may be tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    until: Option<Timestamp>,
    is_stopped: bool,
}

impl Breaker {
    /// How many more errands may be tried now, of at most `at_once` with those that are under way.
    pub fn admits(&self, at_once: usize, under_way: usize, now: Timestamp) -> usize {
        let most = match self.until {
            None => at_once,
            Some(until) if now < until => 0,
            Some(_) => at_once.min(1),
        };
        most.saturating_sub(under_way)
    }

    /// Until when nothing is tried.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until)
    }

    /// An attempt has shown that the destination is there.
    pub const fn succeeded(&mut self) {
        *self = Self {
            failures: 0,
            until: None,
            is_stopped: false,
        };
    }

    /// An attempt has failed for a reason of the destination's. While it is open that is no news: the attempt began before,
    /// or somebody wanted it.
    pub fn failed(&mut self, now: Timestamp) {
        if self.closed_until(now).is_some() {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            let doubled = 1_u32.checked_shl(self.failures - FAILURES).unwrap_or(u32::MAX);
            self.until = Some(now.after(FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)));
        }
    }

    /// Nothing of the account is taken until somebody mends it; whether that is news since the last success.
    pub fn stopped(&mut self, now: Timestamp) -> bool {
        self.failures = self.failures.max(FAILURES);
        self.until = Some(now.after(LONGEST_PAUSE));
        !std::mem::replace(&mut self.is_stopped, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default().after(Duration::from_secs(seconds))
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_success_closes_it() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES - 1 {
            breaker.failed(at(0));
        }
        assert_eq!((breaker.admits(8, 0, at(0)), breaker.admits(8, 3, at(0))), (8, 5));
        breaker.failed(at(0));
        assert_eq!(breaker.admits(8, 0, at(4)), 0);
        assert_eq!(breaker.admits(8, 0, at(5)), 1, "one tries");
        assert_eq!(breaker.admits(8, 1, at(5)), 0, "and no second one beside it");
        breaker.failed(at(5));
        let admitted = (breaker.admits(8, 0, at(14)), breaker.admits(8, 0, at(15)));
        assert_eq!(admitted, (0, 1));
        breaker.succeeded();
        assert_eq!(breaker.admits(8, 0, at(15)), 8);
    }

    #[test]
    fn attempts_that_began_before_it_opened_do_not_keep_it_open_for_longer() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES + 3 {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.closed_until(at(0)), Some(at(5)));
    }

    #[test]
    fn an_account_that_is_stopped_is_news_once_until_something_goes_out_again() {
        let mut breaker = Breaker::default();
        assert_eq!((breaker.stopped(at(0)), breaker.stopped(at(300))), (true, false));
        breaker.succeeded();
        assert!(breaker.stopped(at(600)));
    }

    #[test]
    fn however_long_it_fails_it_is_tried_every_five_minutes() {
        let (mut breaker, mut now) = (Breaker::default(), at(0));
        for _ in 0..1_000 {
            breaker.failed(now);
            now = breaker.closed_until(now).unwrap_or(now);
        }
        breaker.failed(now);
        let until = now.after(LONGEST_PAUSE);
        assert_eq!(breaker.closed_until(now), Some(until));
        assert_eq!(breaker.admits(1, 0, until), 1);
    }
}
