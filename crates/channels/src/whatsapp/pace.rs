//! How fast messages may go: so many a second for one business number, and a slower pace towards one recipient.
//!
//! The channel's dispatcher asks before each send. Pure: the time comes in as what has gone by since any fixed moment.
//! Invariant: what [`Pace::admit`] lets through never exceeds either limit, whatever the order of the calls.
//!
//! Meta's pages: <https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput> (80 a second,
//! error 130429) and <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>
//! (pair rate: one in 6 seconds, bursts of up to 45 that are borrowed from the time to come, error 131056).

use std::collections::HashMap;
use std::time::Duration;

/// Messages a second of one business number, unless Meta raised it.
pub const DEFAULT_PER_SECOND: u32 = 80;
/// Time that one message to the same recipient costs.
const PAIR_INTERVAL: Duration = Duration::from_secs(6);
/// Messages that one recipient may get at once.
const PAIR_BURST: u32 = 45;
/// Recipients remembered before those are forgotten that owe nothing any more.
const REMEMBERED: usize = 4096;

/// One business number's pace.
#[derive(Debug)]
pub struct Pace {
    number: Bucket,
    number_limit: Limit,
    pairs: HashMap<String, Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    interval: Duration,
    burst: u32,
}

/// A leaky bucket kept as one time: when all that was sent will have been paid for.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    paid_at: Duration,
}

const PAIR: Limit = Limit {
    interval: PAIR_INTERVAL,
    burst: PAIR_BURST,
};

impl Bucket {
    /// When the next message may go, at `now` or later.
    fn free_at(self, limit: Limit, now: Duration) -> Duration {
        let borrowed = limit.interval * (limit.burst.saturating_sub(1));
        self.paid_at.saturating_sub(borrowed).max(now)
    }

    fn charge(&mut self, limit: Limit, now: Duration) {
        self.paid_at = self.paid_at.max(now) + limit.interval;
    }
}

impl Pace {
    /// For a number that may send so many messages a second (at least one).
    pub fn new(per_second: u32) -> Self {
        let per_second = per_second.max(1);
        Self {
            number: Bucket::default(),
            number_limit: Limit {
                interval: Duration::from_secs(1) / per_second,
                burst: 1,
            },
            pairs: HashMap::new(),
        }
    }

    /// Lets one message to `recipient` go now and counts it, or says how long to wait before asking again.
    ///
    /// # Errors
    /// The time to wait; nothing is counted then.
    pub fn admit(&mut self, recipient: &str, now: Duration) -> Result<(), Duration> {
        let pair = self.pairs.get(recipient).copied().unwrap_or_default();
        let free = self
            .number
            .free_at(self.number_limit, now)
            .max(pair.free_at(PAIR, now));
        if free > now {
            return Err(free.saturating_sub(now));
        }
        self.number.charge(self.number_limit, now);
        self.make_room(now);
        self.pairs
            .entry(recipient.to_owned())
            .or_default()
            .charge(PAIR, now);
        Ok(())
    }

    /// Forgets whom nothing is owed to: a full bucket says the same as none.
    fn make_room(&mut self, now: Duration) {
        if self.pairs.len() >= REMEMBERED {
            self.pairs.retain(|_, bucket| bucket.paid_at > now);
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(DEFAULT_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Sends to one recipient from `now` on until it has to wait for seconds: how many, until when, and that wait.
    fn flood(pace: &mut Pace, recipient: &str, mut now: Duration) -> (u32, Duration, Duration) {
        let mut sent = 0;
        loop {
            match pace.admit(recipient, now) {
                Ok(()) => sent += 1,
                Err(wait) if wait < at(1) => now += wait,
                Err(wait) => return (sent, now, wait),
            }
        }
    }

    #[test]
    fn one_recipient_gets_a_burst_and_then_one_message_in_six_seconds() {
        let mut pace = Pace::default();
        let (sent, now, wait) = flood(&mut pace, "+1", at(0));
        assert_eq!(sent, PAIR_BURST);
        assert_eq!(now + wait, at(6));
        assert_eq!(pace.admit("+1", at(5)), Err(at(1)));
        assert_eq!(pace.admit("+1", at(6)), Ok(()));
        assert_eq!(pace.admit("+1", at(7)), Err(at(5)));
        assert_eq!(pace.admit("+1", at(12)), Ok(()));
    }

    #[test]
    fn one_busy_recipient_delays_nobody_else() {
        let mut pace = Pace::default();
        let (_, now, _) = flood(&mut pace, "+1", at(1));
        assert_eq!(pace.admit("+2", now + Duration::from_millis(13)), Ok(()));
    }

    #[test]
    fn a_number_sends_no_more_than_it_may_in_a_second() {
        let mut pace = Pace::new(80);
        let moments = (0..1000).map(Duration::from_millis);
        let sent = moments.filter(|&now| pace.admit(&format!("{now:?}"), now).is_ok());
        let sent = sent.count();
        assert!((75..=80).contains(&sent), "{sent}");
        let mut exact = Pace::new(80);
        assert_eq!(exact.admit("+1", at(1)), Ok(()));
        let wait = exact.admit("+2", at(1)).unwrap_err();
        assert_eq!(wait, Duration::from_micros(12_500));
        assert_eq!(exact.admit("+2", at(1) + wait), Ok(()));
    }

    #[test]
    fn what_was_refused_was_not_counted() {
        let mut pace = Pace::default();
        let (_, now, wait) = flood(&mut pace, "+1", at(0));
        for _ in 0..100 {
            assert_eq!(pace.admit("+1", now), Err(wait));
        }
    }

    #[test]
    fn recipients_are_not_remembered_without_bound() {
        let mut pace = Pace::new(1000);
        for to in 0..20_000_u64 {
            assert_eq!(pace.admit(&to.to_string(), at(to * 60)), Ok(()));
        }
        assert!(pace.pairs.len() <= REMEMBERED, "{}", pace.pairs.len());
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_sees_more_than_the_burst_and_what_it_pays_for(
            pauses in prop::collection::vec(0_u64..20_000, 1..400),
        ) {
            let (mut pace, mut now, mut sent) = (Pace::default(), Duration::ZERO, Vec::new());
            for pause in pauses {
                now += Duration::from_millis(pause / 4);
                if pace.admit("+1", now).is_ok() {
                    sent.push(now);
                }
            }
            for (first, from) in sent.iter().enumerate() {
                for (last, to) in sent.iter().enumerate().skip(first) {
                    let allowed = u128::from(PAIR_BURST) + to.saturating_sub(*from).as_millis() / PAIR_INTERVAL.as_millis();
                    prop_assert!((last - first + 1) as u128 <= allowed + 1);
                }
            }
        }
    }
}
