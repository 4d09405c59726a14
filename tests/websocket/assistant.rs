//! The protocol of `/ws/chat`, frame by frame, against the real binary.

mod admission;
mod messages;
mod staff;

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::process::people::Person;
use crate::process::socket::Socket;

fn target(person: &Person) -> String {
    format!("/ws/chat?token={}", person.token)
}

/// Where this person comes back to a conversation, having seen so much of it.
fn resume(person: &Person, number: u64, last: u64) -> String {
    format!("{}&conversation_id={number}&lastSequence={last}", target(person))
}

async fn connect(at: SocketAddr, person: &Person) -> Socket {
    Socket::open_at(at, &target(person)).await.unwrap()
}

/// Connects, and hears the conversation of this number from now on.
async fn join(at: SocketAddr, person: &Person, number: u64) -> Socket {
    let target = format!("{}&conversation_id={number}", target(person));
    let mut socket = Socket::open_at(at, &target).await.unwrap();
    // Answered only after the connection has been subscribed and has caught up.
    socket
        .ask(json!({"type": "typing", "isTyping": false}), "joined")
        .await;
    socket
}

/// A message; into a new conversation where no number is given.
fn message(content: &str, number: Option<u64>) -> Value {
    let mut frame = json!({"type": "message", "content": content});
    if let Some(number) = number {
        frame["conversation_id"] = json!(number);
    }
    frame
}

/// Says something under an id; its ack.
async fn say(socket: &mut Socket, content: &str, number: Option<u64>, id: &str) -> Value {
    let ack = socket.ask(message(content, number), id).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    ack
}

/// Says something in a new conversation; its number.
async fn open(socket: &mut Socket, content: &str, id: &str) -> u64 {
    say(socket, content, None, id).await["conversation_id"]
        .as_u64()
        .unwrap()
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
