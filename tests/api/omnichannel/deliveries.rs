//! Notices to webhooks as a subscriber gets them: over HTTP, signed, once; and as an admin sees them.

mod events;

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_actors::hub::conversations::OpenConversation;

use crate::support::receiver::{self, Receiver};
use crate::support::{Persona, World};

const ALLOWED: [(&str, &str); 1] = [("SWITCHBOARD_EGRESS__ALLOW_PRIVATE", "true")];

/// A subscription: its path and its secret.
async fn subscribe(admin: &Persona, url: &str, events: &[&str]) -> (String, String) {
    let made = admin
        .post("/api/webhooks", &json!({"url": url, "events": events}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let data = &made.body["data"];
    let path = format!("/api/webhooks/{}", data["id"].as_str().unwrap());
    (path, data["secret"].as_str().unwrap().to_owned())
}

/// A customer writes; the conversation's id.
async fn write(customer: &Persona, text: &str) -> String {
    let said = customer.speaks(OpenConversation::default(), text).await;
    said.conversation.id.to_string()
}

/// The newest notice, once it has this status.
async fn becomes(admin: &Persona, path: &str, status: &str, attempts: u64) -> Value {
    let mut last = Value::Null;
    for _ in 0..6_000 {
        last = admin.get(&format!("{path}/deliveries")).await.body;
        let newest = &last["data"][0];
        if newest["status"] == status && newest["attempts"].as_u64() >= Some(attempts) {
            return newest.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not become {status}: {last}");
}

/// The subscription, once this field of it is set: that is noted right behind the notice.
async fn shows(admin: &Persona, path: &str, field: &str) -> Value {
    for _ in 0..6_000 {
        let shown = admin.get(path).await.body["data"].clone();
        if shown[field].is_string() {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{field} was never set");
}

#[tokio::test]
async fn a_subscriber_is_told_once_and_knows_by_two_signatures_who_tells() {
    let world = World::start_with(&ALLOWED).await;
    let receiver = Receiver::start().await;
    let events = ["conversation.started", "message.received"];
    let (path, secret) = subscribe(&world.admin, &receiver.url("/200"), &events).await;
    let room = write(&world.customer().await, "Where is my parcel?").await;
    let heard = receiver.hears("/200", 2).await;
    let mut told: Vec<_> = heard.iter().map(receiver::Heard::event).collect();
    told.sort_unstable();
    assert_eq!(told, events);
    assert_ne!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    for one in &heard {
        assert!(one.is_signed_by(&secret), "{one:?}");
        assert!(!one.is_signed_by("whsec_c29tZWJvZHkgZWxzZQ=="));
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert_eq!(
            (&body["data"]["conversationId"], &body["data"]["channel"]),
            (&json!(room), &json!("WEB"))
        );
    }
    let taken = becomes(&world.admin, &path, "DELIVERED", 1).await;
    assert_eq!(
        (&taken["statusCode"], &taken["failure"]),
        (&json!(200), &Value::Null)
    );
    let page = world
        .admin
        .get(&format!("{path}/deliveries?limit=1&page=2"))
        .await
        .body;
    assert_eq!(
        (
            &page["pagination"]["total"],
            page["data"].as_array().unwrap().len()
        ),
        (&json!(2), 1)
    );
    let newest = taken["id"].as_str().unwrap();
    let older = world
        .admin
        .get(&format!("{path}/deliveries?before={newest}"))
        .await
        .body;
    assert_eq!(older["data"], page["data"]);
    let wrong = world.admin.get(&format!("{path}/deliveries?before=x")).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
}

#[tokio::test]
async fn whatever_an_endpoint_answers_but_2xx_is_noted_and_tried_again() {
    let world = World::start_with(&ALLOWED).await;
    let receiver = Receiver::start().await;
    let mut paths = Vec::new();
    for (answer, status) in [("/500", Some(500)), ("/garbage", None), ("/redirect", Some(307))] {
        let (path, _) = subscribe(&world.admin, &receiver.url(answer), &["message.received"]).await;
        paths.push((path, status));
    }
    let (gone, _) = subscribe(&world.admin, &receiver.url("/410"), &["message.received"]).await;
    write(&world.customer().await, "Where is my parcel?").await;
    for (path, status) in paths {
        let waits = becomes(&world.admin, &path, "PENDING", 1).await;
        assert_eq!(waits["statusCode"], json!(status), "{waits}");
        assert!(waits["failure"].is_string(), "{waits}");
        let shown = shows(&world.admin, &path, "failingSince").await;
        assert_eq!(shown["active"], true, "{shown}");
    }
    assert_eq!(becomes(&world.admin, &gone, "FAILED", 1).await["statusCode"], 410);
    let shown = shows(&world.admin, &gone, "disabledReason").await;
    assert_eq!(shown["active"], false, "{shown}");
    assert!(receiver.heard("/elsewhere").is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn a_notice_is_sent_again_on_request_and_a_replaced_secret_still_verifies() {
    let world = World::start_with(&ALLOWED).await;
    let receiver = Receiver::start().await;
    let (path, old) = subscribe(&world.admin, &receiver.url("/200"), &["message.received"]).await;
    write(&world.customer().await, "Where is my parcel?").await;
    let first = becomes(&world.admin, &path, "DELIVERED", 1).await;
    let rotated = world
        .admin
        .post(&format!("{path}/rotate-secret"), &json!({}))
        .await;
    let new = rotated.body["data"]["secret"].as_str().unwrap().to_owned();
    let again = format!("{path}/deliveries/{}/redeliver", first["id"].as_str().unwrap());
    assert_eq!(world.admin.post(&again, &json!({})).await.status, 200);
    let heard = receiver.hears("/200", 2).await;
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    assert_eq!(heard[0].body, heard[1].body);
    assert!(
        heard[1].is_signed_by(&new) && heard[1].is_verified_with(&old),
        "{heard:?}"
    );
    assert!(!heard[0].is_verified_with(&new));
    assert_eq!(
        becomes(&world.admin, &path, "DELIVERED", 2).await["id"],
        first["id"]
    );
}

#[tokio::test]
async fn without_leave_no_private_address_is_called() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let port = receiver.address.rsplit(':').next().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:7f00:1]",
        "10.0.0.1",
    ] {
        let webhook = json!({"url": format!("http://{host}:{port}/200"), "events": ["message.received"]});
        let refused = world.admin.post("/api/webhooks", &webhook).await;
        assert_eq!(refused.status, 400, "{host}: {}", refused.text);
        assert!(refused.text.contains("\"url\""), "{host}: {}", refused.text);
    }
    assert_eq!(world.admin.get("/api/webhooks").await.body["data"], json!([]));
    assert!(receiver.heard("/200").is_empty());
}
