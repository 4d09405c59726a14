//! The protocol of `/ws/conversations/{id}`, frame by frame, against the real binary.

mod admission;
mod messages;
mod staff;

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::process::people::{Person, text};
use crate::process::socket::Socket;

/// A new conversation of this customer, opened on another family's socket.
async fn conversation(at: SocketAddr, customer: &Person) -> String {
    let mut socket = Socket::open(at, &format!("token={}", customer.token))
        .await
        .unwrap();
    text(&socket.frame().await["sessionId"])
}

/// Where this person joins the conversation.
fn target(person: &Person, conversation: &str) -> String {
    format!("/ws/conversations/{conversation}?token={}", person.token)
}

/// Joins the conversation, live from now on.
async fn join(at: SocketAddr, person: &Person, conversation: &str) -> Socket {
    let mut socket = Socket::open_at(at, &target(person, conversation)).await.unwrap();
    // Answered only after the connection has been subscribed and has caught up.
    socket
        .ask(json!({"type": "typing", "isTyping": false}), "joined")
        .await;
    socket
}

fn message(content: &str) -> Value {
    json!({"type": "message", "content": content})
}

/// Says something under an id; its ack.
async fn say(socket: &mut Socket, content: &str, id: &str) -> Value {
    let ack = socket.ask(message(content), id).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    ack
}

/// The next message of this sender.
async fn hear_from(socket: &mut Socket, sender: &str) -> Value {
    loop {
        let heard = socket.hear("message").await;
        if heard["metadata"]["sender"] == sender {
            return heard;
        }
    }
}

/// Everything that is stored, as somebody sees it who comes back and has seen nothing.
async fn read_all(at: SocketAddr, person: &Person, conversation: &str, last: u64) -> Vec<Value> {
    let target = format!("{}&lastSequence=0", target(person, conversation));
    let mut socket = Socket::open_at(at, &target).await.unwrap();
    let mut log = Vec::new();
    for sequence in 1..=last {
        log.push(socket.hear("message").await);
        assert_eq!(log.last().unwrap()["metadata"]["sequence"], sequence);
    }
    log
}
