//! Tokens as a stranger would forge them, and as time passes.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use switchboard_domain::ports::clock::Random;

use super::*;

const SECRET: &[u8] = b"a secret of this hub, never shown";
/// `{"alg":"none","typ":"JWT"}`
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
/// Generated for these tests; no issuer ever had it.
const FOREIGN_RSA_KEY: &[u8] = include_bytes!("tests/foreign_rsa_key.der");
const HOUR: Duration = Duration::from_secs(3600);
const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

#[derive(Debug)]
struct Fours;

impl Random for Fours {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(4);
    }
}

fn bearer() -> Bearer {
    Bearer::Account {
        sub: AccountId::generate(NOW, &Fours),
        org: OrganizationId::generate(NOW, &Fours),
        generation: 3,
        jti: TokenId::generate(NOW, &Fours),
    }
}

fn token() -> String {
    Tokens::new(SECRET)
        .issue(bearer(), NOW, HOUR)
        .expect("a token is made")
}

fn is_refused(token: &str) -> bool {
    matches!(
        Tokens::new(SECRET).verify(token, NOW),
        Err(HubError::Unauthenticated)
    )
}

/// The claims the hub would write, to be spoiled one at a time.
fn claims() -> Value {
    let seconds = NOW.as_seconds();
    let mut claims = serde_json::to_value(bearer()).expect("a bearer is JSON");
    claims["iss"] = json!(ISSUER);
    claims["iat"] = json!(seconds);
    claims["nbf"] = json!(seconds);
    claims["exp"] = json!(seconds + 3600);
    claims
}

fn signed(header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(SECRET)).expect("claims are signed")
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    signed(&Header::default(), &claims)
}

#[test]
fn a_token_says_whom_it_speaks_for_and_when_it_ends() {
    let verified = Tokens::new(SECRET).verify(&token(), NOW).expect("it stands");
    assert_eq!(verified.bearer, bearer());
    assert_eq!(verified.expires, NOW.after(HOUR));
    assert!(!is_refused(&signed(&Header::default(), &claims())));
}

#[test]
fn a_guests_token_is_no_accounts_token() {
    let guest = Bearer::Guest {
        conversation: ConversationId::generate(NOW, &Fours),
        customer: CustomerId::generate(NOW, &Fours),
        org: OrganizationId::generate(NOW, &Fours),
    };
    let tokens = Tokens::new(SECRET);
    let token = tokens.issue(guest, NOW, GUEST_TTL).expect("a token is made");
    assert_eq!(tokens.verify(&token, NOW).expect("it stands").bearer, guest);
    assert!(is_refused(&with("aud", json!(GUEST_AUDIENCE))));
}

#[test]
fn every_changed_character_is_noticed() {
    let token = token();
    for (at, old) in token.char_indices() {
        let new = if old == 'A' { "B" } else { "A" };
        let mut tampered = token.clone();
        tampered.replace_range(at..=at, new);
        assert!(is_refused(&tampered), "character {at}");
    }
    for end in 0..token.len() {
        assert!(is_refused(&token[..end]), "cut at {end}");
    }
    assert!(is_refused(&format!("{token}=")));
}

#[test]
fn another_secret_or_no_signature_is_refused() {
    let foreign = Tokens::new(b"another secret").issue(bearer(), NOW, HOUR);
    assert!(is_refused(&foreign.expect("a token is made")));
    let token = token();
    let mut parts = token.split('.').skip(1);
    let (payload, signature) = (parts.next().expect("claims"), parts.next().expect("signature"));
    assert!(is_refused(&format!("{ALG_NONE}.{payload}.")));
    assert!(is_refused(&format!("{ALG_NONE}.{payload}.{signature}")));
}

#[test]
fn only_hs256_is_taken_whatever_the_header_says() {
    let rsa = EncodingKey::from_rsa_der(FOREIGN_RSA_KEY);
    let token = encode(&Header::new(Algorithm::RS256), &claims(), &rsa).expect("claims are signed");
    assert!(is_refused(&token));
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert!(is_refused(&signed(&Header::new(algorithm), &claims())));
    }
}

#[test]
fn a_header_with_anything_more_is_refused_though_it_is_signed() {
    let header = Header {
        kid: Some("../../dev/null".to_owned()),
        ..Header::default()
    };
    assert!(is_refused(&signed(&header, &claims())));
    let header = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..Header::default()
    };
    assert!(is_refused(&signed(&header, &claims())));
}

#[test]
fn issuer_audience_and_every_claim_are_required() {
    assert!(is_refused(&with("iss", json!("somebody else"))));
    assert!(is_refused(&with("aud", json!("somewhere else"))));
    assert!(is_refused(&with("exp", json!("tomorrow"))));
    assert!(is_refused(&with("sub", json!("user_1"))));
    for name in ["iss", "aud", "iat", "nbf", "exp", "sub", "org", "gen", "jti"] {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").remove(name);
        assert!(is_refused(&signed(&Header::default(), &claims)), "{name}");
    }
}

#[test]
fn a_token_stands_from_nbf_to_exp_by_the_hubs_own_clock() {
    let tokens = Tokens::new(SECRET);
    let at = |offset: i64| tokens.verify(&token(), Timestamp::from_millis(NOW.as_millis() + offset));
    assert!(at(3_599_999).is_ok());
    assert!(at(3_600_000).is_err());
    assert!(at(-5_000).is_ok());
    assert!(at(-5_001).is_err());
    assert!(is_refused(&with("exp", json!(NOW.as_seconds()))));
    assert!(is_refused(&with("nbf", json!(NOW.as_seconds() + 6))));
}
