//! The hub is killed while a message is on its way: nobody knows whether it arrived, and it is not sent again.

use std::time::Duration;

use switchboard_testbed::graph::{self, Graph, Webhook, samples};

use super::{CUSTOMER, post_signed, words};
use crate::process::people::Person;
use crate::process::{Folder, until};
use crate::support::Persona;

pub(super) fn folder(graph: &Graph) -> Folder {
    Folder::new("fjall")
        .with("limits.enabled", &false)
        .with("whatsapp.enabled", &true)
        .with("whatsapp.graph_base_url", &graph.base_url())
        .with("whatsapp.graph_version", graph::VERSION)
        .with("whatsapp.phone_number_id", graph::NUMBER_ID)
        .with("whatsapp.access_token", graph::ACCESS_TOKEN)
        .with("whatsapp.app_secret", graph::APP_SECRET)
        .with("whatsapp.verify_token", graph::VERIFY_TOKEN)
}

pub(super) async fn tells(hub: &Persona, webhook: &Webhook) {
    let answer = post_signed(hub, &webhook.bytes(), graph::APP_SECRET).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// How our own first message stands.
async fn status(admin: &Persona) -> String {
    let listed = admin.get("/api/admin/sessions/active").await;
    let id = listed.body["sessions"][0]["id"].as_str().unwrap().to_owned();
    let session = admin.get(&format!("/api/admin/sessions/{id}")).await;
    let messages = session.body["messages"].as_array().unwrap().clone();
    let ours = messages.iter().find(|message| message["sender"] == "ai");
    ours.unwrap()["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_recording_nothing_is_sent_twice_and_the_report_settles_it() {
    let graph = Graph::start().await.unwrap();
    let folder = folder(&graph);
    let hub = folder.start().await;
    graph.delay(Duration::from_secs(20));
    let nobody = Persona::outside(hub.address);
    tells(&nobody, &Webhook::of(words("wamid.1", "Let me talk to a human"))).await;
    let ours = graph.wait_for_sent(1).await;
    assert_eq!(ours.len(), 1);
    hub.kill();
    graph.delay(Duration::ZERO);

    let hub = folder.start().await;
    let nobody = Persona::outside(hub.address);
    let admin = nobody.with_token(&Person::admin(hub.address).await.token);
    // What came in is told once more, as a provider does that was not answered.
    tells(&nobody, &Webhook::of(words("wamid.1", "Let me talk to a human"))).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(status(&admin).await, "queued");
    assert_eq!(graph.sent().len(), 1);
    let report = samples::status(&ours[0].id, "delivered", CUSTOMER, ours[0].reference.as_deref());
    tells(&nobody, &Webhook::of_status(report)).await;
    until("the report to be noted", async || {
        status(&admin).await == "delivered"
    })
    .await;
    assert_eq!(graph.sent().len(), 1, "{:?}", graph.sent());
}
