//! Answers given before are given again for nothing, as long as nothing has changed.

use switchboard_domain::cost::Money;
use switchboard_domain::customer::Channel;

use super::fake::Fake;
use super::{GENERATED, shop};
use crate::support::said;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_is_paid_once_and_marked_where_it_was_not() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let (customer, stranger) = (world.customer().await, world.stranger().await);
    let first = customer.asks("s-1", "Do you sell penguins?").await;
    let second = stranger.asks("s-2", "do you sell penguins").await;
    assert_eq!((said(&first), said(&second)), (GENERATED, GENERATED));
    assert_eq!(
        fake.asked("grounded_answer").len(),
        1,
        "the second was there already"
    );
    let scope = world.scope();
    let traces = ["s-1", "s-2"].map(|session| world.messages(session)[1].trace.clone().unwrap());
    assert!(!traces[0].cached && traces[0].cost > Money::ZERO);
    assert!(traces[1].cached && traces[1].cost == Money::ZERO);
    let stats = world.hub.cache_stats(&scope).unwrap();
    assert_eq!(
        (stats.total_cached, stats.total_hits, stats.hit_rate),
        (1, 1, Some(50.0))
    );
    assert_eq!(stats.by_channel[0].channel, Channel::Web);
    assert_eq!(
        (stats.top_queries[0].query.as_str(), stats.top_queries[0].hits),
        ("Do you sell penguins?", 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_knowledge_or_the_settings_forgets_every_answer() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let customer = world.customer().await;
    customer.asks("s-1", "Do you sell penguins?").await;
    world.knows("Do you sell geese?", "Never.").await;
    customer.asks("s-2", "Do you sell penguins?").await;
    assert_eq!(fake.asked("grounded_answer").len(), 2);
    world.decides(|settings| settings.max_response_length = 300).await;
    customer.asks("s-3", "Do you sell penguins?").await;
    assert_eq!(fake.asked("grounded_answer").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_names_somebody_is_never_kept() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let customer = world.customer().await;
    let question = "Do you sell penguins to anna@example.com?";
    customer.asks("s-1", question).await;
    customer.asks("s-2", question).await;
    assert_eq!(fake.asked("analysis").len(), 2);
    let scope = world.scope();
    assert_eq!(world.hub.cache_stats(&scope).unwrap().total_cached, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn warming_keeps_what_can_be_answered_and_tells_what_cannot() {
    let fake = Fake::start().await;
    let world = shop(&fake, &[]).await;
    let scope = world.scope();
    let queries = ["Do you sell penguins?", "Do you sell penguins to a gorilla?"].map(str::to_owned);
    let warmed = world.hub.warm_cache(&scope, &queries).await.unwrap();
    assert_eq!(
        (warmed.cached, warmed.not_answerable.as_slice()),
        (1, &queries[1..])
    );
    let customer = world.customer().await;
    customer.asks("s-1", "Do you sell penguins?").await;
    assert_eq!(
        fake.asked("grounded_answer").len(),
        2,
        "the customer's answer was there"
    );
    assert_eq!(world.hub.clear_cache(&scope).unwrap(), 1);
    assert_eq!(world.hub.cache_stats(&scope).unwrap().total_cached, 0);
}
