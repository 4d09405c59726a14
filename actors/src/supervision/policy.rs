//! How many failures a supervisor bears, and how long it pauses before it starts a child again.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The pause grows no more after so many failures, or the window would pass before the limit is reached.
const MAX_DOUBLINGS: u32 = 5;

/// Limits of one supervisor.
#[derive(Debug, Clone, Copy)]
pub struct RestartPolicy {
    /// Failures borne within `window`; one more escalates.
    pub max: usize,
    /// The span that counts.
    pub window: Duration,
    /// The pause before the first restart in a window; it doubles with each further failure.
    pub pause: Duration,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            max: 10,
            window: Duration::from_secs(10),
            pause: Duration::from_millis(5),
        }
    }
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Start the child again after this pause.
    RestartAfter(Duration),
    /// Fail yourself.
    Escalate,
}

/// The failures a supervisor has seen of late.
#[derive(Debug)]
pub struct Restarts {
    policy: RestartPolicy,
    recent: VecDeque<Instant>,
}

impl Restarts {
    /// None yet.
    pub fn new(policy: RestartPolicy) -> Self {
        Self {
            policy,
            recent: VecDeque::new(),
        }
    }

    /// Notes a failure and decides.
    pub fn note(&mut self, now: Instant) -> Verdict {
        while self
            .recent
            .front()
            .is_some_and(|at| now.duration_since(*at) > self.policy.window)
        {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.policy.max {
            return Verdict::Escalate;
        }
        let doublings = u32::try_from(self.recent.len())
            .unwrap_or(u32::MAX)
            .min(MAX_DOUBLINGS);
        self.recent.push_back(now);
        Verdict::RestartAfter(self.policy.pause * 2_u32.pow(doublings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_within_the_limit_restart_and_one_more_escalates() {
        let policy = RestartPolicy {
            max: 2,
            window: Duration::from_secs(10),
            pause: Duration::from_millis(5),
        };
        let (mut restarts, start) = (Restarts::new(policy), Instant::now());
        assert_eq!(
            restarts.note(start),
            Verdict::RestartAfter(Duration::from_millis(5))
        );
        assert_eq!(
            restarts.note(start),
            Verdict::RestartAfter(Duration::from_millis(10))
        );
        assert_eq!(restarts.note(start), Verdict::Escalate);
        let later = start + Duration::from_secs(11);
        assert_eq!(
            restarts.note(later),
            Verdict::RestartAfter(Duration::from_millis(5)),
            "old failures are forgotten"
        );
    }
}
