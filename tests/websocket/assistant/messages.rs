//! What is said in many conversations on one connection: answered, acknowledged, heard, and sent again.

use serde_json::json;

use super::{connect, hear_from, join, message, open, resume, say};
use crate::process::Folder;
use crate::process::dice::Dice;
use crate::process::people::Person;
use crate::process::socket::Socket;

#[tokio::test]
async fn a_message_without_a_number_opens_a_conversation_and_every_frame_tells_which() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    socket.send(message("Hello!", None)).await;
    let heard = socket.hear_with("message").await;
    assert!(
        heard.iter().all(|frame| frame["type"] != "ack"),
        "without an id no ack: {heard:?}"
    );
    assert!(
        heard.iter().all(|frame| frame["conversation_id"].is_u64()),
        "{heard:?}"
    );
    let answer = heard.last().unwrap();
    let metadata = &answer["metadata"];
    assert!(
        answer["content"]
            .as_str()
            .is_some_and(|content| !content.is_empty())
    );
    assert_eq!(
        (&metadata["sender"], &metadata["sequence"]),
        (&json!("ai"), &json!(2))
    );
    assert_eq!(metadata["intent"], "greeting");
    assert!(
        metadata["confidence"]
            .as_f64()
            .is_some_and(|sure| sure > 0.5 && sure <= 1.0)
    );
    for field in ["message_id", "tokens_used", "response_time"] {
        assert!(metadata[field].is_u64(), "{field}: {metadata}");
    }
}

#[tokio::test]
async fn a_connection_hears_every_conversation_it_has_written_into_and_no_other() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut socket = connect(hub.address, &customer).await;
    let first = open(&mut socket, "Hello!", "m-1").await;
    let second = open(&mut socket, "Hello again!", "m-2").await;
    assert_ne!(first, second);
    let mut elsewhere = connect(hub.address, &customer).await;
    let third = open(&mut elsewhere, "From my phone.", "m-3").await;
    let mut desk = connect(hub.address, &agent).await;
    for number in [third, second, first] {
        say(
            &mut desk,
            &format!("to {number}"),
            Some(number),
            &format!("a-{number}"),
        )
        .await;
    }
    for number in [second, first] {
        let heard = hear_from(&mut socket, "agent").await;
        assert_eq!(
            (&heard["content"], &heard["conversation_id"]),
            (&json!(format!("to {number}")), &json!(number))
        );
    }
}

#[tokio::test]
async fn an_ack_tells_number_place_and_time_and_the_same_id_is_the_same_message_after_a_kill() {
    let folder = Folder::new("sled");
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    let ack = say(&mut socket, "Remember me.", None, "m-1").await;
    assert_eq!((&ack["id"], &ack["sequence"]), (&json!("m-1"), &json!(1)));
    assert!(ack["messageId"].is_u64() && ack["timestamp"].is_string(), "{ack}");
    let number = ack["conversation_id"].as_u64().unwrap();
    hub.kill();
    let hub = folder.start().await;
    let mut again = Socket::open_at(hub.address, &resume(&customer, number, 0))
        .await
        .unwrap();
    let stored = again.hear("message").await;
    assert_eq!(stored["content"], "Remember me.");
    assert_eq!(stored["metadata"]["message_id"], ack["messageId"]);
    assert_eq!(say(&mut again, "Remember me.", Some(number), "m-1").await, ack);
}

#[tokio::test]
async fn a_first_message_that_is_sent_again_on_its_connection_opens_one_conversation() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    let ack = say(&mut socket, "Hello.", None, "m-1").await;
    assert_eq!(say(&mut socket, "Hello.", None, "m-1").await, ack);
    let other = say(&mut socket, "Hello.", None, "m-2").await;
    assert_ne!(other["conversation_id"], ack["conversation_id"]);
}

#[tokio::test]
async fn the_customers_other_device_hears_its_messages_and_the_sender_no_echo() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut phone = connect(hub.address, &customer).await;
    let number = open(&mut phone, "Hello.", "m-1").await;
    let first = phone.hear("message").await;
    assert_eq!(first["metadata"]["sender"], "ai", "no echo: {first}");
    let mut laptop = join(hub.address, &customer, number).await;
    say(&mut phone, "Thank you.", Some(number), "m-2").await;
    let heard = laptop.hear("message").await;
    assert_eq!(
        (&heard["content"], &heard["metadata"]["sequence"]),
        (&json!("Thank you."), &json!(3))
    );
    let answer = phone.hear("message").await;
    assert_eq!(answer["metadata"]["sender"], "ai", "no echo: {answer}");
    assert_eq!(laptop.hear("message").await, answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_comes_and_goes_sees_exactly_the_log() {
    const WRITTEN: u64 = 120;
    let hub = Folder::new("sled").with("limits.enabled", &false).start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut socket = connect(hub.address, &customer).await;
    let number = open(&mut socket, "I want to talk to a person.", "m-1").await;
    let mut desk = join(hub.address, &agent, number).await;
    let mut last = say(&mut desk, "I am with you.", Some(number), "a-0").await["sequence"]
        .as_u64()
        .unwrap();
    let all = last + WRITTEN;
    let writer = tokio::spawn(async move {
        while last < all {
            let ack = say(
                &mut desk,
                &format!("line {last}"),
                Some(number),
                &format!("a-{last}"),
            )
            .await;
            last += 1;
            assert_eq!(ack["sequence"], last);
        }
    });
    let (mut seen, mut dice) = (0, Dice::new(7));
    while seen < all {
        let mut reader = Socket::open_at(hub.address, &resume(&customer, number, seen))
            .await
            .unwrap();
        for _ in 0..dice.below(30).min(all - seen) {
            let heard = reader.hear("message").await;
            assert_eq!(heard["metadata"]["sequence"], seen + 1, "the next one: {heard}");
            seen += 1;
        }
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_is_told_under_its_id_and_nothing_is_opened_for_it() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    let number = open(&mut socket, "Hello.", "m-1").await;
    let wrong = [
        json!({"type": "dance"}),
        json!({"type": "message"}),
        json!({"type": "message", "content": "hello", "conversation_id": "5"}),
        json!({"type": "message", "content": "hello", "conversation_id": -5}),
        message(" ", None),
        message(&"x".repeat(8_001), None),
        message("", Some(number)),
        json!({"type": "rating", "rating": 0, "conversation_id": number}),
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
    assert_eq!(
        open(&mut socket, "Another.", "m-2").await,
        number + 1,
        "none was opened between"
    );
    for broken in ["not JSON", "[]", "7"] {
        socket.send_raw(broken).await;
    }
    assert_eq!(socket.closed().await, 1008);
}

#[tokio::test]
async fn without_any_conversation_a_frame_must_name_one() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    let error = socket.ask(json!({"type": "handover_request"}), "h-1").await;
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("error"), &json!("invalid_request"))
    );
    assert!(error["message"].as_str().unwrap().contains("conversation_id"));
}
