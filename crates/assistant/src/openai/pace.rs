//! When a call that failed is tried again: at once never, three times at most, and never beyond its patience.

use std::time::Duration;

/// Attempts of one call.
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt, at most; doubled for each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(400);

/// The pause before the next attempt: what the service asked for (`Retry-After`), else a random part of a growing span.
///
/// `dice` is random; `None`: give up, because of the number of attempts or of what is left of the patience.
pub(super) fn pause(made: u32, asked_for: Option<Duration>, left: Duration, dice: u8) -> Option<Duration> {
    if made >= ATTEMPTS {
        return None;
    }
    let longest = FIRST_PAUSE * 2_u32.pow(made.saturating_sub(1));
    let jittered = longest * (u32::from(dice) + 1) / 256;
    let pause = asked_for.unwrap_or(jittered);
    (pause < left).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn pauses_grow_are_random_and_end() {
        let longest: Vec<_> = (1..=4).map(|made| pause(made, None, LONG, 255)).collect();
        let millis = |pause: u64| Some(Duration::from_millis(pause));
        assert_eq!(longest, [millis(400), millis(800), None, None]);
        assert!(pause(1, None, LONG, 0) < pause(1, None, LONG, 200));
    }

    #[test]
    fn what_the_service_asks_for_is_heeded_unless_it_is_beyond_the_patience() {
        let asked = Some(Duration::from_secs(2));
        assert_eq!(pause(1, asked, LONG, 7), Some(Duration::from_secs(2)));
        assert_eq!(pause(1, asked, Duration::from_secs(1), 7), None);
    }
}
