//! Who may call the webhook, and that nothing of others is stored.

use hyper::Method;
use switchboard_testbed::graph::{APP_SECRET, VERIFY_TOKEN, Webhook};

use super::{Chat, WEBHOOK, post_signed, words};
use crate::support::World;

fn asked(token: &str) -> String {
    format!("{WEBHOOK}?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444")
}

#[tokio::test]
async fn a_subscription_is_confirmed_to_who_knows_the_token() {
    let chat = Chat::start().await;
    let confirmed = chat.world.nobody.get(&asked(VERIFY_TOKEN)).await;
    assert_eq!((confirmed.status, confirmed.text.as_str()), (200, "1158201444"));
    assert_eq!(chat.world.nobody.get(&asked("guess")).await.status, 403);
    let without = World::start().await;
    assert_eq!(without.nobody.get(&asked("")).await.status, 404);
}

#[tokio::test]
async fn what_is_not_signed_is_refused_and_leaves_nothing() {
    let chat = Chat::start().await;
    let webhook = Webhook::of(words("wamid.1", "Hello"));
    let nobody = &chat.world.nobody;
    let wrong = post_signed(nobody, &webhook.bytes(), "another secret").await;
    assert_eq!(wrong.status, 403, "{}", wrong.text);
    let bytes = bytes::Bytes::from(webhook.bytes());
    let json = Some("application/json");
    let unsigned = nobody.send(Method::POST, WEBHOOK, json, bytes).await;
    assert_eq!(unsigned.status, 403, "{}", unsigned.text);
    let of_other_bytes = nobody.with_header(
        "x-hub-signature-256",
        &switchboard_testbed::graph::sign(APP_SECRET, b"{}"),
    );
    let bytes = bytes::Bytes::from(webhook.bytes());
    let forged = of_other_bytes.send(Method::POST, WEBHOOK, json, bytes).await;
    assert_eq!(forged.status, 403, "{}", forged.text);
    assert!(chat.world.conversations().is_empty());
}

#[tokio::test]
async fn both_secrets_hold_while_one_takes_the_others_place() {
    let previous = ("SWITCHBOARD_WHATSAPP__PREVIOUS_APP_SECRET", "before");
    let chat = Chat::start_with(&[previous]).await;
    let first = Webhook::of(words("wamid.1", "Hello"));
    assert_eq!(
        post_signed(&chat.world.nobody, &first.bytes(), "before")
            .await
            .status,
        200
    );
    assert_eq!(chat.tells(&Webhook::of(words("wamid.2", "Hi"))).await.status, 200);
    let theirs = chat.messages();
    assert!(theirs.len() >= 2, "{theirs:?}");
}

#[tokio::test]
async fn reports_of_another_number_are_answered_and_left_alone() {
    let chat = Chat::start().await;
    let webhook = Webhook::of(words("wamid.1", "Hello")).for_number("999");
    assert_eq!(chat.tells(&webhook).await.status, 200);
    assert!(chat.world.conversations().is_empty());
}
