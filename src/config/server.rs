//! `[server]`: where the hub listens and what one client may take of it.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::error::{Invalid, require};
use super::values::{optional, seconds};
use crate::http::body::BodyLimits;
use crate::http::peer::TrustedProxies;
use crate::http::serve::ServeSettings;

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Addresses to listen on.
    #[serde(deserialize_with = "addresses")]
    pub listen: Vec<SocketAddr>,
    /// Where the hub is found from outside; links and callbacks that lead to it begin with it.
    #[serde(deserialize_with = "optional")]
    pub public_url: Option<String>,
    /// Origins of web pages that may call; `"*"` means all.
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "proxies")]
    pub trusted_proxies: TrustedProxies,
    /// Open connections of the process.
    pub max_connections: usize,
    /// Open connections of one client address.
    pub max_connections_per_address: usize,
    /// Bytes of a request's body.
    pub max_body_bytes: usize,
    /// Bytes of a recording.
    pub max_recording_bytes: usize,
    /// Bytes of a message's files together.
    pub max_files_bytes: usize,
    /// Time a request's body may take.
    #[serde(rename = "body_timeout_seconds", deserialize_with = "seconds")]
    pub body_timeout: Duration,
    /// Bytes of a request's head.
    pub max_header_bytes: usize,
    /// Time a request's head may take.
    #[serde(rename = "header_timeout_seconds", deserialize_with = "seconds")]
    pub header_timeout: Duration,
    /// Time that what was begun has to finish.
    #[serde(rename = "drain_seconds", deserialize_with = "seconds")]
    pub drain: Duration,
}

impl Server {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        require(
            !self.listen.is_empty(),
            "listen",
            "at least one address, such as \"127.0.0.1:8000\"",
        )?;
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        require(
            self.public_url.as_ref().is_none_or(is_web),
            "public_url",
            "an http or https URL such as \"https://hub.example.com\", or \"\"",
        )?;
        require(
            self.max_connections > 0,
            "max_connections",
            "a whole number above zero",
        )?;
        require(
            self.max_connections_per_address > 0,
            "max_connections_per_address",
            "a whole number above zero",
        )?;
        require(self.max_body_bytes >= 1024, "max_body_bytes", "at least 1024")?;
        require(
            self.max_recording_bytes >= 1024,
            "max_recording_bytes",
            "at least 1024",
        )?;
        require(self.max_files_bytes >= 1024, "max_files_bytes", "at least 1024")?;
        require(self.max_header_bytes >= 8192, "max_header_bytes", "at least 8192")?;
        require(
            !self.body_timeout.is_zero(),
            "body_timeout_seconds",
            "a whole number above zero",
        )?;
        require(
            !self.header_timeout.is_zero(),
            "header_timeout_seconds",
            "a whole number above zero",
        )?;
        let origins_fit = self
            .cors_origins
            .iter()
            .all(|origin| origin == "*" || is_origin(origin));
        require(
            origins_fit,
            "cors_origins",
            "origins such as \"https://shop.example\", without a path, or \"*\"",
        )
    }

    /// What the accept loop keeps to.
    pub fn serve_settings(&self) -> ServeSettings {
        ServeSettings {
            max_connections: self.max_connections,
            max_connections_per_address: self.max_connections_per_address,
            trusted_proxies: self.trusted_proxies.clone(),
            header_timeout: self.header_timeout,
            max_header_bytes: self.max_header_bytes,
            drain: self.drain,
        }
    }

    /// What reading a body keeps to.
    pub fn body_limits(&self) -> BodyLimits {
        BodyLimits {
            max_bytes: self.max_body_bytes,
            timeout: self.body_timeout,
        }
    }
}

/// Whether this is scheme and authority and nothing more.
fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, host)| {
        !scheme.is_empty()
            && !host.trim_end_matches('/').is_empty()
            && !host.trim_end_matches('/').contains('/')
    })
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parsed: Result<_, _> = texts.iter().map(|text| text.parse()).collect();
    parsed.map_err(|_| de::Error::custom("a list of IP addresses with ports, such as [\"127.0.0.1:8000\"]"))
}

fn proxies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TrustedProxies, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    TrustedProxies::parse(&texts)
        .map_err(|_| de::Error::custom("a list of IP addresses or networks, such as [\"10.0.0.0/8\"]"))
}
