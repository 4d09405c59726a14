//! Tokens of external issuers: JWTs signed with RS256 or ES256, checked against the keys the issuer publishes.
//!
//! Asked by [`Credentials`](super::Credentials) before the hub's own tokens. Invariant: a token chooses among the
//! configured issuers (`iss`) and their keys (`kid`, exactly), and nothing else: the algorithm is the key's, so neither
//! "none" nor a public key taken for a secret gets through.

mod keys;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use switchboard_domain::account::Role;
use switchboard_domain::id::TokenId;
use switchboard_domain::ports::keys::KeyDocuments;
use switchboard_domain::time::Timestamp;
use tokio::sync::Mutex;

use self::keys::{Key, Keys};
use crate::settings::Issuer;

/// Longer than a token an issuer makes, bytes.
const MAX_TOKEN_BYTES: usize = 8192;
const MAX_SUBJECT_BYTES: usize = 255;
/// How far apart the issuer's clock and this one may be.
const LEEWAY: Duration = Duration::from_secs(5);
/// Between two fetches because of a key that is not known.
pub const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(60);
/// Keys are fetched again after this long in any case.
const KEYS_STAND: Duration = Duration::from_secs(3600);

/// The configured issuers.
#[derive(Debug, Default)]
pub struct Issuers {
    known: Vec<Arc<KnownIssuer>>,
    token_ttl: Duration,
}

/// One of them, with its keys as they were fetched last.
#[derive(Debug)]
pub struct KnownIssuer {
    settings: Issuer,
    keys: ArcSwap<Keys>,
    fetched: Mutex<Option<Timestamp>>,
}

/// What a token is found to be.
#[derive(Debug)]
pub enum Finding {
    /// No token of a configured issuer.
    Foreign,
    /// One that does not stand.
    Refused,
    /// One signed with a key that is not among those fetched last.
    UnknownKey(Arc<KnownIssuer>),
    /// One that stands.
    Subject(Box<Subject>),
}

/// Whom a token that stands speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// A hash of issuer and subject, by which the account is found.
    pub identity: [u8; 32],
    /// What the issuer calls it.
    pub name: String,
    /// Its email, unless the issuer says that it is not verified.
    pub email: Option<String>,
    /// The role of staff that a trusted issuer gives it.
    pub role: Option<Role>,
    /// When the token ends.
    pub expires: Timestamp,
    /// Names the token, so that it can be logged out.
    pub token: TokenId,
}

#[derive(Deserialize)]
struct Named {
    iss: String,
}

impl Issuers {
    /// These issuers, their keys not fetched yet; `token_ttl` is that of the hub's own tokens.
    pub fn new(issuers: &[Issuer], token_ttl: Duration) -> Self {
        let known = |settings: &Issuer| {
            Arc::new(KnownIssuer {
                settings: settings.clone(),
                keys: ArcSwap::default(),
                fetched: Mutex::default(),
            })
        };
        Self {
            known: issuers.iter().map(known).collect(),
            token_ttl,
        }
    }

    /// All of them.
    pub fn list(&self) -> &[Arc<KnownIssuer>] {
        &self.known
    }

