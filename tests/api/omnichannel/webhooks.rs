//! `/api/webhooks`: subscribed to, changed and removed; the secret is told once.

use serde_json::{Value, json};

use crate::support::World;

fn subscription() -> Value {
    json!({"url": "https://example.com/hooks", "events": ["message.received", "conversation.ended"]})
}

#[tokio::test]
async fn a_webhook_is_made_changed_and_removed_and_its_secret_told_once() {
    let world = World::start().await;
    let made = world.admin.post("/api/webhooks", &subscription()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let data = made.body["data"].as_object().unwrap();
    let secret = data["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    assert_eq!(
        (&data["events"], &data["active"]),
        (&subscription()["events"], &json!(true))
    );
    let path = format!("/api/webhooks/{}", data["id"].as_str().unwrap());
    let shown = world.admin.get(&path).await;
    assert_eq!(
        shown.body["data"]["url"], "https://example.com/hooks",
        "{}",
        shown.text
    );
    let listed = world.admin.get("/api/webhooks").await;
    assert_eq!(listed.body["data"], json!([shown.body["data"]]));
    let changed = world.admin.put(&path, &json!({"active": false})).await;
    assert_eq!(
        (&changed.body["data"]["active"], &changed.body["data"]["url"]),
        (&json!(false), &data["url"])
    );
    let rotated = world
        .admin
        .post(&format!("{path}/rotate-secret"), &json!({}))
        .await;
    let next = rotated.body["data"]["secret"].as_str().unwrap();
    assert!(next.starts_with("whsec_") && next != secret, "{next}");
    for told in [&shown, &listed, &changed] {
        assert!(!told.text.contains("whsec_"), "{}", told.text);
    }
    assert_eq!(world.admin.delete(&path).await.status, 204);
    assert_eq!(world.admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_webhook_without_notices_has_none_to_show_or_to_send_again() {
    let world = World::start().await;
    let made = world.admin.post("/api/webhooks", &subscription()).await;
    let path = format!(
        "/api/webhooks/{}/deliveries",
        made.body["data"]["id"].as_str().unwrap()
    );
    let listed = world.admin.get(&path).await;
    assert_eq!(
        (listed.status, &listed.body["data"]),
        (200, &json!([])),
        "{}",
        listed.text
    );
    for id in ["dlv_1", "dlv_00000000000000000000000000000001"] {
        let again = world
            .admin
            .post(&format!("{path}/{id}/redeliver"), &json!({}))
            .await;
        assert_eq!(again.status, 404, "{}", again.text);
    }
}

#[tokio::test]
async fn another_organizations_webhook_is_not_found() {
    let world = World::start().await;
    let made = world.admin.post("/api/webhooks", &subscription()).await;
    let path = format!("/api/webhooks/{}", made.body["data"]["id"].as_str().unwrap());
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get("/api/webhooks").await.body["data"], json!([]));
    for answer in [
        other_admin.get(&path).await,
        other_admin.put(&path, &subscription()).await,
        other_admin.delete(&path).await,
        other_admin
            .post(&format!("{path}/rotate-secret"), &json!({}))
            .await,
        other_admin.get(&format!("{path}/deliveries")).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(world.admin.get(&path).await.status, 200);
}
