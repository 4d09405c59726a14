//! Passing a conversation between the assistant and an agent, as both see it on `/ws`.

use serde_json::{Value, json};

use crate::process::Folder;
use crate::process::people::{Guest, Person};
use crate::process::socket::Socket;

/// A guest, and an agent who hears the same session.
async fn both(at: std::net::SocketAddr) -> (Guest, Socket, Person) {
    let guest = Guest::open(at).await;
    let agent = Person::agent(at, "jane").await;
    let desk = agent.join(at, &guest.session).await;
    (guest, desk, agent)
}

async fn act(socket: &mut Socket, kind: &str) -> Value {
    socket.ask(json!({"type": kind}), kind).await
}

#[tokio::test]
async fn a_guest_who_asks_for_a_person_is_told_and_so_is_the_agent() {
    let hub = Folder::new("sled").start().await;
    let (mut guest, mut desk, _) = both(hub.address).await;
    guest
        .socket
        .send(json!({"type": "handover_request", "id": "h-1"}))
        .await;
    let heard = guest.socket.hear_with("handover_initiated").await;
    let told = heard.last().unwrap();
    assert_eq!(
        (&told["status"], &told["reason"]),
        (&json!("waiting"), &json!("customer_request"))
    );
    assert!(told["message"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(desk.hear("handover_initiated").await["status"], "waiting");
    let mut again = guest.device(hub.address).await;
    assert_eq!(
        act(&mut again, "handover_request").await["type"],
        "ack",
        "asking again changes nothing"
    );
    again.close().await;
    let mut late = Socket::open(hub.address, &guest.query()).await.unwrap();
    assert_eq!(late.frame().await["status"], "waiting");
}

#[tokio::test]
async fn an_agent_takes_over_speaks_in_its_own_name_gives_back_and_closes() {
    let hub = Folder::new("sled").start().await;
    let (mut guest, mut desk, agent) = both(hub.address).await;
    assert_eq!(act(&mut desk, "handover_accept").await["type"], "ack");
    let status = guest.socket.hear("status_changed").await;
    assert_eq!(
        (&status["status"], &status["agentName"]),
        (&json!("with_agent"), &json!(agent.name))
    );
    desk.say("Hello, how can I help?", "a-1").await;
    let said = guest.socket.hear("message").await;
    assert_eq!(
        (&said["sender"], &said["agentName"]),
        (&json!("agent"), &json!(agent.name))
    );
    assert_eq!(said["agentId"], agent.id.as_str());
    assert_eq!(act(&mut desk, "handover_release").await["type"], "ack");
    assert_eq!(guest.socket.hear("status_changed").await["status"], "active");
    assert_eq!(act(&mut desk, "close").await["type"], "ack");
    assert_eq!(guest.socket.hear("status_changed").await["status"], "closed");
    assert_eq!(act(&mut desk, "close").await["type"], "error", "closing twice");
    guest.socket.say("One more thing.", "g-1").await;
    assert_eq!(
        desk.hear("status_changed").await["status"],
        "active",
        "a customer opens it again"
    );
}

#[tokio::test]
async fn an_agent_is_offered_who_waits_joins_by_accepting_and_hears_all_that_was_said() {
    let hub = Folder::new("sled").start().await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.connect(hub.address).await;
    let mut guest = Guest::open(hub.address).await;
    guest.socket.say("I need a person.", "g-1").await;
    guest.socket.send(json!({"type": "handover_request"})).await;
    let offer = desk.hear("handover_offer").await;
    assert_eq!(offer["sessionId"], guest.session.as_str());
    desk.send(json!({"type": "handover_accept", "sessionId": offer["sessionId"], "id": "accept"}))
        .await;
    let heard = desk.hear_with("message").await;
    assert_eq!(heard.last().unwrap()["text"], "I need a person.");
    desk.say("Here I am.", "a-1").await;
    while guest.socket.hear("message").await["text"] != "Here I am." {}
}

#[tokio::test]
async fn only_one_agent_takes_a_conversation_and_no_guest_does() {
    let hub = Folder::new("sled").start().await;
    let (mut guest, mut desk, _) = both(hub.address).await;
    let other = Person::agent(hub.address, "joe").await;
    let mut late = other.join(hub.address, &guest.session).await;
    for kind in ["handover_accept", "handover_release"] {
        let refused = act(&mut guest.socket, kind).await;
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("error"), &json!("authorization_error"))
        );
    }
    assert_eq!(act(&mut desk, "handover_accept").await["type"], "ack");
    assert_eq!(
        act(&mut desk, "handover_accept").await["type"],
        "ack",
        "twice is once"
    );
    let refused = act(&mut late, "handover_accept").await;
    assert_eq!(
        (&refused["type"], &refused["code"]),
        (&json!("error"), &json!("invalid_request"))
    );
}

#[tokio::test]
async fn the_assistant_is_silent_while_an_agent_is_in_charge_and_only_staff_hear_its_analysis() {
    let hub = Folder::new("sled").start().await;
    let (mut guest, mut desk, _) = both(hub.address).await;
    act(&mut desk, "handover_accept").await;
    guest
        .socket
        .say("How long do I have to return something?", "g-1")
        .await;
    let analysis = desk.hear("analysis").await;
    assert!(
        analysis["intent"].is_string() && analysis["confidence"].is_number(),
        "{analysis}"
    );
    desk.say("Thirty days.", "a-1").await;
    let heard = guest.socket.hear_with("message").await;
    assert_eq!(
        heard.last().unwrap()["text"],
        "Thirty days.",
        "the assistant said nothing before"
    );
    desk.say("Anything else?", "a-2").await;
    let after = guest.socket.hear_with("message").await;
    let all = [heard, after].concat();
    assert!(!all.iter().any(|frame| frame["type"] == "analysis"), "{all:?}");
}

#[tokio::test]
async fn a_frame_of_an_agent_who_has_joined_nothing_says_what_is_missing() {
    let hub = Folder::new("sled").start().await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = agent.connect(hub.address).await;
    let error = desk.ask(json!({"type": "text", "text": "Anybody?"}), "a-1").await;
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("error"), &json!("invalid_request"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("sessionId"),
        "{error}"
    );
}
