//! What is answered to a frame: an ack once it is durable, an error that carries its id, or the end.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::process::Folder;
use crate::process::people::{Guest, Person};
use crate::process::socket::Socket;
use crate::restart::client::read_all;

#[tokio::test]
async fn an_ack_tells_the_messages_id_place_and_time() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let ack = guest.socket.say("Hello.", "m-1").await;
    let stored = &read_all(hub.address, &guest.query()).await[0];
    assert_eq!((&ack["id"], &ack["sequence"]), (&json!("m-1"), &json!(1)));
    assert_eq!(ack["messageId"], stored.id.as_str());
    let time = ack["timestamp"].as_str().unwrap();
    assert!(
        time.len() == "2030-01-01T00:00:00.000Z".len() && time.ends_with('Z'),
        "{time}"
    );
}

#[tokio::test]
async fn everybody_in_the_session_hears_a_message_but_the_connection_that_sent_it() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let mut device = guest.device(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    desk.say("I am with you.", "a-1").await;
    guest.socket.say("first", "m-1").await;
    guest
        .socket
        .send(json!({"type": "text", "text": "second", "id": "m-2"}))
        .await;
    let heard = guest.socket.hear_with("ack").await;
    assert!(
        !heard.iter().any(|frame| frame["text"] == "first"),
        "no echo: {heard:?}"
    );
    assert_eq!(guest_words(&mut device).await, ["first", "second"]);
    assert_eq!(guest_words(&mut desk).await, ["first", "second"]);
}

/// The customer's next two messages, as this connection hears them.
async fn guest_words(socket: &mut Socket) -> Vec<Value> {
    let mut words = Vec::new();
    while words.len() < 2 {
        let frame = socket.hear("message").await;
        if frame["sender"] == "customer" {
            words.push(frame["text"].clone());
        }
    }
    words
}

#[tokio::test]
async fn a_repeated_id_is_the_same_message_on_every_connection() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let first = guest.socket.say("Once.", "m-1").await;
    assert_eq!(guest.socket.say("Once.", "m-1").await, first);
    assert_eq!(guest.device(hub.address).await.say("Once.", "m-1").await, first);
    let other = guest
        .socket
        .ask(json!({"type": "text", "text": "Twice."}), "m-1")
        .await;
    assert_eq!(
        (&other["type"], &other["code"]),
        (&json!("error"), &json!("invalid_request"))
    );
    let log = read_all(hub.address, &guest.query()).await;
    assert_eq!(log.iter().filter(|entry| entry.sender == "customer").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_sent_from_two_devices_at_once_is_one_message_and_both_are_acknowledged() {
    let hub = Folder::new("sled").start().await;
    let mut left = Guest::open(hub.address).await;
    let mut right = left.device(hub.address).await;
    for n in 0..100 {
        let id = format!("m-{n}");
        let frame = json!({"type": "text", "text": format!("words {n}"), "id": id});
        left.socket.send(frame.clone()).await;
        right.send(frame).await;
        let acks = (left.socket.answer(&id).await, right.answer(&id).await);
        assert_eq!(acks.0, acks.1);
        assert_eq!(acks.0["type"], "ack");
    }
    let log = read_all(hub.address, &left.query()).await;
    assert_eq!(log.iter().filter(|entry| entry.sender == "customer").count(), 100);
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_is_told_under_its_id_and_nothing_is_stored() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let wrong = [
        json!({"type": "dance"}),
        json!({"text": "no type"}),
        json!({"type": "text"}),
        json!({"type": "text", "text": 7}),
        json!({"type": "text", "text": ""}),
        json!({"type": "text", "text": " \n"}),
        json!({"type": "text", "text": "x".repeat(8_001)}),
        json!({"type": "typing", "isTyping": "yes"}),
        json!({"type": "rating", "rating": 6}),
        json!({"type": "rating", "rating": 300}),
        json!({"type": "audio", "audio": "!", "format": "mp3"}),
    ];
    for (n, frame) in wrong.into_iter().enumerate() {
        let error = guest.socket.ask(frame.clone(), &format!("w-{n}")).await;
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("error"), &json!("invalid_request")),
            "{frame}"
        );
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{error}"
        );
        // A good one between, since three in a row would close.
        guest
            .socket
            .ask(json!({"type": "typing", "isTyping": false}), "good")
            .await;
    }
    let longest = "é".repeat(8_000);
    assert_eq!(
        guest.socket.say(&longest, "m-1").await["sequence"],
        1,
        "nothing was stored before"
    );
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_refused() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    for id in [String::new(), "x".repeat(129), "line\nbreak".to_owned()] {
        let error = guest
            .socket
            .ask(json!({"type": "text", "text": "hello"}), &id)
            .await;
        assert_eq!(error["type"], "error", "{id:?}");
    }
    guest
        .socket
        .send(json!({"type": "text", "text": "hello", "id": 7}))
        .await;
    assert_eq!(guest.socket.hear("error").await["code"], "invalid_request");
    assert_eq!(guest.socket.say("hello", &"x".repeat(128)).await["sequence"], 1);
}

#[tokio::test]
async fn three_broken_frames_in_a_row_close_the_socket_with_1008() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    for broken in ["not JSON", "[]", "{\"type\":\"text\"}"] {
        guest.socket.send_raw(broken).await;
        assert_eq!(guest.socket.hear("error").await["code"], "invalid_request");
    }
    assert_eq!(guest.socket.closed().await, 1008);
    let mut again = guest.device(hub.address).await;
    assert!(again.try_send(Message::binary(vec![1_u8, 2])).await);
    assert_eq!(again.hear("error").await["code"], "invalid_request");
    again.send_raw("7").await;
    again.say("A good one lets the count begin anew.", "m-1").await;
    again.send_raw("{").await;
    again.say("Still here.", "m-2").await;
}

#[tokio::test]
async fn json_nested_without_end_is_an_error_and_no_crash() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    guest.socket.send_raw(&"[".repeat(60_000)).await;
    assert_eq!(guest.socket.hear("error").await["code"], "invalid_request");
    guest.socket.say("Still here.", "m-1").await;
}
