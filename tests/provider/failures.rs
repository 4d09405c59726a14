//! Whatever the provider does, the message is kept and the customer is answered in time.

use std::time::{Duration, Instant};

use super::fake::{Fake, Mood};
use super::{GENERATED, PENGUINS, shop};
use crate::support::{said, status};

/// The time a turn has in these tests, seconds.
const TIMEOUT: &str = "8";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_the_embedded_assistant_answers_what_it_knows_and_calls_an_agent_for_the_rest() {
    let moods = [
        Mood::Hangs,
        Mood::Refuses(500, None, usize::MAX),
        Mood::Refuses(429, Some("60"), usize::MAX),
        Mood::Refuses(401, None, usize::MAX),
        Mood::Babbles,
        Mood::Rambles,
        Mood::BreaksOff,
    ];
    for mood in moods {
        let fake = Fake::start().await;
        let world = shop(&fake, &[("SWITCHBOARD_AI__TIMEOUT_SECONDS", TIMEOUT)]).await;
        let customer = world.customer().await;
        fake.feels(mood);
        let began = Instant::now();
        let known = customer.asks("known", "Can I buy a penguin from you?").await;
        assert_eq!(
            (said(&known), status(&known)),
            (PENGUINS, "active"),
            "{mood:?}: {known:?}"
        );
        let unknown = customer.asks("unknown", "Who won the football match?").await;
        let fallback = &world.settings().await.fallback_message;
        assert_eq!(said(&unknown), fallback, "{mood:?}");
        assert_eq!(status(&unknown), "waiting", "{mood:?}");
        assert!(
            began.elapsed() < Duration::from_secs(22),
            "{mood:?}: {:?}",
            began.elapsed()
        );
        let kept = &world.messages("known")[0].text;
        assert_eq!(kept, "Can I buy a penguin from you?", "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_failure_is_tried_again_as_the_service_asks() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let customer = world.customer().await;
    fake.feels(Mood::Refuses(429, Some("1"), 1));
    let began = Instant::now();
    let answered = customer.asks("s-1", "Can I buy a penguin from you?").await;
    assert_eq!(said(&answered), GENERATED, "{answered:?}");
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After is heeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_provider_is_waited_for_within_the_time_it_has() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let customer = world.customer().await;
    fake.feels(Mood::Dawdles(Duration::from_millis(700)));
    let answered = customer.asks("s-1", "Can I buy a penguin from you?").await;
    assert_eq!(said(&answered), GENERATED, "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_key_the_provider_answers_nothing_and_the_hub_everything_it_knows() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[("SWITCHBOARD_AI__API_KEY", "sk-wrong")]).await;
    let customer = world.customer().await;
    let answered = customer.asks("s-1", "Can I buy a penguin from you?").await;
    assert_eq!((said(&answered), status(&answered)), (PENGUINS, "active"));
    assert!(fake.asked("analysis").is_empty());
}
