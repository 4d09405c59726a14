//! Whatever is missing or of another type in what WhatsApp tells, of every kind: it is answered as anything else, and
//! what comes after it arrives.

use futures_util::future::join_all;
use serde_json::Value;
use switchboard_testbed::damage;
use switchboard_testbed::graph::{APP_SECRET, Webhook, samples};

use super::{CUSTOMER, Chat, post_signed};

/// Calls under way at the same time, each of another customer.
const AT_ONCE: usize = 32;

/// Somebody who shows no phone number.
const USER: &str = "US.13491208655302741918";

/// Every kind of message and status, the error of an account and a message of somebody without a phone number.
fn told() -> Vec<(&'static str, Webhook)> {
    let kinds = samples::every_kind(CUSTOMER).into_iter();
    let mut all: Vec<_> = kinds.map(|(name, sample)| (name, Webhook::of(sample))).collect();
    for state in ["sent", "delivered", "read", "played", "failed"] {
        let status = samples::status("wamid.ours", state, CUSTOMER, Some("nonsense"));
        all.push((state, Webhook::of_status(status)));
    }
    let reply = samples::reply(USER, "wamid.reply", "Me again", "wamid.ours");
    all.push(("reply", Webhook::of(reply)));
    let error = samples::error(131_000, "Something went wrong");
    all.push(("error", Webhook::new().with_error(error)));
    all
}

/// The payload as one of many: its ids are its own, so that it is no repetition, and its customer is one of a few.
fn one_of_many(payload: &Value, place: usize) -> Vec<u8> {
    let customer = format!("165055512{:02}", place % AT_ONCE);
    let text = payload.to_string();
    let text = text.replace("wamid.", &format!("wamid.{place}."));
    text.replace(CUSTOMER, &customer).into_bytes()
}

/// Somebody new writes, and it is there.
async fn somebody_is_heard(chat: &Chat, place: usize, after: &str) {
    let from = format!("1650666{place:04}");
    chat.comes(samples::text(
        &from,
        &format!("wamid.whole.{place}"),
        "I am whole",
    ))
    .await;
    let to = format!("+{from}");
    let is_theirs = |route: &switchboard_domain::conversation::Route| route.to == to || route.to == from;
    let conversations = chat.world.conversations();
    let theirs = conversations
        .iter()
        .find(|known| known.route.as_ref().is_some_and(is_theirs));
    let theirs = theirs.unwrap_or_else(|| panic!("nothing arrives after {after}"));
    let messages = chat.world.messages(&theirs.id.to_string());
    assert_eq!(messages[0].text, "I am whole", "after {after}");
    let ready = chat.world.nobody.get("/ready").await;
    assert_eq!(ready.status, 200, "after {after}: {}", ready.text);
}

#[tokio::test]
async fn whatever_is_damaged_in_any_kind_is_answered_and_what_comes_after_it_arrives() {
    let chat = Chat::start().await;
    let (hub, scope) = (&chat.world.hub, chat.world.scope());
    let quiet = hub.change_settings(&scope, |settings| settings.auto_reply_enabled = false);
    quiet.await.unwrap();
    let mut told_before = 0;
    for (place, (name, webhook)) in told().into_iter().enumerate() {
        let damaged = damage::every(&webhook.json());
        for some in damaged.chunks(AT_ONCE) {
            let calls = some.iter().enumerate().map(async |(index, damaged)| {
                let bytes = one_of_many(&damaged.value, told_before + index);
                let answer = post_signed(&chat.world.nobody, &bytes, APP_SECRET).await;
                assert_eq!(answer.status, 200, "{name} {}: {}", damaged.what, answer.text);
            });
            join_all(calls).await;
            told_before += some.len();
        }
        somebody_is_heard(&chat, place, name).await;
    }
    assert!(told_before > 5_000, "{told_before}");
}
