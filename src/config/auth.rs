//! `[auth]`: the hub's own tokens, and those of others.

use std::time::Duration;

use serde::Deserialize;

use super::error::{Invalid, require};
use super::values::{Secret, seconds, secret};

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Signs the hub's own tokens; `None`: generated and kept in the data folder.
    #[serde(deserialize_with = "secret")]
    pub token_secret: Option<Secret>,
    /// How long a token is valid.
    #[serde(rename = "token_ttl_seconds", deserialize_with = "seconds")]
    pub token_ttl: Duration,
    /// Whose tokens are taken besides.
    pub issuers: Vec<Issuer>,
}

/// An external issuer of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` its tokens carry.
    pub issuer: String,
    /// The `aud` its tokens have to carry.
    pub audience: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// Whether the role of staff in a token is given to its subject's new account.
    #[serde(default)]
    pub trust_roles: bool,
}

impl Issuer {
    fn is_complete(&self) -> bool {
        let web = ["https://", "http://"];
        !self.issuer.is_empty()
            && !self.audience.is_empty()
            && web.iter().any(|scheme| self.jwks_url.starts_with(scheme))
    }
}

impl Auth {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(
            !self.token_ttl.is_zero(),
            "token_ttl_seconds",
            "a whole number above zero",
        )?;
        let mut names: Vec<&str> = self.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
        names.sort_unstable();
        require(
            names.windows(2).all(|pair| pair.first() != pair.last()),
            "issuers",
            "each issuer once",
        )?;
        require(
            self.issuers.iter().all(Issuer::is_complete),
            "issuers",
            "an issuer, an audience, and a jwks_url that starts with https:// or http://, for each",
        )
    }
}
