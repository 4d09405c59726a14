//! Who may emit what over Socket.IO: as for the WebSockets, the hub itself names the events it knows.

use serde_json::{Value, json};

use super::Polls;
use crate::support::World;
use crate::websocket::roles::{conversation, entry, is_refused, kinds, stored};

impl Polls {
    /// Emits an event that asks for an acknowledgement, and waits for it.
    async fn emit(&self, number: usize, event: &str, data: &Value) -> Value {
        self.say(&format!("42{number}{}", json!([event, data]))).await;
        let start = format!("43{number}[");
        loop {
            let heard = self.hear().await;
            assert_eq!(heard.status, 200, "{}", heard.body);
            let mut packets = heard.body.split('\x1e');
            if let Some(answer) = packets.find(|packet| packet.starts_with(&start)) {
                let answer: Value = serde_json::from_str(&answer[start.len() - 1..]).unwrap();
                return answer[0].clone();
            }
            if heard.body.split('\x1e').any(|packet| packet == "2") {
                self.say("3").await;
            }
        }
    }

    /// Emits each event for this room; the events with what was answered.
    async fn walk(&self, room: &str) -> Vec<(String, Value)> {
        let unknown = self.emit(0, "no such event", &json!({})).await;
        let mut answers = Vec::new();
        for (number, event) in (1..).zip(kinds(&unknown["message"])) {
            let (mut data, _) = entry(&event);
            data["room"] = json!(room);
            let answer = self.emit(number, &event, &data).await;
            answers.push((event, answer));
        }
        answers
    }
}

#[tokio::test]
async fn every_event_is_for_those_whom_the_table_names() {
    let world = World::start().await;
    let (customer, agent) = (world.customer().await, world.agent().await);
    let (room, _) = conversation(&customer).await;
    for (person, is_staff) in [(&customer, false), (&agent, true)] {
        let polls = Polls::open(world.address()).await;
        assert!(polls.connect(person.token()).await.starts_with("40"));
        for (event, answer) in polls.walk(&room).await {
            let allowed = is_staff || !entry(&event).1;
            assert_eq!(is_refused(&answer), !allowed, "{event}: {answer}");
        }
    }
}

#[tokio::test]
async fn no_event_of_outsiders_reaches_a_room() {
    let world = World::start().await;
    let (stranger, other) = (world.stranger().await, world.other_admin().await);
    let (room, _) = conversation(&world.customer().await).await;
    let before = stored(&world, &room);
    for token in ["", stranger.token(), other.token()] {
        let polls = Polls::open(world.address()).await;
        assert!(polls.connect(token).await.starts_with("40"));
        for (event, answer) in polls.walk(&room).await {
            assert!(is_refused(&answer), "{event}: {answer}");
        }
    }
    assert_eq!(stored(&world, &room), before);
}
