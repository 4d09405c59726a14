//! `[whatsapp]`: Meta's cloud API.

use serde::Deserialize;

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
    /// Confirms the webhook's subscription.
    #[serde(deserialize_with = "secret")]
    pub verify_token: Option<Secret>,
}
