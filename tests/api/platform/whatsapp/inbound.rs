//! What customers send, as it comes in: each kind, each once, each where it belongs.

use futures_util::future::join_all;
use serde_json::Value;
use switchboard_domain::conversation::Status;
use switchboard_domain::message::{Author, Message};
use switchboard_testbed::graph::{ReadMark, Webhook, samples};

use super::{CUSTOMER, Chat, fresh, words};
use crate::process::until;

/// A user id of somebody who shows no phone number.
const USER: &str = "US.13491208655302741918";

fn of_customer(messages: &[std::sync::Arc<Message>]) -> Vec<&Message> {
    let theirs = messages
        .iter()
        .filter(|message| message.author == Author::Customer);
    theirs.map(AsRef::as_ref).collect()
}

#[tokio::test]
async fn every_kind_becomes_something_that_people_can_read() {
    for (name, sample) in samples::every_kind(CUSTOMER) {
        let chat = Chat::start().await;
        chat.comes(fresh(sample)).await;
        let messages = chat.messages();
        let first = &messages[0];
        let told = first.provided.as_ref().unwrap();
        assert_eq!(told.id, format!("wamid.{name}"));
        let has_file = told.file.is_some() || !first.attachments.is_empty();
        assert!(!first.text.is_empty() || has_file, "{name}: {first:#?}");
        let keeps_raw = ["location", "contacts", "order", "unsupported"].contains(&name);
        assert_eq!(told.raw.is_some(), keeps_raw, "{name}");
        let waits = matches!(chat.conversation().status, Status::Waiting { .. });
        assert_eq!(
            waits, keeps_raw,
            "{name}: an agent is to see what is not only words"
        );
        let about = ["reaction", "edit", "revoke"].contains(&name);
        assert_eq!(told.about.is_some(), about, "{name}");
    }
}

#[tokio::test]
async fn a_question_is_answered_at_whatsapp_and_shown_to_be_read() {
    let chat = Chat::start().await;
    chat.comes(words("wamid.1", "Hello!")).await;
    let sent = chat.graph.wait_for_sent(1).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, CUSTOMER), "{sent:?}");
    // Nothing waits for it, so that it may come behind the answer.
    until("the read mark", async || {
        let marks = chat.graph.read_marks();
        let is_it = |mark: &ReadMark| mark.message_id == "wamid.1" && mark.is_typing;
        marks.iter().any(is_it)
    })
    .await;
    assert_eq!(chat.graph.refusals(), Vec::<Value>::new());
    assert_eq!(chat.world.customers()[0].name, "Kerry Fisher");
}

#[tokio::test]
async fn five_copies_at_once_are_one_message_and_one_answer() {
    let chat = Chat::start().await;
    let webhook = Webhook::of(words("wamid.1", "Hello!"));
    let answers = join_all((0..5).map(|_| chat.tells(&webhook))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    chat.graph.wait_for_sent(1).await;
    assert_eq!(chat.tells(&webhook).await.status, 200);
    let messages = chat.messages();
    assert_eq!(of_customer(&messages).len(), 1, "{messages:#?}");
    assert_eq!(chat.graph.sent().len(), 1);
}

#[tokio::test]
async fn an_album_of_five_is_one_conversation() {
    let chat = Chat::with_files().await;
    let pictures = (0..5).map(|number| {
        let file = chat.graph.keep_file("image/jpeg", format!("picture {number}"));
        let id = format!("wamid.{number}");
        Webhook::of(fresh(samples::media(CUSTOMER, &id, "image", &file, "image/jpeg")))
    });
    let pictures: Vec<_> = pictures.collect();
    let answers = join_all(pictures.iter().map(|picture| chat.tells(picture))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let all_there = |messages: &[std::sync::Arc<Message>]| {
        let theirs = of_customer(messages);
        theirs.len() == 5 && theirs.iter().all(|message| message.attachments.len() == 1)
    };
    chat.until("five pictures", all_there).await;
}

#[tokio::test]
async fn somebody_without_a_phone_number_is_answered_by_user_id() {
    let chat = Chat::start().await;
    chat.comes(fresh(samples::text(USER, "wamid.1", "Hello!"))).await;
    let sent = chat.graph.wait_for_sent(1).await;
    assert_eq!(sent[0].to, USER);
    assert_eq!(sent[0].body["recipient"], USER);
    assert_eq!(chat.graph.refusals(), Vec::<Value>::new());
}
