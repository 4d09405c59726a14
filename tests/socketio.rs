//! Engine.IO byte for byte, where the official client (`tests/browser/socketio.test.js`) cannot be made to misbehave.

mod roles;

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::process::Folder;
use crate::process::http::{Answer, request};
use crate::process::people::{Guest, Person};

/// A session that polls.
struct Polls {
    at: SocketAddr,
    id: String,
}

impl Polls {
    async fn open(at: SocketAddr) -> Self {
        let answer = poll(at, "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let opened: Value = serde_json::from_str(&answer.body[1..]).unwrap();
        assert_eq!(opened["upgrades"], json!(["websocket"]));
        let id = opened["sid"].as_str().unwrap().to_owned();
        Self { at, id }
    }

    async fn hear(&self) -> Answer {
        poll(self.at, &format!("&sid={}", self.id)).await
    }

    async fn say(&self, packet: &str) -> Answer {
        let path = path(&format!("&sid={}", self.id));
        request(
            self.at,
            &format!("POST {path}"),
            &["Content-Type: text/plain"],
            packet,
        )
        .await
    }

    /// Connects with this token, and what comes back.
    async fn connect(&self, token: &str) -> String {
        let said = self.say(&format!("40{}", json!({"token": token}))).await;
        assert_eq!((said.status, said.body.as_str()), (200, "ok"));
        loop {
            let heard = self.hear().await;
            assert_eq!(heard.status, 200, "{}", heard.body);
            // Packets of one answer stand apart by a record separator; a ping is one.
            if let Some(packet) = heard.body.split('\x1e').find(|packet| *packet != "2") {
                return packet.to_owned();
            }
        }
    }
}

fn path(query: &str) -> String {
    format!("/socket.io/?EIO=4&transport=polling{query}")
}

async fn poll(at: SocketAddr, query: &str) -> Answer {
    request(at, &format!("GET {}", path(query)), &[], "").await
}

#[tokio::test]
async fn a_token_that_does_not_stand_is_refused_with_the_familys_sentence() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "ann").await;
    let refused = r#"44{"message":"Could not validate credentials"}"#;
    for token in ["nonsense", &format!("{}x", customer.token)] {
        assert_eq!(Polls::open(hub.address).await.connect(token).await, refused);
    }
    let connected = Polls::open(hub.address).await.connect(&customer.token).await;
    assert!(connected.starts_with("40"), "{connected}");
}

#[tokio::test]
async fn a_session_ends_with_an_upgrade_that_fails() {
    let hub = Folder::new("sled").start().await;
    let polls = Polls::open(hub.address).await;
    assert!(polls.connect("").await.starts_with("40"));
    let stream = TcpStream::connect(hub.address).await.unwrap();
    let url = format!(
        "ws://{}/socket.io/?EIO=4&transport=websocket&sid={}",
        hub.address, polls.id
    );
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    socket.send(Message::text("no probe")).await.unwrap();
    // Until the library has read it, polls are answered with nothing to do.
    let ended = loop {
        let answer = polls.hear().await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!((ended.status, &ended.json()["code"]), (400, &json!(1)));
}

#[tokio::test]
async fn a_session_that_polls_keeps_nobody_from_stopping() {
    let folder = Folder::new("sled").with("socket.close_seconds", &1);
    let mut hub = folder.start().await;
    let guest = Guest::open(hub.address).await;
    let polls = Polls::open(hub.address).await;
    assert!(polls.connect("").await.starts_with("40"));
    let join = json!(["join_room", {"room": guest.session, "user_type": "customer"}]);
    polls.say(&format!("42{join}")).await;
    let bare = Polls::open(hub.address).await;
    // A ping is all that waits for it.
    assert_eq!(bare.hear().await.body, "2");
    let mut waiting = TcpStream::connect(hub.address).await.unwrap();
    let line = format!("GET {}", path(&format!("&sid={}", bare.id)));
    let head = format!("{line} HTTP/1.1\r\nHost: {}\r\n\r\n", hub.address);
    waiting.write_all(head.as_bytes()).await.unwrap();
    hub.process.terminate();
    let status = hub.process.ended(Duration::from_secs(12)).await;
    assert_eq!(status.code(), Some(0), "a clean end");
}

#[tokio::test]
async fn what_is_no_packet_ends_the_session_and_not_the_hub() {
    let hub = Folder::new("sled").start().await;
    for packet in [
        "4",
        "42",
        "42[",
        "42[]",
        "42[1]",
        "4251-[\"x\",{\"_placeholder\":true,\"num\":0}]",
        "é",
        "b4é",
        "45",
    ] {
        let polls = Polls::open(hub.address).await;
        polls.connect("").await;
        polls.say(packet).await;
    }
    assert!(Polls::open(hub.address).await.connect("").await.starts_with("40"));
}
