//! Coming back with `lastSequence`: over any number of connections a reader has seen exactly the log.

use serde_json::json;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

use crate::process::Folder;
use crate::process::dice::Dice;
use crate::process::people::{Guest, Person};
use crate::process::socket::{Heard, Socket, UPGRADE, upgrade};
use crate::restart::client::{entry, read_all};
use crate::restart::history::Entry;

/// Messages of each writer.
const WRITTEN: usize = 150;

/// Says so many things, each after the one before it is acknowledged.
fn write(mut socket: Socket, name: &'static str) -> JoinHandle<Socket> {
    tokio::spawn(async move {
        for n in 0..WRITTEN {
            socket.say(&format!("{name} {n}"), &format!("{name}-{n}")).await;
        }
        socket
    })
}

/// Reads `most` messages behind those it has, each of which has to be the next one, and goes without a word or in order.
async fn read_some(mut socket: Socket, log: &mut Vec<Entry>, most: u64, in_order: bool) {
    let mut left = most;
    while left > 0 {
        let frame = socket.frame().await;
        if frame["type"] == "message" {
            log.push(entry(&frame));
            assert_eq!(log.last().unwrap().sequence, log.len() as u64, "the next one");
            left -= 1;
        }
    }
    if in_order {
        socket.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_comes_and_goes_sees_exactly_the_log_while_others_write() {
    let folder = Folder::new("sled").with("limits.enabled", &false);
    let hub = folder.start().await;
    let agent = Person::agent(hub.address, "jane").await;
    for seed in 0..4 {
        let mut dice = Dice::new(seed);
        let guest = Guest::open(hub.address).await;
        let writers = [
            write(agent.join(hub.address, &guest.session).await, "agent"),
            write(guest.device(hub.address).await, "guest"),
        ];
        let mut log: Vec<Entry> = Vec::new();
        while log.len() < 2 * WRITTEN {
            let query = format!("{}&lastSequence={}", guest.query(), log.len());
            let socket = Socket::open(hub.address, &query).await.unwrap();
            let most = dice.below(40).min((2 * WRITTEN - log.len()) as u64);
            read_some(socket, &mut log, most, dice.once_in(2)).await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let all = read_all(hub.address, &guest.query()).await;
        assert_eq!(log, all[..log.len()], "seed {seed}");
    }
}

#[tokio::test]
async fn everything_comes_again_from_0_the_readers_own_messages_too() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    desk.say("Hello, this is Jane.", "a-1").await;
    guest.socket.say("Hello Jane.", "g-1").await;
    for query in [
        guest.query(),
        format!("token={}&sessionId={}", agent.token, guest.session),
    ] {
        let all = read_all(hub.address, &query).await;
        let said: Vec<_> = all
            .iter()
            .map(|entry| (entry.sequence, entry.text.as_str()))
            .collect();
        assert_eq!(said, [(1, "Hello, this is Jane."), (2, "Hello Jane.")]);
        let mut rest = Socket::open(hub.address, &format!("{query}&lastSequence=1"))
            .await
            .unwrap();
        assert_eq!(rest.hear("message").await["sequence"], 2);
    }
}

#[tokio::test]
async fn a_last_sequence_that_is_no_number_is_refused_before_the_upgrade() {
    let hub = Folder::new("sled").start().await;
    let guest = Guest::open(hub.address).await;
    for wrong in ["abc", "-1", "1.5", "18446744073709551616", "1%20"] {
        let query = format!("{}&lastSequence={wrong}", guest.query());
        let answer = upgrade(hub.address, &query, &UPGRADE).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.json()["error"]["code"], "invalid_request");
        assert!(answer.body.contains("lastSequence"), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_claims_to_have_seen_more_than_there_is_still_hears_what_comes() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    guest.socket.say("one", "m-1").await;
    let query = format!("{}&lastSequence=1000", guest.query());
    let mut ahead = Socket::open(hub.address, &query).await.unwrap();
    ahead
        .ask(json!({"type": "typing", "isTyping": false}), "caught-up")
        .await;
    let said = guest.socket.say("two", "m-2").await;
    let agent = Person::agent(hub.address, "jane").await;
    agent
        .join(hub.address, &guest.session)
        .await
        .say("a last word", "a-1")
        .await;
    let mut sequences = Vec::new();
    loop {
        let heard = ahead.hear("message").await;
        sequences.push(heard["sequence"].clone());
        if heard["text"] == "a last word" {
            break;
        }
    }
    assert!(sequences.contains(&said["sequence"]), "{sequences:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_reaches_a_slow_reader_whole_while_others_write() {
    let folder = Folder::new("sled")
        .with("socket.outbox_bytes", &65_536)
        .with("limits.enabled", &false);
    let hub = folder.start().await;
    let guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.join(hub.address, &guest.session).await;
    for n in 0..200 {
        desk.say(&format!("{n} {}", "x".repeat(7_000)), &format!("h-{n}"))
            .await;
    }
    let small = TcpSocket::new_v4().unwrap();
    small.set_recv_buffer_size(4_096).unwrap();
    let query = format!("{}&lastSequence=0", guest.query());
    let mut reader = Socket::over(small, hub.address, &query).await.unwrap();
    let writer = write(desk, "agent");
    for n in 1..=200 + WRITTEN as u64 {
        assert_eq!(reader.hear("message").await["sequence"], n);
    }
    writer.await.unwrap();
    drop(hub);
    assert!(matches!(reader.next().await, Heard::Gone), "nothing twice");
}
