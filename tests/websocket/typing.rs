//! Typing: heard by the others in the session, never by its sender, and over by itself.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::process::Folder;
use crate::process::people::{Guest, Person};

#[tokio::test]
async fn typing_reaches_the_others_and_never_its_sender() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    guest
        .socket
        .ask(json!({"type": "typing", "isTyping": true}), "t-1")
        .await;
    assert_eq!(desk.hear("typing_start").await["sender"], "customer");
    guest
        .socket
        .ask(json!({"type": "typing", "isTyping": false}), "t-2")
        .await;
    assert_eq!(desk.hear("typing_stop").await["sender"], "customer");
    desk.ask(json!({"type": "typing", "isTyping": true}), "t-3").await;
    let heard = guest.socket.hear_with("typing_start").await;
    assert_eq!(
        (heard.len(), &heard[0]["sender"]),
        (1, &json!("agent")),
        "not its own: {heard:?}"
    );
    assert_eq!(heard[0]["agentName"], agent.name.as_str());
}

#[tokio::test]
async fn typing_that_nobody_renews_ends_by_itself() {
    let hub = Folder::new("sled")
        .with("sessions.typing_seconds", &1)
        .start()
        .await;
    let mut guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    let begun = Instant::now();
    guest
        .socket
        .send(json!({"type": "typing", "isTyping": true}))
        .await;
    desk.hear("typing_start").await;
    desk.hear("typing_stop").await;
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(20),
        "{took:?}"
    );
}

#[tokio::test]
async fn typing_ends_with_the_connection_of_who_typed() {
    let hub = Folder::new("sled")
        .with("sessions.typing_seconds", &600)
        .start()
        .await;
    let guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    let mut device = guest.device(hub.address).await;
    device.send(json!({"type": "typing", "isTyping": true})).await;
    desk.hear("typing_start").await;
    drop(device);
    desk.hear("typing_stop").await;
}

#[tokio::test]
async fn typing_on_one_device_goes_on_when_another_stops_or_leaves() {
    let hub = Folder::new("sled")
        .with("sessions.typing_seconds", &600)
        .start()
        .await;
    let mut guest = Guest::open(hub.address).await;
    let mut device = guest.device(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    guest
        .socket
        .ask(json!({"type": "typing", "isTyping": true}), "t-1")
        .await;
    desk.hear("typing_start").await;
    device
        .ask(json!({"type": "typing", "isTyping": false}), "t-2")
        .await;
    device.close().await;
    guest.socket.say("Are you there?", "m-1").await;
    let heard = desk.hear_with("message").await;
    assert!(
        heard.iter().all(|frame| frame["type"] != "typing_stop"),
        "{heard:?}"
    );
    guest
        .socket
        .ask(json!({"type": "typing", "isTyping": false}), "t-3")
        .await;
    assert_eq!(desk.hear("typing_stop").await["sender"], "customer");
}
