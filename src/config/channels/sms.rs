//! `[sms]`: Exotel's API.

use serde::Deserialize;

use crate::config::values::{Secret, secret};

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Whether the channel is on.
    pub enabled: bool,
    /// Where the service is.
    pub base_url: String,
    /// Account at the service.
    pub account_sid: String,
    /// Key for the service.
    #[serde(deserialize_with = "secret")]
    pub api_key: Option<Secret>,
    /// Token for the service.
    #[serde(deserialize_with = "secret")]
    pub api_token: Option<Secret>,
    /// What customers see as the sender.
    pub sender: String,
}
