//! Who may send what over the WebSockets: the kinds of frames come from the hub itself, which names all it knows when it
//! is sent another one, so that a new kind fails here until the table says who may send it.

use std::sync::Arc;

use serde_json::{Value, json};
use switchboard_domain::conversation::Status;
use switchboard_domain::message::Message;

use crate::process::people::{Person, text};
use crate::process::socket::Socket;
use crate::support::{Persona, World};

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

/// A conversation of the customer: its id and its number.
pub(crate) async fn conversation(customer: &Persona) -> (String, u64) {
    let conversation = customer.asks("own", "Hello.").await.conversation;
    (conversation.id.to_string(), conversation.number)
}

/// What is stored of a conversation.
pub(crate) fn stored(world: &World, id: &str) -> (Status, Vec<Arc<Message>>) {
    (world.conversation(id).status, world.messages(id))
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
    let world = World::start().await;
    let customer = world.customer().await;
    let own = conversation(&customer).await;
    let (customer, agent) = (customer.person().await, world.agent().await.person().await);
    for (person, is_staff) in [(&customer, false), (&agent, true)] {
        for target in targets(Some(person), &own) {
            let mut socket = Socket::open_at(world.address(), &target).await.unwrap();
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
    let world = World::start().await;
    let stranger = world.stranger().await.person().await;
    let other = world.other_admin().await.person().await;
    let own = conversation(&world.customer().await).await;
    let before = stored(&world, &own.0);
    for person in [None, Some(&stranger), Some(&other)] {
        for target in targets(person, &own) {
            let refused = Socket::open_at(world.address(), &target).await;
            let status = refused.map(|_| ()).unwrap_err();
            assert!([401, 403, 404].contains(&status), "{target}: {status}");
        }
    }
    for person in [&stranger, &other] {
        let target = format!("/ws/chat?token={}", person.token);
        let mut socket = Socket::open_at(world.address(), &target).await.unwrap();
        for (kind, answer) in walk(&mut socket, own.1).await {
            assert!(is_refused(&answer), "{kind}: {answer}");
        }
    }
    // On `/ws` a frame can name a session only to accept it.
    let mut socket = other.connect(world.address()).await;
    let accept = json!({"type": "handover_accept", "sessionId": own.0});
    let answer = socket.ask(accept, "accept").await;
    assert!(is_refused(&answer), "{answer}");
    assert_eq!(stored(&world, &own.0), before);
}
