//! Who may connect, and the end of a connection whose credential has ended.

use switchboard_domain::account::Role;
use switchboard_domain::id::AccountId;

use crate::process::Folder;
use crate::process::people::{PASSWORD, Person};
use crate::process::socket::{Socket, UPGRADE, upgrade};
use crate::support::{self, World};

#[tokio::test]
async fn logout_closes_the_sockets_of_that_token_alone() {
    let hub = Folder::new("sled").start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let elsewhere = Person::login(hub.address, "carol", PASSWORD).await;
    let mut socket = customer.connect(hub.address).await;
    let mut other = elsewhere.connect(hub.address).await;
    customer.logs_out(hub.address).await;
    assert_eq!(socket.closed().await, 4401);
    other.say("Still here.", "m-1").await;
    assert_eq!(
        Socket::open(hub.address, &format!("token={}", customer.token))
            .await
            .unwrap_err(),
        401
    );
}

#[tokio::test]
async fn a_new_password_closes_every_socket_of_the_account() {
    let world = World::start().await;
    let agent = world.agent().await;
    let elsewhere = world.nobody.login("agent").await;
    let mut sockets = [
        agent.person().await.connect(world.address()).await,
        elsewhere.person().await.connect(world.address()).await,
    ];
    let (scope, new) = (agent.scope().await, "another password");
    let changed = world.hub.change_password(&scope, support::PASSWORD, new).await;
    assert!(changed.is_ok());
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 4401);
    }
}

#[tokio::test]
async fn disabling_an_account_or_changing_its_role_closes_its_sockets() {
    let world = World::start().await;
    let admin = world.admin.scope().await;
    for is_disabled in [true, false] {
        let name = if is_disabled { "jane" } else { "joe" };
        let employed = world.admin.employs("agent", &format!("{name}@example.com")).await;
        let agent = employed.person().await;
        let mut socket = agent.connect(world.address()).await;
        let id = AccountId::parse(&agent.id).unwrap();
        let changed = if is_disabled {
            world.hub.set_account_active(&admin, id, false).await
        } else {
            world.hub.set_role(&admin, id, Role::Admin).await
        };
        assert!(changed.is_ok());
        assert_eq!(socket.closed().await, 4401, "{name}");
        let query = format!("token={}", agent.token);
        assert_eq!(Socket::open(world.address(), &query).await.unwrap_err(), 401);
    }
}

#[tokio::test]
async fn a_socket_ends_when_its_token_expires() {
    let hub = Folder::new("sled")
        .with("auth.token_ttl_seconds", &8)
        .start()
        .await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = customer.connect(hub.address).await;
    assert_eq!(socket.closed().await, 4401);
}

#[tokio::test]
async fn a_page_of_another_site_may_not_connect_and_one_that_is_configured_may() {
    let folder = Folder::new("sled").with("server.cors_origins", r#"["https://shop.example"]"#);
    let hub = folder.start().await;
    let own = format!("Origin: http://{}", hub.address);
    let cases = [
        ("Origin: https://evil.example", 403),
        ("Origin: https://shop.example.evil.example", 403),
        ("Origin: http://shop.example", 403),
        ("Origin: null", 403),
        ("Origin: https://shop.example", 101),
        (own.as_str(), 101),
    ];
    for (origin, status) in cases {
        let headers = [&UPGRADE[..], &[origin]].concat();
        assert_eq!(
            upgrade(hub.address, "", &headers).await.status,
            status,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_in_no_log() {
    let folder = Folder::new("sled")
        .with("log.access", "all")
        .with("log.level", "trace");
    let hub = folder.start().await;
    let customer = Person::customer(hub.address, "carol").await;
    let mut socket = customer.connect(hub.address).await;
    socket.say("My card number is 4111-1111-1111-1111.", "m-1").await;
    let refused = Socket::open(hub.address, &format!("token={}x", customer.token)).await;
    assert_eq!(refused.unwrap_err(), 401);
    hub.kill();
    let log = folder.complaint();
    assert!(!log.is_empty());
    let secrets = [
        customer.token.as_str(),
        "4111-1111",
        PASSWORD,
        "carol@example.org",
    ];
    let told: Vec<_> = secrets
        .into_iter()
        .filter(|secret| log.contains(secret))
        .collect();
    assert!(told.is_empty(), "{told:?}");
}