    /// What this token is found to be.
    pub fn read(&self, token: &str, now: Timestamp) -> Finding {
        if self.known.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Finding::Foreign;
        }
        let named = insecure_decode_claims::<Named>(token).ok();
        let issuer =
            named.and_then(|named| self.known.iter().find(|known| known.settings.issuer == named.iss));
        let Some(issuer) = issuer else {
            return Finding::Foreign;
        };
        let kid = decode_header(token)
            .ok()
            .filter(|header| header.crit.is_none())
            .and_then(|header| header.kid);
        let Some(kid) = kid else {
            return Finding::Refused;
        };
        let keys = issuer.keys.load();
        let Some(key) = keys.find(&kid) else {
            return Finding::UnknownKey(Arc::clone(issuer));
        };
        let subject = self.subject(&issuer.settings, key, token, now);
        subject.map_or(Finding::Refused, |subject| Finding::Subject(Box::new(subject)))
    }

    fn subject(&self, issuer: &Issuer, key: &Key, token: &str, now: Timestamp) -> Option<Subject> {
        let claims = decode::<Map<String, Value>>(token, &key.decoding, &validation(issuer, key)).ok()?;
        let claims = claims.claims;
        let expires = time(&claims, "exp").ok()??;
        let begun = |name| Some(time(&claims, name).ok()?.is_none_or(|at| at <= now.after(LEEWAY)));
        if expires.after(LEEWAY) <= now || !begun("nbf")? || !begun("iat")? {
            return None;
        }
        let name = text(&claims, "sub").filter(|sub| (1..=MAX_SUBJECT_BYTES).contains(&sub.len()))?;
        let is_unverified = claims.get("email_verified") == Some(&Value::Bool(false));
        let role = issuer.trust_roles.then(|| role(&claims)).flatten();
        Some(Subject {
            identity: identity(&issuer.issuer, name),
            name: name.to_owned(),
            email: text(&claims, "email")
                .filter(|_| !is_unverified)
                .map(str::to_owned),
            role,
            expires,
            token: token_id(token, expires, self.token_ttl),
        })
    }
}

impl KnownIssuer {
    /// Fetches the keys when the last try is at least `pause` ago; one that is under way is waited for.
    pub async fn refresh(&self, documents: &dyn KeyDocuments, now: Timestamp, pause: Duration) {
        let mut fetched = self.fetched.lock().await;
        if fetched.is_some_and(|at| now.since(at) < pause) {
            return;
        }
        *fetched = Some(now);
        let issuer = &self.settings.issuer;
        let document = documents.fetch(&self.settings.jwks_url).await;
        match document
            .map_err(|error| error.to_string())
            .and_then(|bytes| Keys::parse(&bytes))
        {
            Ok(keys) => self.keys.store(Arc::new(keys)),
            Err(error) => tracing::warn!(issuer, error, "the issuer's keys could not be fetched"),
        }
    }

    /// Fetches the keys when they are old, or when there are none.
    pub async fn keep_fresh(&self, documents: &dyn KeyDocuments, now: Timestamp) {
        let pause = if self.keys.load().is_empty() {
            UNKNOWN_KEY_PAUSE / 2
        } else {
            KEYS_STAND
        };
        self.refresh(documents, now, pause).await;
    }
}

/// The library reads the system's clock, so times are compared by [`Issuers::subject`].
fn validation(issuer: &Issuer, key: &Key) -> Validation {
    let mut validation = Validation::new(key.algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[&issuer.issuer]);
    validation.set_audience(&[&issuer.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

/// A claim that is no number of seconds.
struct NoTime;

/// A claim that is a time, if it is there.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, NoTime> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let millis = value.as_i64().and_then(|seconds| seconds.checked_mul(1000));
    Ok(Some(Timestamp::from_millis(millis.ok_or(NoTime)?)))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// The role of staff that the claims name, where issuers put it.
fn role(claims: &Map<String, Value>) -> Option<Role> {
    let within = |name: &str| claims.get(name)?.get("role");
    let named = within("metadata")
        .or_else(|| within("public_metadata"))
        .or_else(|| claims.get("role"));
    Role::from_name(named?.as_str()?).filter(|role| role.is_staff())
}

fn identity(issuer: &str, subject: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(issuer);
    hash.update(subject);
    hash.finalize().into()
}

/// An id like those of the hub's own tokens: its time and their time to live make its end, which logging out relies on.
fn token_id(token: &str, expires: Timestamp, ttl: Duration) -> TokenId {
    let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
    let made = u64::try_from(expires.as_millis().saturating_sub(ttl)).unwrap_or(0);
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let mut bytes = [0; 16];
    for (place, byte) in bytes
        .iter_mut()
        .zip(made.to_be_bytes().into_iter().skip(2).chain(hash))
    {
        *place = byte;
    }
    TokenId::from_bytes(bytes)
}

#[cfg(test)]
mod tests;
