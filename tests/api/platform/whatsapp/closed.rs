//! A hub that is started without WhatsApp's configuration for a while: nothing that waits is lost, or sent twice.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_domain::time::Timestamp;
use switchboard_testbed::graph::{Graph, Webhook};

use super::killed::{folder, tells};
use super::words;
use crate::process::people::Person;
use crate::process::until;
use crate::support::Persona;

async fn waiting(admin: &Persona) -> Vec<Value> {
    let listed = admin.get("/api/channels/messages/waiting").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.body.as_array().unwrap().clone()
}

/// Between two attempts the next is seconds away; during one, its lease ends minutes from now.
fn is_between_attempts(message: &Value) -> bool {
    let at = |field: &str| Timestamp::parse(message[field].as_str().unwrap()).unwrap();
    message["attempts"] == 1 && at("nextAttemptAt") < at("waitingSince").after(Duration::from_secs(60))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_while_whatsapp_is_switched_off_is_told_and_goes_out_afterwards() {
    let graph = Graph::start().await.unwrap();
    let on = folder(&graph);
    // Before the hub knows it: a connection that is closed while a message is written leaves that message in doubt.
    graph.refuse_connections().await.unwrap();
    let hub = on.start().await;
    let nobody = Persona::outside(hub.address);
    let admin = nobody.with_token(&Person::admin(hub.address).await.token);
    tells(&nobody, &Webhook::of(words("wamid.1", "Let me talk to a human"))).await;
    let refused = async || waiting(&admin).await.iter().any(is_between_attempts);
    until("the answer to be refused and wait", refused).await;
    assert_eq!(waiting(&admin).await[0]["reason"], Value::Null);
    hub.kill();

    let off = on.with("whatsapp.enabled", &false);
    let hub = off.start().await;
    let nobody = Persona::outside(hub.address);
    let admin = nobody.with_token(&Person::admin(hub.address).await.token);
    let tells_of_it = async || {
        let health = nobody.get("/health").await;
        health.body["dependencies"]["whatsapp"] == "disabled"
            && health.body["waiting"] == json!({"whatsapp": 1})
    };
    until("health to tell of what waits", tells_of_it).await;
    let told = waiting(&admin).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["channel"], "whatsapp");
    assert_eq!(told[0]["uncertain"], false);
    assert!(told[0]["customerName"].is_string(), "{told:?}");
    assert_eq!(told[0]["reason"], "the channel whatsapp is not configured");
    let failed = admin.get("/api/channels/messages/failed").await;
    assert_eq!(failed.body, json!([]));
    hub.kill();

    graph.accept_connections().unwrap();
    let on = off.with("whatsapp.enabled", &true);
    let hub = on.start().await;
    assert_eq!(graph.wait_for_sent(1).await.len(), 1);
    let admin = Persona::outside(hub.address).with_token(&Person::admin(hub.address).await.token);
    until("nothing to wait", async || waiting(&admin).await.is_empty()).await;
    assert_eq!(graph.sent().len(), 1);
    let health = admin.get("/health").await;
    assert_eq!(health.body["waiting"], Value::Null);
}
