//! The hub is killed while a message is on its way: nobody knows whether it arrived, and it is not sent again.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_testbed::graph::{self, Graph, Sent, Webhook, samples};

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

/// What the organization has spent.
async fn spent(admin: &Persona) -> f64 {
    let credits = admin.get("/api/business/credits").await;
    credits.body["data"]["usedCredits"].as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_recording_nothing_is_sent_twice_and_the_report_settles_it() {
    settled(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_report_that_settles_a_message_says_is_free_costs_nothing() {
    settled(false).await;
}

/// A message is sent, the hub is killed, and what WhatsApp reports of it says whether it costs anything.
async fn settled(is_billable: bool) {
    let graph = Graph::start().await.unwrap();
    let folder = folder(&graph).with("prices.whatsapp_message", &0.25);
    let ours = killed_while_sending(&graph, &folder).await;
    let hub = folder.start().await;
    let admin = Persona::outside(hub.address).with_token(&Person::admin(hub.address).await.token);
    is_left_in_doubt(&admin, &graph).await;
    let cost = if is_billable { "0.25" } else { "0" };
    for state in ["sent", "delivered", "delivered", "read"] {
        let report = priced(&ours, state, is_billable);
        is_told_and_charged(&admin, state, report, cost).await;
    }
    assert_eq!(graph.sent().len(), 1, "{:?}", graph.sent());
    hub.kill();
    let hub = folder.start().await;
    let admin = Persona::outside(hub.address).with_token(&Person::admin(hub.address).await.token);
    assert_eq!(spent(&admin).await.to_string(), cost, "over another kill");
}

/// What came in is told once more, as a provider does that was not answered.
async fn is_left_in_doubt(admin: &Persona, graph: &Graph) {
    tells(admin, &Webhook::of(words("wamid.1", "Let me talk to a human"))).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(status(admin).await, "queued");
    assert_eq!(graph.sent().len(), 1);
    assert_eq!(spent(admin).await.to_string(), "0");
}

async fn is_told_and_charged(admin: &Persona, state: &str, report: Value, cost: &str) {
    tells(admin, &Webhook::of_status(report)).await;
    until("the report to be noted", async || status(admin).await == state).await;
    assert_eq!(spent(admin).await.to_string(), cost, "{state}");
}

/// The message that the provider has got, whose answer the hub did not live to see.
async fn killed_while_sending(graph: &Graph, folder: &Folder) -> Sent {
    let hub = folder.start().await;
    graph.delay(Duration::from_secs(20));
    let nobody = Persona::outside(hub.address);
    tells(&nobody, &Webhook::of(words("wamid.1", "Let me talk to a human"))).await;
    let mut ours = graph.wait_for_sent(1).await;
    assert_eq!(ours.len(), 1);
    hub.kill();
    graph.delay(Duration::ZERO);
    ours.remove(0)
}

/// A report that tells whether the message costs anything.
fn priced(ours: &Sent, state: &str, is_billable: bool) -> Value {
    let report = samples::status(&ours.id, state, CUSTOMER, ours.reference.as_deref());
    let pricing = json!({"billable": is_billable, "pricing_model": "PMP", "category": "service"});
    samples::with(report, "pricing", pricing)
}
