//! How large a frame may be, and how many sockets an account may have.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::process::people::{Guest, Person};
use crate::process::socket::{Socket, UPGRADE, upgrade};
use crate::process::{Folder, until};
use crate::support::World;

#[tokio::test]
async fn a_frame_that_is_too_large_closes_the_socket_with_1009() {
    let hub = Folder::new("sled").start().await;
    let mut guest = Guest::open(hub.address).await;
    let text = json!({"type": "text", "text": "x".repeat(1_100_000), "id": "m-1"}).to_string();
    guest.socket.try_send(Message::text(text)).await;
    assert_eq!(guest.socket.closed().await, 1009);
    let mut again = guest.device(hub.address).await;
    assert_eq!(
        again.say("shorter", "m-2").await["sequence"],
        1,
        "nothing of it was stored"
    );
}

#[tokio::test]
async fn the_eleventh_socket_of_an_account_is_refused_until_one_is_closed() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let query = format!("token={}", customer.token);
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(customer.connect(hub.address).await);
    }
    let refused = upgrade(hub.address, &query, &UPGRADE).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.json()["error"]["code"], "rate_limit_exceeded");
    Guest::open(hub.address).await;
    open.pop().unwrap().close().await;
    until("a place", || async {
        Socket::open(hub.address, &query).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_refused_socket_opens_no_session() {
    let world = World::start_with(&[
        ("SWITCHBOARD_LIMITS__ENABLED", "true"),
        ("SWITCHBOARD_LIMITS__SOCKETS_PER_ACCOUNT", "1"),
    ])
    .await;
    let customer = world.customer().await.person().await;
    let _first = customer.connect(world.address()).await;
    let sessions = || world.conversations().len();
    let before = sessions();
    assert_eq!(before, 1, "the first socket's");
    let query = format!("token={}", customer.token);
    for _ in 0..5 {
        assert_eq!(Socket::open(world.address(), &query).await.unwrap_err(), 429);
    }
    assert_eq!(sessions(), before, "a refused socket opened a session");
}
