//! A client that writes as fast as it is acknowledged, loses its connection at any moment, and comes back.
//!
//! It keeps to what the hub's documentation says: a frame that was not acknowledged is sent again under its id, and
//! `lastSequence` is the greatest sequence it has seen, on a message or an ack.

use std::collections::VecDeque;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::history::{Entry, Heard, Life, Spell};
use crate::process::people::text;
use crate::process::socket::{self, Socket};

/// Messages that wait for their ack at once.
const WINDOW: usize = 8;

/// A client of one conversation.
pub(crate) struct Client {
    pub(crate) life: Life,
    query: String,
    writes: bool,
    unacked: VecDeque<String>,
    newest: u64,
    /// The code the last connection was closed with.
    pub(crate) closed: Option<u16>,
}

impl Client {
    /// A client whose connection this query opens; one that does not write only listens.
    pub(crate) fn new(name: &str, query: String, writes: bool) -> Self {
        let life = Life {
            name: name.to_owned(),
            ..Life::default()
        };
        Self {
            life,
            query,
            writes,
            unacked: VecDeque::new(),
            newest: 0,
            closed: None,
        }
    }

    /// Acks it has been given.
    pub(crate) fn acks(&self) -> usize {
        let heard = self.life.spells.iter().flat_map(|spell| &spell.heard);
        heard.filter(|heard| matches!(heard, Heard::Ack { .. })).count()
    }

    /// Writes and listens until the connection is lost.
    pub(crate) async fn live(mut self, at: SocketAddr) -> Self {
        let Some(mut socket) = self.come_back(at).await else {
            return self;
        };
        loop {
            if !self.write_more(&mut socket).await {
                return self;
            }
            match socket.next().await {
                socket::Heard::Frame(frame) => self.note(&frame),
                socket::Heard::Closed(code) => self.closed = Some(code),
                socket::Heard::Gone => return self,
            }
        }
    }

    /// Comes back once more, and stays until nothing is unacknowledged.
    pub(crate) async fn finish(mut self, at: SocketAddr) -> Self {
        let mut socket = self.come_back(at).await.expect("the hub is up");
        while !self.unacked.is_empty() {
            let frame = socket.frame().await;
            assert_ne!(frame["type"], "error", "{frame}");
            self.note(&frame);
        }
        self
    }

    /// Connects where it left off, and sends again what was not acknowledged.
    async fn come_back(&mut self, at: SocketAddr) -> Option<Socket> {
        let after = self.newest;
        let mut socket = Socket::open(at, &format!("{}&lastSequence={after}", self.query))
            .await
            .ok()?;
        self.life.spells.push(Spell {
            after,
            heard: Vec::new(),
        });
        for words in &self.unacked {
            socket.try_send(message(words)).await;
        }
        Some(socket)
    }

    async fn write_more(&mut self, socket: &mut Socket) -> bool {
        while self.writes && self.unacked.len() < WINDOW {
            let words = format!("{} says {}", self.life.name, self.life.sent.len());
            self.life.sent.push(words.clone());
            self.unacked.push_back(words.clone());
            if !socket.try_send(message(&words)).await {
                return false;
            }
        }
        true
    }

    fn note(&mut self, frame: &Value) {
        let heard = match frame["type"].as_str() {
            Some("message") => Heard::Message(entry(frame)),
            Some("ack") => self.acked(frame),
            Some("error") => panic!("{}: {frame}", self.life.name),
            _ => return,
        };
        let (Heard::Message(Entry { sequence, .. }) | Heard::Ack { sequence, .. }) = heard;
        self.newest = self.newest.max(sequence);
        self.life.spells.last_mut().unwrap().heard.push(heard);
    }

    fn acked(&mut self, frame: &Value) -> Heard {
        let words = text(&frame["id"]);
        self.unacked.retain(|waiting| *waiting != words);
        Heard::Ack {
            text: words,
            id: text(&frame["messageId"]),
            sequence: frame["sequence"].as_u64().unwrap(),
        }
    }
}

/// The words are their own id: each is sent once.
fn message(words: &str) -> Message {
    Message::text(json!({"type": "text", "text": words, "id": words}).to_string())
}

/// A message frame's content.
pub(crate) fn entry(frame: &Value) -> Entry {
    Entry {
        sequence: frame["sequence"].as_u64().unwrap(),
        id: text(&frame["messageId"]),
        text: text(&frame["text"]),
        sender: text(&frame["sender"]),
    }
}

/// Everything that is stored, as a client sees it that asks for all.
pub(crate) async fn read_all(at: SocketAddr, query: &str) -> Vec<Entry> {
    let mut socket = Socket::open(at, &format!("{query}&lastSequence=0"))
        .await
        .expect("the hub is up");
    let last = socket.frame().await["lastSequence"].as_u64().unwrap();
    let mut log: Vec<Entry> = Vec::new();
    while log.last().map_or(0, |entry| entry.sequence) < last {
        let frame = socket.hear("message").await;
        log.push(entry(&frame));
    }
    log
}
