//! Who may connect and to what, told before the upgrade in the family's form.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{connect, open, resume, target};
use crate::process::Folder;
use crate::process::http::request;
use crate::process::people::Person;
use crate::process::socket::{Socket, UPGRADE, upgrade_at};
use crate::support::World;

/// The status and detail of a refused upgrade.
async fn refused(at: SocketAddr, target: &str) -> (u16, Value) {
    let answer = upgrade_at(at, target, &UPGRADE).await;
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    (answer.status, body["detail"].clone())
}

#[tokio::test]
async fn without_a_token_that_stands_there_is_401() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let attempts = [
        "/ws/chat".to_owned(),
        "/ws/chat?token=".to_owned(),
        format!("{}x", target(&customer)),
    ];
    for target in attempts {
        let expected = (401, json!("Could not validate credentials"));
        assert_eq!(refused(hub.address, &target).await, expected, "{target}");
    }
    let bearer = format!("Authorization: Bearer {}", customer.token);
    let headers = [&UPGRADE[..], &[&bearer]].concat();
    assert_eq!(upgrade_at(hub.address, "/ws/chat", &headers).await.status, 101);
}

#[tokio::test]
async fn somebody_elses_conversation_is_not_found_by_its_number() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let stranger = Person::customer(hub.address, "mallory").await;
    let mut socket = connect(hub.address, &customer).await;
    let number = open(&mut socket, "My secret.", "m-1").await;
    let not_found = (404, json!("Resource not found"));
    assert_eq!(
        refused(hub.address, &resume(&stranger, number, 0)).await,
        not_found
    );
    assert_eq!(
        refused(hub.address, &resume(&customer, number + 1_000_000, 0)).await,
        not_found
    );
    assert!(
        Socket::open_at(hub.address, &resume(&customer, number, 0))
            .await
            .is_ok()
    );
    let mut prying = connect(hub.address, &stranger).await;
    for kind in ["handover_request", "close"] {
        let error = prying
            .ask(json!({"type": kind, "conversation_id": number}), "x-1")
            .await;
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("error"), &json!("not_found")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_number_means_each_organizations_own_conversation() {
    let world = World::start().await;
    let at = world.address();
    let other = world.other_admin().await.person().await;
    let customer = world.customer().await.person().await;
    let mut socket = connect(at, &customer).await;
    let number = open(&mut socket, "My secret.", "m-1").await;
    assert_eq!(refused(at, &resume(&other, number, 0)).await.0, 404);
    let mut elsewhere = connect(at, &other).await;
    assert_eq!(
        open(&mut elsewhere, "Hello.", "m-1").await,
        number,
        "counted apart"
    );
    let mut reader = Socket::open_at(at, &resume(&other, number, 0)).await.unwrap();
    assert_eq!(reader.hear("message").await["content"], "Hello.");
}

#[tokio::test]
async fn a_wrong_parameter_is_422_in_the_documented_list() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    for (field, value) in [
        ("conversation_id", "conv_1"),
        ("conversation_id", "-1"),
        ("lastSequence", "x"),
    ] {
        let (status, detail) = refused(hub.address, &format!("{}&{field}={value}", target(&customer))).await;
        assert_eq!(status, 422, "{field}={value}");
        assert_eq!(detail[0]["loc"], json!(["query", field]));
        assert!(
            detail[0]["msg"].is_string() && detail[0]["type"].is_string(),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_answered_in_the_familys_form() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let plain = request(hub.address, &format!("GET {}", target(&customer)), &[], "").await;
    assert_eq!((plain.status, plain.header("upgrade")), (426, Some("websocket")));
    assert!(plain.json()["detail"].is_string());
    let posted = request(hub.address, "POST /ws/chat", &UPGRADE, "").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
    assert_eq!(
        refused(hub.address, "/ws/chat/5").await,
        (404, json!("Resource not found"))
    );
    let headers = [&UPGRADE[..], &["Origin: https://evil.example"]].concat();
    assert_eq!(
        upgrade_at(hub.address, &target(&customer), &headers).await.status,
        403
    );
}

#[tokio::test]
async fn the_eleventh_socket_of_an_account_is_refused() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut open = Vec::new();
    while open.len() < 10 {
        open.push(connect(hub.address, &customer).await);
    }
    let answer = upgrade_at(hub.address, &target(&customer), &UPGRADE).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some() && answer.json()["detail"].is_string());
}

#[tokio::test]
async fn logout_closes_the_socket_with_4401_and_its_token_is_in_no_log() {
    let folder = Folder::new("sled")
        .with("log.access", "all")
        .with("log.level", "trace");
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = connect(hub.address, &customer).await;
    open(&mut socket, "My card number is 4111.", "m-1").await;
    customer.logs_out(hub.address).await;
    assert_eq!(socket.closed().await, 4401);
    hub.kill();
    let log = folder.complaint();
    assert!(log.contains("/ws/chat"), "the requests are in the log");
    assert!(!log.contains(&customer.token) && !log.contains("4111"));
}
