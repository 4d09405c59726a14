//! Callers who come with a token of an external issuer: who gets in, as whom, and who does not.

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::Method;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use switchboard::api::FAMILIES;
use switchboard::http::route::Access;
use switchboard_actors::error::HubError;
use switchboard_domain::account::Role;
use switchboard_domain::ports::engine::{Direction, KeyRange};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{PASSWORD, Persona, World};

/// Generated for these tests; no issuer ever had it.
const KEY: &[u8] = include_bytes!("issuers/ec_key.der");
const ISSUER: &str = "https://clerk.example";
const KEY_ID: &str = "key-1";

fn key() -> EncodingKey {
    EncodingKey::from_ec_der(KEY)
}

/// Publishes the key, as often as it is asked for.
async fn publish() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut jwk = Jwk::from_encoding_key(&key(), Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(KEY_ID.to_owned());
    let body = json!({ "keys": [jwk] }).to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            assert!(asked[..length].starts_with(b"GET /keys HTTP/1.1\r\n"));
            let length = body.len();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    format!("http://{address}/keys")
}

async fn trusting(trust_roles: bool) -> World {
    let issuer = json!([{"issuer": ISSUER, "audience": "hub", "jwks_url": publish().await,
        "trust_roles": trust_roles}]);
    World::start_with(&[("SWITCHBOARD_AUTH__ISSUERS", &issuer.to_string())]).await
}

