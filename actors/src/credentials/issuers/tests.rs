//! Tokens of an issuer as it makes them, as others would forge them, and as its keys change.

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex as Lock;
use serde_json::json;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::keys::KeyDocumentError;

use super::*;

/// Generated for these tests; no issuer ever had one of them.
const EC_KEY: &[u8] = include_bytes!("tests/ec_key.der");
const OTHER_EC_KEY: &[u8] = include_bytes!("tests/other_ec_key.der");
const RSA_KEY: &[u8] = include_bytes!("../tokens/tests/foreign_rsa_key.der");
/// `{"alg":"none","typ":"JWT","kid":"rsa"}`
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoicnNhIn0";
const ISSUER: &str = "https://issuer.example";
const HOUR: Duration = Duration::from_secs(3600);
const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(RSA_KEY)
}

fn ec(key: &[u8]) -> EncodingKey {
    EncodingKey::from_ec_der(key)
}

fn jwk(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a public key");
    jwk.common.key_id = Some(kid.to_owned());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk
}

/// What the issuer publishes now, and how often it was asked.
#[derive(Debug, Default)]
struct Published {
    keys: Lock<Option<Vec<Jwk>>>,
    asked: AtomicUsize,
}

impl KeyDocuments for Published {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<u8>, KeyDocumentError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let keys = self.keys.lock().clone();
        Box::pin(async move {
            let keys = keys.ok_or_else(|| KeyDocumentError("nobody is there".to_owned()))?;
            Ok(json!({ "keys": keys }).to_string().into_bytes())
        })
    }
}

fn published() -> Published {
    let keys = vec![
        jwk(&rsa(), Algorithm::RS256, "rsa"),
        jwk(&ec(EC_KEY), Algorithm::ES256, "ec"),
    ];
    Published {
        keys: Lock::new(Some(keys)),
        asked: AtomicUsize::new(0),
    }
}

fn unfetched(trust_roles: bool) -> Issuers {
    let issuer = Issuer {
        issuer: ISSUER.to_owned(),
        audience: "hub".to_owned(),
        jwks_url: format!("{ISSUER}/keys"),
        trust_roles,
    };
    Issuers::new(&[issuer], HOUR)
}

async fn issuers() -> Issuers {
    let issuers = unfetched(false);
    issuers.list()[0].keep_fresh(&published(), NOW).await;
    issuers
}

fn claims() -> Value {
    let seconds = NOW.as_seconds();
    json!({"iss": ISSUER, "aud": "hub", "sub": "user_1", "iat": seconds, "nbf": seconds, "exp": seconds + 60,
        "email": "anna@example.com"})
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    Header {
        kid: Some(kid.to_owned()),
        ..Header::new(algorithm)
    }
}

fn signed(claims: &Value) -> String {
    encode(&header(Algorithm::RS256, "rsa"), claims, &rsa()).expect("it is signed")
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    signed(&claims)
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(name);
    signed(&claims)
}

fn subject(finding: Finding) -> Subject {
    match finding {
        Finding::Subject(subject) => *subject,
        other => panic!("no subject but {other:?}"),
    }
}

#[tokio::test]
async fn a_token_of_the_issuer_says_whom_it_speaks_for() {
    let issuers = issuers().await;
    let anna = subject(issuers.read(&signed(&claims()), NOW));
    assert_eq!(anna.name, "user_1");
    assert_eq!(anna.email.as_deref(), Some("anna@example.com"));
    assert_eq!(anna.role, None);
    assert_eq!(anna.expires, NOW.after(Duration::from_secs(60)));
    let by_ec = encode(&header(Algorithm::ES256, "ec"), &claims(), &ec(EC_KEY)).expect("it is signed");
    let again = subject(issuers.read(&by_ec, NOW));
    assert_eq!(again.identity, anna.identity);
    assert_ne!(again.token, anna.token, "each token is logged out by itself");
    let listed = subject(issuers.read(&with("aud", json!(["other", "hub"])), NOW));
    assert_eq!(listed.identity, anna.identity);
    let other = subject(issuers.read(&with("sub", json!("user_2")), NOW));
    assert_ne!(other.identity, anna.identity);
}

#[tokio::test]
async fn claims_that_do_not_hold_are_refused() {
    let issuers = issuers().await;
    let seconds = NOW.as_seconds();
    let wrong = [
        with("aud", json!("another")),
        with("aud", json!([])),
        with("exp", json!(seconds - 6)),
        with("exp", json!("tomorrow")),
        with("nbf", json!(seconds + 60)),
        with("iat", json!(seconds + 60)),
        with("sub", json!("")),
        with("sub", json!("s".repeat(256))),
        without("exp"),
        without("aud"),
        without("sub"),
    ];
    for token in wrong {
        let finding = issuers.read(&token, NOW);
        assert!(matches!(finding, Finding::Refused), "{token}: {finding:?}");
    }
    for foreign in [with("iss", json!("https://other.example")), without("iss")] {
        assert!(matches!(issuers.read(&foreign, NOW), Finding::Foreign));
    }
    let within_leeway = with("nbf", json!(seconds + 4));
    assert!(matches!(issuers.read(&within_leeway, NOW), Finding::Subject(_)));
}

