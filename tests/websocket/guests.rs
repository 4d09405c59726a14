//! Visitors without an account: their token opens their own session, and nothing else does.

use crate::process::Folder;
use crate::process::people::{Guest, Person};
use crate::process::socket::{Socket, UPGRADE, upgrade};
use crate::restart::client::read_all;

#[tokio::test]
async fn a_guests_token_opens_its_session_again() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    guest.socket.say("Remember me.", "m-1").await;
    for query in [guest.query(), format!("token={}", guest.token)] {
        let mut again = Socket::open(hub.address, &query).await.unwrap();
        let first = again.frame().await;
        assert_eq!(first["sessionId"], guest.session.as_str());
        assert_eq!(read_all(hub.address, &query).await[0].text, "Remember me.");
    }
}

#[tokio::test]
async fn a_session_that_exists_is_never_opened_without_its_owners_token() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    guest.socket.say("My secret.", "m-1").await;
    let stranger = Guest::open(hub.address).await;
    let customer = Person::customer(hub.address, "mallory").await;
    let forged = format!("{}x", guest.token);
    let session = &guest.session;
    let attempts = [
        (404, format!("sessionId={session}")),
        (404, format!("sessionId={session}&token={}", stranger.token)),
        (404, format!("sessionId={session}&token={}", customer.token)),
        (401, format!("sessionId={session}&token={forged}")),
        (401, format!("sessionId={session}&token=nonsense")),
    ];
    for (status, query) in attempts {
        let answer = upgrade(hub.address, &format!("{query}&lastSequence=0"), &UPGRADE).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert!(
            !answer.body.contains("secret") && !answer.body.contains(session),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_session_id_of_the_visitors_own_is_taken_once() {
    let hub = Folder::new("sled").start().await;
    let mut first = Socket::open(hub.address, "sessionId=shop-7").await.unwrap();
    let greeting = first.frame().await;
    assert_eq!(greeting["sessionId"], "shop-7");
    assert_eq!(
        Socket::open(hub.address, "sessionId=shop-7").await.unwrap_err(),
        404
    );
    let query = format!("sessionId=shop-7&token={}", greeting["token"].as_str().unwrap());
    assert!(Socket::open(hub.address, &query).await.is_ok());
}

#[tokio::test]
async fn a_guest_may_name_only_its_own_user() {
    let hub = Folder::new("sled").start().await;
    let mut first = Socket::open(hub.address, "userId=visitor-1").await.unwrap();
    let greeting = first.frame().await;
    assert_eq!(greeting["userId"], "visitor-1");
    let token = greeting["token"].as_str().unwrap();
    assert!(
        Socket::open(hub.address, &format!("token={token}&userId=visitor-1"))
            .await
            .is_ok()
    );
    assert_eq!(
        Socket::open(hub.address, &format!("token={token}&userId=visitor-2"))
            .await
            .unwrap_err(),
        403
    );
}

#[tokio::test]
async fn an_upgrade_that_fails_opens_no_session() {
    let hub = Folder::new("sled").start().await;
    let [connection, asks, _, key] = UPGRADE;
    let old = upgrade(
        hub.address,
        "sessionId=shop-8",
        &[connection, asks, "Sec-WebSocket-Version: 8", key],
    )
    .await;
    assert_eq!(
        (old.status, old.header("sec-websocket-version")),
        (426, Some("13"))
    );
    let keyless = upgrade(hub.address, "sessionId=shop-8", &UPGRADE[..3]).await;
    assert_eq!(keyless.status, 400);
    let plain = upgrade(hub.address, "sessionId=shop-8", &[]).await;
    assert_eq!(plain.status, 426);
    assert!(
        Socket::open(hub.address, "sessionId=shop-8").await.is_ok(),
        "the session id is still free"
    );
}
