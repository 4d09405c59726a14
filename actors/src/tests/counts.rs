//! What happens is counted in the commit in which it happens.

use switchboard_domain::counter::Metric;
use switchboard_domain::scope::Scope;

use super::world::{World, message};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_counted_with_its_messages_its_handover_and_its_end() {
    let world = World::up().await;
    let (guest, agent) = (world.guest().await, world.agent(7));
    let reference = guest.conversation.id.to_string();
    world
        .hub
        .ask(&guest.scope, &guest.conversation, message("returns?"))
        .await
        .expect("answered");
    world
        .hub
        .send_message(&agent, &guest.conversation, message("May I help?"))
        .await
        .expect("sent");
    world
        .hub
        .close_conversation(&agent, &reference)
        .await
        .expect("closed");

    let scope = Scope::hub(guest.conversation.organization);
    let counts = world.hub.report_all_time(&scope).expect("counted");
    let expected = [
        (Metric::Conversations, 1),
        (Metric::CustomerMessages, 1),
        (Metric::AssistantMessages, 1),
        (Metric::AgentMessages, 1),
        (Metric::AssistantResponses, 1),
        (Metric::Handovers, 1),
        (Metric::Closed, 1),
        (Metric::AssistantResolved, 0),
    ];
    for (metric, count) in expected {
        assert_eq!(counts.get(metric), count, "{metric:?}");
    }
}