#[expect(clippy::disallowed_methods, reason = "the hub's clock is the machine's")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A token of the issuer, with these claims in place of its own.
fn token(subject: &str, changes: &Value) -> String {
    let mut claims = json!({"iss": ISSUER, "aud": "hub", "sub": subject, "iat": now(), "exp": now() + 60});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let header = Header {
        kid: Some(KEY_ID.to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    encode(&header, &claims, &key()).unwrap()
}

fn bearing(world: &World, subject: &str, changes: &Value) -> Persona {
    world.nobody.with_token(&token(subject, changes))
}

/// A list in every family that has one for this access: what each answers to this caller.
async fn lists(caller: &Persona, access: Access) -> Vec<(&'static str, u16)> {
    let routes = FAMILIES
        .iter()
        .flat_map(|family| family.routes.iter().copied().flatten());
    let open = routes.filter(|route| route.method == Method::GET && !route.pattern.contains("/:"));
    let mut answered = Vec::new();
    for route in open.filter(|route| route.access == access) {
        answered.push((route.pattern, caller.get(route.pattern).await.status));
    }
    assert!(answered.len() > 1, "{answered:?}");
    answered
}

async fn assert_lists(caller: &Persona, access: Access, status: u16) {
    let answered = lists(caller, access).await;
    let other: Vec<_> = answered.iter().filter(|(_, found)| *found != status).collect();
    assert!(other.is_empty(), "not {status}: {other:?}");
}

fn accounts(world: &World) -> u64 {
    let listed = world.hub.list_accounts(&world.scope(), None, 0, 1);
    listed.unwrap().total
}

#[tokio::test]
async fn a_subject_gets_one_account_which_every_family_knows() {
    let world = trusting(false).await;
    let anna = bearing(&world, "user_anna", &json!({"email": "anna@example.org"}));
    assert_lists(&anna, Access::Caller, 200).await;
    let me = anna.account().await;
    assert_eq!((me.email.as_str(), me.role), ("anna@example.org", Role::Customer));
    anna.asks("s-1", "Hello").await;
    // A customer is no staff.
    assert_lists(&anna, Access::Staff, 403).await;
    let later = bearing(&world, "user_anna", &json!({"email": "other@example.org"}));
    assert_eq!(later.id().await, anna.id().await);
    assert_eq!(accounts(&world), 2);
}

#[tokio::test]
async fn many_requests_at_first_sight_make_one_account() {
    let world = trusting(false).await;
    let anna = bearing(&world, "user_anna", &json!({}));
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let anna = anna.clone();
            tokio::spawn(async move { anna.id().await })
        })
        .collect();
    let mut ids = Vec::new();
    for asked in asking {
        ids.push(asked.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(accounts(&world), 2);
}

#[tokio::test]
async fn an_email_that_somebody_has_here_gives_nothing_of_theirs_away() {
    let world = trusting(true).await;
    let customer = world.customer().await;
    let email = json!({"email": "customer@example.com"});
    let thief = bearing(&world, "user_thief", &email);
    let me = thief.account().await;
    assert_ne!(me.id.to_string(), customer.id().await);
    assert_ne!(me.email, "customer@example.com");
    let named_admin = bearing(&world, "admin", &json!({}));
    let me = named_admin.account().await;
    assert_ne!(me.id.to_string(), world.admin.id().await);
    assert_eq!(me.role, Role::Customer);
    world.nobody.login_as("customer", PASSWORD).await;
}

#[tokio::test]
async fn a_role_is_given_only_where_the_issuer_is_trusted_with_it() {
    let agent = json!({"metadata": {"role": "agent"}});
    for (trusted, status) in [(true, 200), (false, 403)] {
        let world = trusting(trusted).await;
        let caller = bearing(&world, "user_jane", &agent);
        assert_lists(&caller, Access::Staff, status).await;
        // An agent is no admin.
        assert_lists(&caller, Access::Admin, 403).await;
    }
}

#[tokio::test]
async fn a_token_that_does_not_stand_opens_nothing_and_makes_no_account() {
    let world = trusting(false).await;
    let wrong = [
        json!({"aud": "another"}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": "switchboard", "aud": "switchboard:account"}),
        json!({"exp": now() - 30}),
        json!({"nbf": now() + 60}),
    ];
    for changes in &wrong {
        let caller = bearing(&world, "user_eve", changes);
        for access in [Access::Caller, Access::Staff, Access::Admin] {
            assert_lists(&caller, access, 401).await;
        }
    }
    assert_eq!(accounts(&world), 1);
}

#[tokio::test]
async fn a_token_ends_by_logging_out_and_an_account_by_being_disabled() {
    let world = trusting(false).await;
    let (first, second) = (
        bearing(&world, "user_anna", &json!({})),
        bearing(&world, "user_anna", &json!({"jti": "2"})),
    );
    let scope = first.scope().await;
    let id = second.account().await.id;
    let refreshed = world.hub.refresh(&scope);
    assert!(matches!(refreshed, Err(HubError::Forbidden(_))));
    world.hub.logout(&scope).await.unwrap();
    assert_lists(&first, Access::Caller, 401).await;
    assert_lists(&second, Access::Caller, 200).await;
    let admin = world.admin.scope().await;
    world.hub.set_account_active(&admin, id, false).await.unwrap();
    assert_lists(&second, Access::Caller, 401).await;
    let third = bearing(&world, "user_anna", &json!({"jti": "3"}));
    assert_lists(&third, Access::Caller, 401).await;
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_does_not_stop_the_start() {
    let issuer = json!([{"issuer": ISSUER, "audience": "hub", "jwks_url": "http://127.0.0.1:1/keys"}]);
    let world = World::start_with(&[("SWITCHBOARD_AUTH__ISSUERS", &issuer.to_string())]).await;
    let caller = bearing(&world, "user_anna", &json!({}));
    assert_lists(&caller, Access::Caller, 401).await;
    assert_lists(&world.admin, Access::Caller, 200).await;
}

/// How many entries of the store hold these bytes.
fn entries_with(world: &World, bytes: &[u8]) -> usize {
    let engine = world.hub.services().records().engine().clone();
    let entries = engine.scan(&KeyRange::all(), Direction::Forward, usize::MAX);
    let has = |text: &[u8]| text.windows(bytes.len()).any(|window| window == bytes);
    let entries = entries.unwrap();
    let found = entries
        .iter()
        .filter(|entry| has(&entry.key) || has(&entry.value));
    found.count()
}

#[tokio::test]
async fn an_erased_subject_leaves_nothing_and_comes_back_as_somebody_new() {
    let world = trusting(false).await;
    let anna = bearing(&world, "user_anna", &json!({"email": "anna@example.org"}));
    anna.asks("s-1", "Hello").await;
    let account = anna.account().await;
    let (id, customer) = (account.id, account.customer.unwrap());
    assert!(entries_with(&world, id.as_bytes()) > 3);
    let admin = world.admin.scope().await;
    world.hub.erase_customer(&admin, customer).await.unwrap();
    assert_eq!(entries_with(&world, id.as_bytes()), 0);
    let again = bearing(&world, "user_anna", &json!({"email": "anna@example.org"}));
    assert_ne!(again.account().await.id, id);
}
