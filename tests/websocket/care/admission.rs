//! Who may connect, told before the upgrade in the family's form, and the end of who may no more.

use std::net::SocketAddr;

use serde_json::json;

use super::{conversation, join, say, target};
use crate::process::Folder;
use crate::process::http::request;
use crate::process::people::{Guest, Person};
use crate::process::socket::{Socket, UPGRADE, upgrade_at};
use crate::support::World;

/// The status and code of a refused upgrade, whose body must have the family's form.
async fn refused(at: SocketAddr, target: &str) -> (u16, String) {
    let answer = upgrade_at(at, target, &UPGRADE).await;
    let body = answer.json();
    let error = body["error"].as_object().unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert_eq!(
        error.keys().collect::<Vec<_>>(),
        ["code", "details", "message"],
        "{body}"
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty())
    );
    (answer.status, error["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn without_a_token_that_stands_there_is_401_and_for_somebody_elses_conversation_404() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let stranger = Person::customer(hub.address, "mallory").await;
    let guest = Guest::open(hub.address).await;
    let own = conversation(hub.address, &customer).await;
    let unauthorized = (401, "unauthorized".to_owned());
    let not_found = (404, "not_found".to_owned());
    let attempts = [
        (&unauthorized, format!("/ws/conversations/{own}")),
        (&unauthorized, format!("/ws/conversations/{own}?token=")),
        (
            &unauthorized,
            format!("/ws/conversations/{own}?token={}x", customer.token),
        ),
        (&unauthorized, "/ws/conversations/nothing".to_owned()),
        (&not_found, target(&stranger, &own)),
        (
            &not_found,
            format!("/ws/conversations/{own}?token={}", guest.token),
        ),
        (&not_found, target(&customer, &guest.session)),
        (&not_found, target(&customer, "conv_nothing")),
        (&not_found, target(&customer, "")),
        (&not_found, target(&customer, &format!("{own}/messages"))),
    ];
    for (expected, target) in attempts {
        assert_eq!(&refused(hub.address, &target).await, expected, "{target}");
    }
}

#[tokio::test]
async fn staff_of_another_organization_do_not_find_the_conversation() {
    let world = World::start().await;
    let at = world.address();
    let other = world.other_admin().await.person().await;
    let customer = world.customer().await.person().await;
    let own = conversation(at, &customer).await;
    assert_eq!(refused(at, &target(&other, &own)).await.0, 404);
    join(at, &world.admin.person().await, &own).await;
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_answered_in_the_familys_form() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let target = target(&customer, &conversation(hub.address, &customer).await);
    let plain = request(hub.address, &format!("GET {target}"), &[], "").await;
    assert_eq!((plain.status, plain.header("upgrade")), (426, Some("websocket")));
    assert_eq!(plain.json()["error"]["code"], "invalid_request");
    let posted = request(hub.address, &format!("POST {target}"), &UPGRADE, "").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
    let wrong = upgrade_at(hub.address, &format!("{target}&lastSequence=x"), &UPGRADE).await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.json()["error"]["details"]["lastSequence"].is_string(),
        "{}",
        wrong.body
    );
}

#[tokio::test]
async fn a_page_of_another_site_may_not_connect() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let target = target(&customer, &conversation(hub.address, &customer).await);
    let headers = [&UPGRADE[..], &["Origin: https://evil.example"]].concat();
    let answer = upgrade_at(hub.address, &target, &headers).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (403, &json!("forbidden"))
    );
}

#[tokio::test]
async fn the_address_of_version_1_and_the_header_open_the_same_conversation() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    let versioned = format!("/v1{}", target(&customer, &own));
    let mut versioned = Socket::open_at(hub.address, &versioned).await.unwrap();
    versioned
        .ask(json!({"type": "typing", "isTyping": false}), "joined")
        .await;
    say(&mut socket, "Hello.", "m-1").await;
    assert_eq!(versioned.hear("message").await["content"], "Hello.");
    let bearer = format!("Authorization: Bearer {}", customer.token);
    let headers = [&UPGRADE[..], &[&bearer]].concat();
    let answer = upgrade_at(hub.address, &format!("/ws/conversations/{own}"), &headers).await;
    assert_eq!(answer.status, 101);
}

#[tokio::test]
async fn a_key_listens_where_its_scopes_allow_it_and_a_guests_token_in_its_own_conversation() {
    let world = World::start().await;
    let guest = Guest::open(world.address()).await;
    let own = format!("/ws/conversations/{}", guest.session);
    for (scopes, status) in [(json!(["care"]), 101), (json!([]), 101), (json!(["rooms"]), 403)] {
        let service = world.admin.issues_key(&scopes).await;
        let key = format!("X-API-Key: {}", service.token());
        let headers = [&UPGRADE[..], &[&key]].concat();
        let answer = upgrade_at(world.address(), &own, &headers).await;
        assert_eq!(answer.status, status, "{scopes}");
    }
    let target = format!("{own}?token={}", guest.token);
    let mut socket = Socket::open_at(world.address(), &target).await.unwrap();
    assert_eq!(say(&mut socket, "Hello.", "m-1").await["sequence"], 1);
}

#[tokio::test]
async fn the_eleventh_socket_of_an_account_is_refused_whatever_family_the_others_are_of() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut open = vec![customer.join(hub.address, &own).await];
    while open.len() < 10 {
        open.push(join(hub.address, &customer, &own).await);
    }
    let answer = upgrade_at(hub.address, &target(&customer, &own), &UPGRADE).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(answer.json()["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn logout_closes_the_socket_with_4401_and_its_token_is_in_no_log() {
    let folder = Folder::new("sled")
        .with("log.access", "all")
        .with("log.level", "trace");
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let own = conversation(hub.address, &customer).await;
    let mut socket = join(hub.address, &customer, &own).await;
    say(&mut socket, "My card number is 4111.", "m-1").await;
    customer.logs_out(hub.address).await;
    assert_eq!(socket.closed().await, 4401);
    assert_eq!(refused(hub.address, &target(&customer, &own)).await.0, 401);
    hub.kill();
    let log = folder.complaint();
    assert!(log.contains("/ws/conversations"), "the requests are in the log");
    assert!(!log.contains(&customer.token) && !log.contains("4111"));
}
