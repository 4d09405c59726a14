//! Agents in the conversation: they take over, give back and close, and hear what customers do not.

use serde_json::json;

use super::{conversation, hear_from, join, message, say};
use crate::process::Folder;
use crate::process::people::{Guest, Person};

#[tokio::test]
async fn an_agents_message_goes_out_as_the_agents_and_takes_the_conversation_over() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let mut desk = join(hub.address, &agent, &own).await;
    say(&mut desk, "I am Jane.", "a-1").await;
    let changed = socket.hear("status_changed").await;
    assert_eq!(
        (&changed["status"], &changed["agentName"]),
        (&json!("with_agent"), &json!(agent.name))
    );
    let heard = hear_from(&mut socket, "agent").await;
    assert_eq!(heard["content"], "I am Jane.");
    assert_eq!(heard["metadata"]["agent_id"], agent.id.as_str());
    assert_eq!(heard["metadata"]["agent_name"], agent.name.as_str());
    say(&mut socket, "Hello Jane.", "m-1").await;
    let at_the_desk = desk.hear_with("analysis").await;
    assert!(
        at_the_desk.iter().any(|frame| frame["content"] == "Hello Jane."),
        "{at_the_desk:?}"
    );
    say(&mut desk, "How can I help?", "a-2").await;
    let next = socket.hear_with("message").await;
    assert_eq!(
        next.last().unwrap()["metadata"]["sender"],
        "agent",
        "the assistant is silent: {next:?}"
    );
    assert!(
        next.iter().all(|frame| frame["type"] != "analysis"),
        "for staff alone: {next:?}"
    );
}

#[tokio::test]
async fn a_conversation_is_handed_over_accepted_given_back_rated_and_closed() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let mut desk = join(hub.address, &agent, &own).await;
    let steps = [
        (
            true,
            json!({"type": "handover_request"}),
            "handover_initiated",
            "waiting",
        ),
        (
            false,
            json!({"type": "handover_accept"}),
            "status_changed",
            "with_agent",
        ),
        (
            false,
            json!({"type": "handover_release"}),
            "status_changed",
            "active",
        ),
        (false, json!({"type": "close"}), "status_changed", "closed"),
    ];
    for (n, (by_customer, frame, told, status)) in steps.into_iter().enumerate() {
        let actor = if by_customer { &mut socket } else { &mut desk };
        actor
            .send({
                let mut frame = frame;
                frame["id"] = json!(format!("s-{n}"));
                frame
            })
            .await;
        for ear in [&mut socket, &mut desk] {
            assert_eq!(ear.hear(told).await["status"], status);
        }
    }
    let rated = socket
        .ask(json!({"type": "rating", "rating": 5, "comment": "Good."}), "r-1")
        .await;
    assert_eq!(rated["type"], "ack", "{rated}");
    let heard = desk.hear("rating").await;
    assert_eq!(
        (&heard["rating"], &heard["comment"]),
        (&json!(5), &json!("Good."))
    );
    socket.send(message("One more thing.")).await;
    assert_eq!(
        socket.hear("status_changed").await["status"],
        "active",
        "opened again"
    );
}

#[tokio::test]
async fn customers_cannot_do_what_agents_do() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    for kind in ["handover_accept", "handover_release"] {
        let error = socket.ask(json!({"type": kind}), "x-1").await;
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("error"), &json!("forbidden"))
        );
    }
    say(&mut socket, "Still here.", "m-1").await;
}

#[tokio::test]
async fn typing_reaches_the_others_and_never_its_sender() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let mut desk = join(hub.address, &agent, &own).await;
    socket
        .ask(json!({"type": "typing", "isTyping": true}), "t-1")
        .await;
    assert_eq!(desk.hear("typing_start").await["sender"], "customer");
    drop(
        socket
            .ask(json!({"type": "typing", "isTyping": false}), "t-2")
            .await,
    );
    assert_eq!(desk.hear("typing_stop").await["sender"], "customer");
    desk.ask(json!({"type": "typing", "isTyping": true}), "t-3").await;
    let heard = socket.hear_with("typing_start").await;
    assert_eq!(
        (heard.len(), &heard[0]["sender"]),
        (1, &json!("agent")),
        "not its own: {heard:?}"
    );
}

#[tokio::test]
async fn an_agent_meets_a_guest_of_another_family_in_the_same_conversation() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = join(hub.address, &agent, &guest.session).await;
    say(&mut desk, "I am Jane.", "a-1").await;
    let heard = guest.socket.hear("message").await;
    assert_eq!(
        (&heard["text"], &heard["sender"]),
        (&json!("I am Jane."), &json!("agent"))
    );
    guest.socket.say("Hello Jane.", "m-1").await;
    assert_eq!(hear_from(&mut desk, "customer").await["content"], "Hello Jane.");
    desk.send(message("Bye.")).await;
    assert_eq!(guest.socket.hear("message").await["text"], "Bye.");
}
