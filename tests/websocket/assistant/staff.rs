//! Agents in conversations they call by number, and staff who try the hub as a customer.

use serde_json::json;

use super::{connect, hear_from, join, open, say};
use crate::process::Folder;
use crate::process::people::Person;

#[tokio::test]
async fn an_agent_takes_over_types_gives_back_and_closes() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut socket = connect(hub.address, &customer).await;
    let number = open(&mut socket, "Hello.", "m-1").await;
    hear_from(&mut socket, "ai").await;
    let mut desk = join(hub.address, &agent, number).await;
    desk.ask(
        json!({"type": "typing", "isTyping": true, "conversation_id": number}),
        "t-1",
    )
    .await;
    let typing = socket.hear("typing_start").await;
    assert_eq!(
        (&typing["sender"], &typing["conversation_id"]),
        (&json!("agent"), &json!(number))
    );
    say(&mut desk, "I am Jane.", Some(number), "a-1").await;
    assert_eq!(socket.hear("status_changed").await["status"], "with_agent");
    let heard = hear_from(&mut socket, "agent").await;
    assert_eq!(
        (&heard["content"], &heard["metadata"]["agent_name"]),
        (&json!("I am Jane."), &json!(agent.name))
    );
    for (kind, status) in [("handover_release", "active"), ("close", "closed")] {
        let done = desk
            .ask(json!({"type": kind, "conversation_id": number}), kind)
            .await;
        assert_eq!(
            (&done["type"], &done["conversation_id"]),
            (&json!("ack"), &json!(number)),
            "{done}"
        );
        let told = socket.hear("status_changed").await;
        assert_eq!(
            (&told["status"], &told["conversation_id"]),
            (&json!(status), &json!(number))
        );
    }
}

#[tokio::test]
async fn a_customer_asks_for_a_person_and_cannot_be_one() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    let number = open(&mut socket, "Hello.", "m-1").await;
    hear_from(&mut socket, "ai").await;
    socket
        .send(json!({"type": "handover_request", "id": "h-1"}))
        .await;
    let told = socket.hear("handover_initiated").await;
    assert_eq!(
        (&told["conversation_id"], &told["status"]),
        (&json!(number), &json!("waiting"))
    );
    assert_eq!(socket.answer("h-1").await["type"], "ack");
    let error = socket.ask(json!({"type": "handover_accept"}), "h-2").await;
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("error"), &json!("forbidden"))
    );
}

#[tokio::test]
async fn staff_who_open_a_conversation_are_its_customer() {
    let hub = Folder::new("sled").start().await;
    let admin = Person::admin(hub.address).await;
    let mut socket = connect(hub.address, &admin).await;
    let number = open(&mut socket, "Hello.", "m-1").await;
    let answer = hear_from(&mut socket, "ai").await;
    assert_eq!(answer["conversation_id"], number);
    let agent = Person::agent(hub.address, "jane").await;
    let mut desk = join(hub.address, &agent, number).await;
    say(&mut socket, "Thank you.", Some(number), "m-2").await;
    assert_eq!(hear_from(&mut desk, "customer").await["content"], "Thank you.");
}
