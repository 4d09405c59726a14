//! Waiting conversations find an agent, and find another when that one leaves.

use std::sync::Arc;

use switchboard_domain::event::Event;
use switchboard_domain::ports::bus::Topic;

use super::world::{World, message};
use crate::channel::web::Closer;

#[derive(Debug)]
struct Nothing;

impl Closer for Nothing {
    fn credential_ended(&self) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_conversation_is_offered_to_the_agent_online() {
    let world = World::up().await;
    let (guest, agent) = (world.guest().await, world.agent(7));
    let ear = world.ear(Topic::Agent(agent.account().expect("an account").id), 9, true);
    let id = world.hub.new_connection_id();
    let online = world
        .hub
        .register_connection(id, &agent, None, Arc::new(Nothing))
        .expect("registered");
    world.say(&guest, "a person please").await;
    let offered = || {
        ear.heard
            .lock()
            .iter()
            .any(|heard| matches!(heard.event, Event::Offered { .. }))
    };
    world.until("the offer", offered).await;
    drop(online);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_leaves_gives_back_what_it_has_not_answered() {
    let world = World::up().await;
    let (guest, agent) = (world.guest().await, world.agent(7));
    let id = world.hub.new_connection_id();
    let online = world
        .hub
        .register_connection(id, &agent, None, Arc::new(Nothing))
        .expect("registered");
    let reference = guest.conversation.id.to_string();
    world
        .hub
        .accept_handover(&agent, &reference)
        .await
        .expect("accepted");
    world.say(&guest, "strange question").await;
    drop(online);
    world
        .until("the conversation to wait again", || {
            world.conversation(&guest).status.as_str() == "waiting"
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_leaves_keeps_what_it_has_answered() {
    let world = World::up().await;
    let (guest, agent) = (world.guest().await, world.agent(7));
    let id = world.hub.new_connection_id();
    let online = world
        .hub
        .register_connection(id, &agent, None, Arc::new(Nothing))
        .expect("registered");
    world.say(&guest, "strange question").await;
    world
        .hub
        .send_message(&agent, &guest.conversation, message("Here you are."))
        .await
        .expect("sent");
    drop(online);
    let gone = async {
        loop {
            if world.hub.desk_figures(&agent).await.expect("figures").agents == 0 {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), gone)
        .await
        .expect("the agent goes offline");
    assert_eq!(world.conversation(&guest).status.as_str(), "with_agent");
}
