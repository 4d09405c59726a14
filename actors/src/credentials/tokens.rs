//! The hub's own tokens: JWTs (RFC 7519) signed with HS256 and one secret.
//!
//! There are two kinds, told apart by `aud`: an account's, short-lived and void as soon as the account's generation
//! moves on, and a guest's, which opens one conversation for thirty days. Invariant: the header must be exactly the one
//! written here, so neither `alg`, `kid` nor `crit` of a caller's making has any say.

use std::borrow::Cow;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, OrganizationId, TokenId};
use switchboard_domain::time::Timestamp;

use crate::error::HubError;

const ISSUER: &str = "switchboard";
const ACCOUNT_AUDIENCE: &str = "switchboard:account";
const GUEST_AUDIENCE: &str = "switchboard:guest";

/// Longer than any token made here, bytes.
const MAX_TOKEN_BYTES: usize = 2048;

/// How far a token's `nbf` may lie ahead, because clocks step. `exp` gets no leeway.
const NOT_BEFORE_LEEWAY: Duration = Duration::from_secs(5);

/// How long a guest's token opens its conversation.
pub const GUEST_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// Whom a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "aud")]
pub enum Bearer {
    /// Somebody who logged in.
    #[serde(rename = "switchboard:account")]
    Account {
        /// The account.
        sub: AccountId,
        /// Its organization.
        org: OrganizationId,
        /// Its token generation when the token was made.
        #[serde(rename = "gen")]
        generation: u32,
        /// Names the token, so that it can be revoked.
        jti: TokenId,
    },
    /// A visitor without an account.
    #[serde(rename = "switchboard:guest")]
    Guest {
        /// The one conversation it opens.
        conversation: ConversationId,
        /// The visitor's customer record.
        customer: CustomerId,
        /// Their organization.
        org: OrganizationId,
    },
}

/// A bearer whose token was checked, and when that token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whom it speaks for.
    pub bearer: Bearer,
    /// From then on it is void.
    pub expires: Timestamp,
}

/// What is signed. Times are whole seconds since the epoch.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: Cow<'static, str>,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(flatten)]
    bearer: Bearer,
}

/// Makes and checks tokens.
#[derive(Debug)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    header: Header,
    validation: Validation,
}

impl Tokens {
    /// With this HS256 secret.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            header: Header::new(Algorithm::HS256),
            validation: validation(),
        }
    }

    /// A signed token for `bearer` that stands from `now` on for `ttl`, in whole seconds.
    pub fn issue(&self, bearer: Bearer, now: Timestamp, ttl: Duration) -> Result<String, HubError> {
        let iat = now.as_seconds();
        let ttl = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iss: Cow::Borrowed(ISSUER),
            iat,
            nbf: iat,
            exp: iat.saturating_add(ttl),
            bearer,
        };
        encode(&self.header, &claims, &self.encoding).map_err(HubError::internal)
    }

    /// Whom a token speaks for; `Unauthenticated` unless signature, header, issuer, audience and times all hold.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, HubError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(HubError::Unauthenticated);
        }
        let read = decode::<Claims>(token, &self.decoding, &self.validation);
        let read = read.map_err(|_| HubError::Unauthenticated)?;
        let expires = Timestamp::from_millis(read.claims.exp.saturating_mul(1000));
        let begins = Timestamp::from_millis(read.claims.nbf.saturating_mul(1000));
        let stands = read.header == self.header && now < expires && begins <= now.after(NOT_BEFORE_LEEWAY);
        if !stands {
            return Err(HubError::Unauthenticated);
        }
        Ok(Verified {
            bearer: read.claims.bearer,
            expires,
        })
    }
}

/// The library reads the system's clock, so `exp` and `nbf` are only required by it, and compared in [`Tokens::verify`].
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ACCOUNT_AUDIENCE, GUEST_AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
    validation
}

#[cfg(test)]
mod tests;
