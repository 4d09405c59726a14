//! Webhook subscriptions on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::webhooks::WebhookChange;
use switchboard_domain::webhook::{Delivery, Webhook, WebhookEvent};

use crate::http::wire::Time;

/// A subscription, or what is to be changed of it: what is absent or null stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct WebhookIn {
    /// Where notices go: `http` or `https`, without credentials in it. Needed for a new one.
    #[schemars(length(max = 2_048), example = &"https://example.com/hooks")]
    url: Option<String>,
    /// What is told, at least one, each once. Needed for a new one.
    #[schemars(length(min = 1, max = 11), example = ["message.received"])]
    events: Option<Vec<String>>,
    /// Whether anything is told; true for a new one.
    active: Option<bool>,
}

impl From<WebhookIn> for WebhookChange {
    fn from(webhook: WebhookIn) -> Self {
        Self {
            url: webhook.url,
            events: webhook.events,
            is_active: webhook.active,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct WebhookOut {
    id: String,
    url: String,
    events: Vec<&'static str>,
    active: bool,
    /// Since when no notice was taken, if the last one was not.
    #[schemars(with = "Option<Time>")]
    failing_since: Option<String>,
    /// Why it was switched off, when nobody did.
    disabled_reason: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

impl From<Webhook> for WebhookOut {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url,
            events: webhook.events.into_iter().map(WebhookEvent::as_str).collect(),
            active: webhook.is_active,
            failing_since: webhook.failing_since.map(|since| since.to_string()),
            disabled_reason: webhook.stopped_because,
            created_at: webhook.created_at.to_string(),
            updated_at: webhook.updated_at.to_string(),
        }
    }
}

/// A subscription with its new secret, which is told this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::omnichannel) struct SecretOut {
    #[serde(flatten)]
    webhook: WebhookOut,
    /// What notices are signed with.
    #[schemars(example = &"whsec_c2VjcmV0")]
    secret: String,
}

impl From<Webhook> for SecretOut {
    fn from(webhook: Webhook) -> Self {
        let secret = webhook.secret.clone();
        Self {
            webhook: webhook.into(),
            secret,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct DeliveryOut {
    id: String,
    event: &'static str,
    /// `PENDING`, `DELIVERED` or `FAILED`.
    status: &'static str,
    attempts: u32,
    /// The endpoint's last answer.
    status_code: Option<u16>,
    /// Why the last attempt failed.
    failure: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event: delivery.event.as_str(),
            status: delivery.state.as_str(),
            attempts: delivery.attempts,
            status_code: delivery.status_code,
            failure: delivery.failure,
            created_at: delivery.at.to_string(),
        }
    }
}
