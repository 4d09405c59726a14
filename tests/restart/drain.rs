//! SIGTERM: everybody is told to come back, what was begun is finished, and the exit code is 0.

use std::collections::HashSet;
use std::time::Duration;

use super::client::{Client, read_all};
use super::history::Heard;
use crate::process::people::{Guest, Person};
use crate::process::{Folder, Hub};

/// The configured time to finish, with time to close the store.
const DRAIN: Duration = Duration::from_secs(30);

/// How often a message in flight meets the order to stop.
const STOPS: usize = 8;

async fn stop(hub: &mut Hub) {
    hub.process.terminate();
    let status = hub.process.ended(DRAIN).await;
    assert_eq!(status.code(), Some(0), "a clean end");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_closes_every_socket_with_1012_and_ends_clean() {
    for engine in ["sled", "fjall"] {
        let folder = Folder::new(engine);
        let mut hub = folder.start().await;
        let mut guest = Guest::open(hub.address).await;
        guest.socket.say("Are you there?", "m-1").await;
        let mut device = guest.device(hub.address).await;
        let mut agent = Person::agent(hub.address, "jane")
            .await
            .connect(hub.address)
            .await;
        hub.process.terminate();
        for socket in [&mut guest.socket, &mut device, &mut agent] {
            assert_eq!(socket.closed().await, 1012);
        }
        drop((device, agent));
        assert_eq!(hub.process.ended(DRAIN).await.code(), Some(0));
        let hub = folder.start().await;
        assert_eq!(
            read_all(hub.address, &guest.query()).await[0].text,
            "Are you there?"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_the_close_frame_does_not_hold_up_the_end() {
    let folder = Folder::new("sled").with("socket.close_seconds", &1);
    let mut hub = folder.start().await;
    let silent = Guest::open(hub.address).await;
    stop(&mut hub).await;
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_flight_at_the_order_to_stop_is_acknowledged_and_stored_or_neither() {
    let folder = Folder::new("sled");
    for _ in 0..STOPS {
        let mut hub = folder.start().await;
        let at = hub.address;
        let mut guest = Guest::open(at).await;
        let writers: Vec<_> = ["left", "right"]
            .map(|name| tokio::spawn(Client::new(name, guest.query(), true).live(at)))
            .into();
        both_have_written(&mut guest).await;
        stop(&mut hub).await;
        let mut acked = HashSet::new();
        for writer in writers {
            let client = writer.await.unwrap();
            assert_eq!(client.closed, Some(1012));
            acked.extend(
                client
                    .life
                    .spells
                    .into_iter()
                    .flat_map(|spell| spell.heard)
                    .filter_map(own_words),
            );
        }
        let again = folder.start().await;
        let log = read_all(again.address, &guest.query()).await;
        let stored: HashSet<_> = log
            .into_iter()
            .filter(|entry| entry.sender == "customer")
            .map(|entry| entry.text)
            .collect();
        let lost: Vec<_> = acked.difference(&stored).collect();
        let untold: Vec<_> = stored.difference(&acked).collect();
        assert!(
            !acked.is_empty() && lost.is_empty(),
            "acknowledged and not stored: {lost:?}"
        );
        assert!(untold.is_empty(), "stored and not acknowledged: {untold:?}");
    }
}

/// Whoever owns both devices hears what they write.
async fn both_have_written(guest: &mut Guest) {
    let mut unheard = vec!["left", "right"];
    while !unheard.is_empty() {
        let heard = guest.socket.hear("message").await;
        unheard.retain(|name| !heard["text"].as_str().is_some_and(|text| text.starts_with(name)));
    }
}

fn own_words(heard: Heard) -> Option<String> {
    match heard {
        Heard::Ack { text, .. } => Some(text),
        Heard::Message(_) => None,
    }
}
