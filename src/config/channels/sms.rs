//! `[sms]`: Exotel's API.

use serde::Deserialize;

use super::{is_address, required, required_secret};
use crate::config::error::{Invalid, require};
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
    /// Calling code of the country that numbers without one belong to.
    pub country_code: String,
}

impl Sms {
    pub(in crate::config) fn validate(&self) -> Result<(), Invalid> {
        require(
            is_calling_code(&self.country_code),
            "country_code",
            "a country's calling code, one to three digits such as \"91\"",
        )?;
        if !self.enabled {
            return Ok(());
        }
        require(
            is_address(&self.base_url),
            "base_url",
            "an address such as \"https://api.exotel.com\"",
        )?;
        required(&self.account_sid, "account_sid")?;
        required_secret(self.api_key.as_ref(), "api_key")?;
        required_secret(self.api_token.as_ref(), "api_token")?;
        required(&self.sender, "sender")
    }
}

/// ITU-T E.164: one to three digits, the first no zero.
fn is_calling_code(text: &str) -> bool {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    digits && (1..=3).contains(&text.len()) && !text.starts_with('0')
}
