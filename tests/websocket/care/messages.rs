//! What is said: answered, acknowledged, heard by the others in order, and sent again to who comes back.

use serde_json::{Value, json};

use super::{conversation, hear_from, join, message, read_all, say, target};
use crate::process::Folder;
use crate::process::dice::Dice;
use crate::process::people::Person;
use crate::process::socket::{Heard, Socket};

#[tokio::test]
async fn a_message_is_answered_with_what_the_customer_wanted_and_without_an_id_not_acknowledged() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = Socket::open_at(hub.address, &target(&customer, &own))
        .await
        .unwrap();
    socket.send(message("Hello, bot!")).await;
    let heard = socket.hear_with("message").await;
    assert!(heard.iter().all(|frame| frame["type"] != "ack"), "{heard:?}");
    let answer = heard.last().unwrap();
    assert!(
        answer["content"]
            .as_str()
            .is_some_and(|content| !content.is_empty())
    );
    assert!(
        answer["timestamp"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z'))
    );
    let metadata = &answer["metadata"];
    assert_eq!(metadata["intent"], "greeting", "{answer}");
    let confidence = metadata["confidence"].as_f64().unwrap();
    assert!(confidence > 0.5 && confidence <= 1.0, "{confidence}");
    assert_eq!(
        (&metadata["sender"], &metadata["sequence"]),
        (&json!("ai"), &json!(2))
    );
    assert!(metadata["message_id"].is_string());
}

#[tokio::test]
async fn who_comes_back_reads_of_each_answer_what_the_live_listener_heard() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let mut live = Vec::new();
    for (n, words) in ["Hello!", "Thank you, goodbye."].into_iter().enumerate() {
        say(&mut socket, words, &format!("m-{n}")).await;
        live.push(hear_from(&mut socket, "ai").await);
    }
    assert_ne!(live[0]["metadata"]["intent"], live[1]["metadata"]["intent"]);
    let log = read_all(hub.address, &customer, &own, 4).await;
    assert_eq!((&log[1], &log[3]), (&live[0], &live[1]));
    // The question lies before what is sent again.
    let rest = format!("{}&lastSequence=3", target(&customer, &own));
    let mut rest = Socket::open_at(hub.address, &rest).await.unwrap();
    assert_eq!(rest.hear("message").await, live[1]);
}

#[tokio::test]
async fn an_acknowledged_message_survives_a_kill_and_is_the_same_when_sent_again() {
    let folder = Folder::new("sled");
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let ack = say(&mut socket, "Remember me.", "m-1").await;
    assert_eq!((&ack["id"], &ack["sequence"]), (&json!("m-1"), &json!(1)));
    assert!(ack["timestamp"].is_string());
    hub.kill();
    let hub = folder.start().await;
    let stored = &read_all(hub.address, &customer, &own, 1).await[0];
    assert_eq!(stored["content"], "Remember me.");
    assert_eq!(stored["metadata"]["message_id"], ack["messageId"]);
    let mut again = join(hub.address, &customer, &own).await;
    assert_eq!(say(&mut again, "Remember me.", "m-1").await, ack);
    let other = again.ask(message("Something else."), "m-1").await;
    assert_eq!(
        (&other["type"], &other["code"]),
        (&json!("error"), &json!("invalid_request"))
    );
}

#[tokio::test]
async fn the_customers_other_device_hears_its_messages_and_the_sender_no_echo() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut phone = join(hub.address, &customer, &own).await;
    let mut laptop = join(hub.address, &customer, &own).await;
    say(&mut phone, "Hello.", "m-1").await;
    let heard = hear_from(&mut laptop, "customer").await;
    assert_eq!(
        (&heard["content"], &heard["metadata"]["sequence"]),
        (&json!("Hello."), &json!(1))
    );
    assert_eq!(heard["metadata"]["intent"], Value::Null);
    let next = phone.hear("message").await;
    assert_eq!(next["metadata"]["sender"], "ai", "no echo: {next}");
    assert_eq!(hear_from(&mut laptop, "ai").await, next);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_comes_and_goes_sees_exactly_the_log() {
    const WRITTEN: u64 = 120;
    let hub = Folder::new("sled").with("limits.enabled", &false).start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let own = conversation(hub.address, &customer).await;
    let mut desk = join(hub.address, &agent, &own).await;
    say(&mut desk, "I am with you.", "a-0").await;
    let writer = tokio::spawn(async move {
        for n in 1..WRITTEN {
            say(&mut desk, &format!("line {n}"), &format!("a-{n}")).await;
        }
    });
    let (mut seen, mut dice) = (0, Dice::new(7));
    while seen < WRITTEN {
        let target = format!("{}&lastSequence={seen}", target(&customer, &own));
        let mut socket = Socket::open_at(hub.address, &target).await.unwrap();
        for _ in 0..dice.below(30).min(WRITTEN - seen) {
            let heard = socket.hear("message").await;
            assert_eq!(heard["metadata"]["sequence"], seen + 1, "the next one: {heard}");
            seen += 1;
        }
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_is_told_under_its_id_and_three_broken_ones_close_with_1008() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let wrong = [
        json!({"type": "text", "text": "of another family"}),
        json!({"type": "message"}),
        json!({"type": "message", "content": 7}),
        message(" "),
        message(&"x".repeat(8_001)),
        json!({"type": "rating", "rating": 6}),
    ];
    for (n, frame) in wrong.into_iter().enumerate() {
        let error = socket.ask(frame.clone(), &format!("w-{n}")).await;
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("error"), &json!("invalid_request")),
            "{frame}"
        );
        assert!(
            error["message"].is_string() && error["timestamp"].is_string(),
            "{error}"
        );
        socket
            .ask(json!({"type": "typing", "isTyping": false}), "good")
            .await;
    }
    let empty = socket.ask(message(""), "empty").await;
    assert!(
        empty["message"].as_str().unwrap().contains("content"),
        "its own field's name: {empty}"
    );
    for broken in ["not JSON", "[]", "7"] {
        socket.send_raw(broken).await;
    }
    assert_eq!(socket.closed().await, 1008);
    let target = format!("{}&lastSequence=0", target(&customer, &own));
    let mut again = Socket::open_at(hub.address, &target).await.unwrap();
    assert_eq!(
        say(&mut again, "The first.", "m-1").await["sequence"],
        1,
        "nothing was stored before"
    );
}

#[tokio::test]
async fn a_hub_that_stops_says_come_back() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    hub.process.terminate();
    assert_eq!(socket.closed().await, 1012);
    assert!(matches!(socket.next().await, Heard::Gone));
}
