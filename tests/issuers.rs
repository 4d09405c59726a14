//! Callers who come with a token of an external issuer: who gets in, as whom, and who does not.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use switchboard_domain::id::AccountId;
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

#[tokio::test]
async fn a_subject_gets_one_account_which_every_family_knows() {
    let world = trusting(false).await;
    let anna = bearing(&world, "user_anna", &json!({"email": "anna@example.org"}));
    let me = anna.get("/api/auth/me").await;
    assert_eq!(me.status, 200, "{}", me.text);
    assert_eq!(
        (&me.body["email"], &me.body["user_type"]),
        (&json!("anna@example.org"), &json!("customer"))
    );
    let words = json!({"message": {"text": "Hello", "type": "text"}, "channel": "web"});
    let said = anna.post("/api/core/messages", &words).await;
    assert_eq!(said.status, 200, "{}", said.text);
    assert_eq!(anna.get("/api/faq").await.status, 403, "a customer is no staff");
    let later = bearing(&world, "user_anna", &json!({"email": "other@example.org"}));
    assert_eq!(later.id().await, anna.id().await);
    let users = world.admin.get("/api/admin/users").await;
    assert_eq!(users.body["pagination"]["total"], 2, "{}", users.text);
}

#[tokio::test]
async fn many_requests_at_first_sight_make_one_account() {
    let world = trusting(false).await;
    let anna = bearing(&world, "user_anna", &json!({}));
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let anna = anna.clone();
            tokio::spawn(async move { anna.get("/api/auth/me").await })
        })
        .collect();
    let mut ids = Vec::new();
    for asked in asking {
        let me = asked.await.unwrap();
        assert_eq!(me.status, 200, "{}", me.text);
        ids.push(me.body["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn an_email_that_somebody_has_here_gives_nothing_of_theirs_away() {
    let world = trusting(true).await;
    let customer = world.customer().await;
    let email = json!({"email": "customer@example.com"});
    let thief = bearing(&world, "user_thief", &email);
    let me = thief.get("/api/auth/me").await;
    assert_eq!(me.status, 200, "{}", me.text);
    assert_ne!(me.body["id"], json!(customer.id().await));
    assert_ne!(me.body["email"], "customer@example.com");
    let named_admin = bearing(&world, "admin", &json!({}));
    let me = named_admin.get("/api/auth/me").await;
    assert_ne!(me.body["id"], json!(world.admin.id().await));
    assert_eq!(me.body["user_type"], "customer");
    world.nobody.login_as("customer", PASSWORD).await;
}

#[tokio::test]
async fn a_role_is_given_only_where_the_issuer_is_trusted_with_it() {
    let agent = json!({"metadata": {"role": "agent"}});
    for (trusted, status) in [(true, 200), (false, 403)] {
        let world = trusting(trusted).await;
        let caller = bearing(&world, "user_jane", &agent);
        assert_eq!(caller.get("/api/faq").await.status, status);
        let keys = caller.get("/api/admin/api-keys").await;
        assert_eq!(keys.status, 403, "an agent is no admin");
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
        for path in ["/api/auth/me", "/api/faq", "/api/core/sessions/s/context"] {
            let refused = caller.get(path).await;
            assert_eq!(refused.status, 401, "{changes}: {}", refused.text);
        }
    }
    let users = world.admin.get("/api/admin/users").await;
    assert_eq!(users.body["pagination"]["total"], 1, "{}", users.text);
}

#[tokio::test]
async fn a_token_ends_by_logging_out_and_an_account_by_being_disabled() {
    let world = trusting(false).await;
    let (first, second) = (
        bearing(&world, "user_anna", &json!({})),
        bearing(&world, "user_anna", &json!({"jti": "2"})),
    );
    let id = second.id().await;
    let refresh = first.post("/api/auth/refresh", &json!({})).await;
    assert_eq!(refresh.status, 403, "{}", refresh.text);
    assert_eq!(first.post("/api/auth/logout", &json!({})).await.status, 200);
    assert_eq!(first.get("/api/auth/me").await.status, 401);
    assert_eq!(second.get("/api/auth/me").await.status, 200);
    let disabled = world
        .admin
        .put(&format!("/api/admin/users/{id}"), &json!({"isActive": false}))
        .await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    assert_eq!(second.get("/api/auth/me").await.status, 401);
    let third = bearing(&world, "user_anna", &json!({"jti": "3"}));
    assert_eq!(third.get("/api/auth/me").await.status, 401);
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_does_not_stop_the_start() {
    let issuer = json!([{"issuer": ISSUER, "audience": "hub", "jwks_url": "http://127.0.0.1:1/keys"}]);
    let world = World::start_with(&[("SWITCHBOARD_AUTH__ISSUERS", &issuer.to_string())]).await;
    let caller = bearing(&world, "user_anna", &json!({}));
    assert_eq!(caller.get("/api/auth/me").await.status, 401);
    assert_eq!(world.admin.get("/api/auth/me").await.status, 200);
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
    let words = json!({"message": {"text": "Hello", "type": "text"}, "channel": "web"});
    assert_eq!(anna.post("/api/core/messages", &words).await.status, 200);
    let account = AccountId::parse(&anna.id().await).unwrap();
    let customers = world.admin.get("/api/customers").await;
    let customer = customers.body["data"][0]["id"].as_str().unwrap();
    assert!(entries_with(&world, account.as_bytes()) > 3);
    let erased = world.admin.delete(&format!("/api/customers/{customer}")).await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    assert_eq!(entries_with(&world, account.as_bytes()), 0);
    let again = bearing(&world, "user_anna", &json!({"email": "anna@example.org"}));
    assert_ne!(again.id().await, account.to_string());
}
