//! Who may send what over the WebSockets: the kinds of frames come from the hub itself, which names all it knows when it
//! is sent another one, so that a new kind fails here until the table says who may send it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::process::Folder;
use crate::process::http::send;
use crate::process::people::{PASSWORD, Person, text};
use crate::process::socket::Socket;

/// Codes that tell a caller that something is not for it.
const REFUSALS: [&str; 5] = [
    "forbidden",
    "authorization_error",
    "not_found",
    "resource_not_found",
    "unauthorized",
];

/// What is sent besides the kind, and whether it is for staff alone.
pub(crate) fn entry(kind: &str) -> (Value, bool) {
    match kind {
        "text" => (json!({"text": "Hello."}), false),
        "message" => (json!({"content": "Hello."}), false),
        "send_message" => (json!({"message": "Hello."}), false),
        "audio" => (json!({"audio": "ZkxhQwAAACI=", "format": "flac"}), false),
        "typing" => (json!({"isTyping": true}), false),
        "rating" | "rate_room" => (json!({"rating": 5}), false),
        "handover_request" | "close" | "close_room" | "join_room" | "leave_room" => (json!({}), false),
        "handover_accept" | "handover_release" => (json!({}), true),
        other => panic!("say who may send {other}"),
    }
}

/// The kinds that this refusal of an unknown one names.
pub(crate) fn kinds(message: &Value) -> Vec<String> {
    let message = text(message);
    let (_, expected) = message.split_once("expected one of ").expect("it names them");
    let quoted = expected.split('`').skip(1).step_by(2);
    let kinds: Vec<_> = quoted.map(str::to_owned).collect();
    assert!(kinds.len() > 5, "{message}");
    kinds
}

pub(crate) fn is_refused(answer: &Value) -> bool {
    answer["code"]
        .as_str()
        .is_some_and(|code| REFUSALS.contains(&code))
}

/// An admin of a second organization.
pub(crate) async fn other_admin(at: SocketAddr) -> Person {
    let admin = Person::admin(at).await;
    let other = json!({"name": "Other", "adminEmail": "boss@other.example", "adminPassword": PASSWORD});
    let made = send(at, "POST", "/api/admin/organizations", &admin.token, &other).await;
    assert_eq!(made.status, 201, "{}", made.body);
    Person::login(at, "boss@other.example", PASSWORD).await
}

/// A conversation of the customer: its id and its number.
pub(crate) async fn conversation(at: SocketAddr, customer: &Person) -> (String, u64) {
    let words = json!({"message": {"text": "Hello."}, "channel": "web"});
    let said = send(at, "POST", "/api/core/messages", &customer.token, &words).await;
    let listed = send(
        at,
        "GET",
        "/api/v1/chat/conversations",
        &customer.token,
        &Value::Null,
    );
    let number = listed.await.json()[0]["id"].as_u64().unwrap();
    (text(&said.json()["sessionId"]), number)
}

/// What is stored of a conversation.
pub(crate) async fn stored(at: SocketAddr, id: &str) -> Value {
    let admin = Person::admin(at).await;
    let path = format!("/api/admin/sessions/{id}");
    let read = send(at, "GET", &path, &admin.token, &Value::Null).await.json();
    json!({"status": read["session"]["status"], "messages": read["messages"]})
}

/// Where a conversation is joined by each protocol; `None` stands for nobody's token.
fn targets(person: Option<&Person>, (id, number): &(String, u64)) -> [String; 3] {
    let token = person.map_or(String::new(), |person| format!("token={}", person.token));
    [
        format!("/ws?{token}&sessionId={id}"),
        format!("/ws/conversations/{id}?{token}"),
        format!("/ws/chat?{token}&conversation_id={number}"),
    ]
}

/// Sends one frame of each kind; the kinds with what was answered.
async fn walk(socket: &mut Socket, number: u64) -> Vec<(String, Value)> {
    let unknown = socket.ask(json!({"type": "no such kind"}), "unknown").await;
    let mut answers = Vec::new();
    for kind in kinds(&unknown["message"]) {
        let (mut frame, _) = entry(&kind);
        frame["type"] = json!(kind);
        frame["conversation_id"] = json!(number);
        let answer = socket.ask(frame, &kind).await;
        answers.push((kind, answer));
    }
    answers
}

#[tokio::test]
async fn every_kind_of_frame_is_for_those_whom_the_table_names() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "ann").await;
    let agent = Person::agent(hub.address, "jane").await;
    let own = conversation(hub.address, &customer).await;
    for (person, is_staff) in [(&customer, false), (&agent, true)] {
        for target in targets(Some(person), &own) {
            let mut socket = Socket::open_at(hub.address, &target).await.unwrap();
            for (kind, answer) in walk(&mut socket, own.1).await {
                let for_staff = entry(&kind).1;
                let allowed = is_staff || !for_staff;
                assert_eq!(is_refused(&answer), !allowed, "{target} {kind}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn no_frame_of_outsiders_reaches_a_conversation() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "ann").await;
    let (stranger, other) = (
        Person::customer(hub.address, "eve").await,
        other_admin(hub.address).await,
    );
    let own = conversation(hub.address, &customer).await;
    let before = stored(hub.address, &own.0).await;
    for person in [None, Some(&stranger), Some(&other)] {
        for target in targets(person, &own) {
            let refused = Socket::open_at(hub.address, &target).await;
            let status = refused.map(|_| ()).unwrap_err();
            assert!([401, 403, 404].contains(&status), "{target}: {status}");
        }
    }
    for person in [&stranger, &other] {
        let target = format!("/ws/chat?token={}", person.token);
        let mut socket = Socket::open_at(hub.address, &target).await.unwrap();
        for (kind, answer) in walk(&mut socket, own.1).await {
            assert!(is_refused(&answer), "{kind}: {answer}");
        }
    }
    // On `/ws` a frame can name a session only to accept it.
    let mut socket = other.connect(hub.address).await;
    let accept = json!({"type": "handover_accept", "sessionId": own.0});
    let answer = socket.ask(accept, "accept").await;
    assert!(is_refused(&answer), "{answer}");
    assert_eq!(stored(hub.address, &own.0).await, before);
}
