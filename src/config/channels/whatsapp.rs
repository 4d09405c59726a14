//! `[whatsapp]`: Meta's cloud API.

use serde::Deserialize;

use super::{is_address, required, required_secret};
use crate::config::error::{Invalid, require};
use crate::config::values::{Secret, secret};

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatsApp {
    /// Whether the channel is on.
    pub enabled: bool,
    /// Where the Graph API is.
    pub graph_base_url: String,
    /// Which version of it.
    pub graph_version: String,
    /// Id of the business phone number.
    pub phone_number_id: String,
    /// Token for the Graph API.
    #[serde(deserialize_with = "secret")]
    pub access_token: Option<Secret>,
    /// Signs incoming webhooks.
    #[serde(deserialize_with = "secret")]
    pub app_secret: Option<Secret>,
    /// Signed incoming webhooks before, and still may.
    #[serde(deserialize_with = "secret")]
    pub previous_app_secret: Option<Secret>,
    /// Confirms the webhook's subscription.
    #[serde(deserialize_with = "secret")]
    pub verify_token: Option<Secret>,
    /// Where files of customers may be fetched with the token, besides the Graph API.
    pub media_hosts: Vec<String>,
}

impl WhatsApp {
    pub(in crate::config) fn validate(&self) -> Result<(), Invalid> {
        let plain_hosts = self.media_hosts.iter().all(|host| is_host(host));
        require(
            plain_hosts,
            "media_hosts",
            "names of hosts, such as \"lookaside.fbsbx.com\", without scheme, port or path",
        )?;
        if !self.enabled {
            return Ok(());
        }
        require(
            is_address(&self.graph_base_url),
            "graph_base_url",
            "an address such as \"https://graph.facebook.com\"",
        )?;
        required(&self.graph_version, "graph_version")?;
        required(&self.phone_number_id, "phone_number_id")?;
        required_secret(self.access_token.as_ref(), "access_token")?;
        required_secret(self.app_secret.as_ref(), "app_secret")?;
        required_secret(self.verify_token.as_ref(), "verify_token")
    }
}

fn is_host(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    !text.is_empty() && text.chars().all(fits)
}