#[tokio::test]
async fn a_signature_that_is_not_the_keys_is_refused() {
    let issuers = issuers().await;
    let good = signed(&claims());
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let payload = head.split('.').nth(1).expect("a payload");
    let public = jwk(&rsa(), Algorithm::RS256, "rsa");
    let AlgorithmOf::Rsa(modulus) = AlgorithmOf::of(&public) else {
        panic!("an RSA key");
    };
    let secret = EncodingKey::from_secret(modulus.as_bytes());
    let forged = [
        format!("{ALG_NONE}.{payload}."),
        format!("{ALG_NONE}.{payload}.{signature}"),
        encode(&header(Algorithm::HS256, "rsa"), &claims(), &secret).expect("it is signed"),
        encode(&header(Algorithm::ES256, "ec"), &claims(), &ec(OTHER_EC_KEY)).expect("it is signed"),
        encode(&header(Algorithm::ES256, "rsa"), &claims(), &ec(EC_KEY)).expect("it is signed"),
        encode(&header(Algorithm::RS512, "rsa"), &claims(), &rsa()).expect("it is signed"),
        encode(&Header::new(Algorithm::RS256), &claims(), &rsa()).expect("it is signed"),
        format!("{good}x"),
        format!("{}.{signature}", head.replace(payload, &payload.to_lowercase())),
    ];
    for token in forged {
        let finding = issuers.read(&token, NOW);
        assert!(
            matches!(finding, Finding::Refused | Finding::Foreign),
            "{token}: {finding:?}"
        );
    }
}

enum AlgorithmOf {
    Rsa(String),
    Another,
}

impl AlgorithmOf {
    fn of(jwk: &Jwk) -> Self {
        match &jwk.algorithm {
            jsonwebtoken::jwk::AlgorithmParameters::RSA(rsa) => Self::Rsa(rsa.n.clone()),
            _ => Self::Another,
        }
    }
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once_a_minute_and_a_withdrawn_one_is_no_longer_taken() {
    let (issuers, published) = (unfetched(false), published());
    let issuer = &issuers.list()[0];
    let old = signed(&claims());
    assert!(matches!(issuers.read(&old, NOW), Finding::UnknownKey(_)));
    issuer.refresh(&published, NOW, UNKNOWN_KEY_PAUSE).await;
    assert!(matches!(issuers.read(&old, NOW), Finding::Subject(_)));

    *published.keys.lock() = Some(vec![jwk(&ec(OTHER_EC_KEY), Algorithm::ES256, "new")]);
    let new = encode(&header(Algorithm::ES256, "new"), &claims(), &ec(OTHER_EC_KEY)).expect("it is signed");
    for _ in 0..100 {
        assert!(matches!(issuers.read(&new, NOW), Finding::UnknownKey(_)));
        issuer.refresh(&published, NOW, UNKNOWN_KEY_PAUSE).await;
    }
    assert_eq!(published.asked.load(Ordering::SeqCst), 1);
    let later = NOW.after(UNKNOWN_KEY_PAUSE);
    issuer.refresh(&published, later, UNKNOWN_KEY_PAUSE).await;
    assert!(matches!(issuers.read(&new, NOW), Finding::Subject(_)));
    assert!(matches!(issuers.read(&old, NOW), Finding::UnknownKey(_)));
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_leave_those_that_were() {
    let (issuers, published) = (unfetched(false), published());
    let issuer = &issuers.list()[0];
    issuer.keep_fresh(&published, NOW).await;
    *published.keys.lock() = None;
    issuer.keep_fresh(&published, NOW.after(HOUR)).await;
    assert_eq!(published.asked.load(Ordering::SeqCst), 2);
    assert!(matches!(
        issuers.read(&signed(&claims()), NOW),
        Finding::Subject(_)
    ));
}

#[tokio::test]
async fn a_role_is_read_where_the_issuer_is_trusted_with_it() {
    let (trusting, published) = (unfetched(true), published());
    trusting.list()[0].keep_fresh(&published, NOW).await;
    let role = |issuers: &Issuers, token: &str| subject(issuers.read(token, NOW)).role;
    let agent = with("metadata", json!({"role": "agent"}));
    assert_eq!(role(&trusting, &agent), Some(Role::Agent));
    assert_eq!(role(&issuers().await, &agent), None);
    let admin = with("public_metadata", json!({"role": "admin"}));
    assert_eq!(role(&trusting, &admin), Some(Role::Admin));
    assert_eq!(role(&trusting, &with("role", json!("agent"))), Some(Role::Agent));
    assert_eq!(role(&trusting, &with("role", json!("owner"))), None);
}

#[tokio::test]
async fn an_email_that_is_not_verified_is_not_taken_over() {
    let token = with("email_verified", json!(false));
    assert_eq!(subject(issuers().await.read(&token, NOW)).email, None);
}

#[test]
fn only_keys_that_sign_and_are_strong_enough_are_kept() {
    let good = serde_json::to_value(jwk(&rsa(), Algorithm::RS256, "rsa")).expect("JSON");
    let spoiled = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    let keys = [
        spoiled("use", json!("enc")),
        spoiled("alg", json!("RS512")),
        spoiled("n", json!("AQAB")),
        spoiled("kid", Value::Null),
        json!({"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"}),
        json!(5),
    ];
    let document = json!({ "keys": keys }).to_string();
    assert!(Keys::parse(document.as_bytes()).expect("a document").is_empty());
    for broken in ["", "[]", "{}", r#"{"keys": {}}"#] {
        assert!(Keys::parse(broken.as_bytes()).is_err(), "{broken}");
    }
}
