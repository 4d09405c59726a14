//! Subscriptions of an organization's own systems to what happens here, and what became of each notice to them.
//!
//! Called by the core. Invariant: a subscription's URL is one that a request can be sent to, without credentials in it;
//! whether its address may be reached from here is decided when a notice is sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, OrganizationId, WebhookId};
use crate::time::Timestamp;

/// Longest URL, bytes.
pub const MAX_URL_BYTES: usize = 2_048;
/// Most subscriptions of an organization.
pub const MAX_WEBHOOKS: usize = 50;

/// What can be subscribed to. Stored by its place in this list: only add at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WebhookEvent {
    /// A conversation's first message.
    ConversationStarted,
    /// An agent is wanted or has taken over.
    ConversationHandover,
    /// A conversation was closed.
    ConversationEnded,
    /// A customer wrote.
    MessageReceived,
    /// A message went out to a customer.
    MessageSent,
    /// It arrived.
    MessageDelivered,
    /// It was seen.
    MessageRead,
    /// It will not arrive.
    MessageFailed,
    /// A share of the month's budget is used.
    CostThreshold,
    /// A campaign has reached its last recipient.
    CampaignCompleted,
    /// Something went wrong that the organization has to know of.
    ErrorOccurred,
}

impl WebhookEvent {
    /// All of them, in a fixed order.
    pub const ALL: [Self; 11] = [
        Self::ConversationStarted,
        Self::ConversationHandover,
        Self::ConversationEnded,
        Self::MessageReceived,
        Self::MessageSent,
        Self::MessageDelivered,
        Self::MessageRead,
        Self::MessageFailed,
        Self::CostThreshold,
        Self::CampaignCompleted,
        Self::ErrorOccurred,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConversationStarted => "conversation.started",
            Self::ConversationHandover => "conversation.handover",
            Self::ConversationEnded => "conversation.ended",
            Self::MessageReceived => "message.received",
            Self::MessageSent => "message.sent",
            Self::MessageDelivered => "message.delivered",
            Self::MessageRead => "message.read",
            Self::MessageFailed => "message.failed",
            Self::CostThreshold => "cost.threshold",
            Self::CampaignCompleted => "campaign.completed",
            Self::ErrorOccurred => "error.occurred",
        }
    }

    /// The event of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// One subscription. Not printable: it holds the secret that notices are signed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where notices go.
    pub url: String,
    /// What is told, each once.
    pub events: Vec<WebhookEvent>,
    /// Nothing is told while it is not.
    pub is_active: bool,
    /// What notices are signed with: `whsec_` and Base64.
    pub secret: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// How far a notice has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// To be sent, at this moment or when it is due again.
    Pending,
    /// Taken by the endpoint.
    Delivered,
    /// Given up.
    Failed,
}

impl DeliveryState {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }
}

/// One notice to one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, the same in every attempt.
    pub id: DeliveryId,
    /// To which subscription.
    pub webhook: WebhookId,
    /// What it tells.
    pub event: WebhookEvent,
    /// The body that is sent, byte for byte.
    pub payload: String,
    /// When it happened.
    pub at: Timestamp,
    /// How far it has got.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The endpoint's last answer.
    pub status_code: Option<u16>,
    /// Why the last attempt failed, in words.
    pub failure: Option<String>,
}

/// Whether a notice can be sent to this URL: `http` or `https`, a host, no credentials and no blanks.
pub fn is_endpoint(url: &str) -> bool {
    if url.len() > MAX_URL_BYTES || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = split_port(authority);
    let is_web = ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    is_web && is_host(host) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// A name of letters, digits, dots and hyphens, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'))
    {
        return address.parse::<core::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_a_host_and_no_credentials() {
        for url in [
            "https://example.com",
            "http://127.0.0.1:9000/hook?a=b",
            "HTTPS://hooks.example.com/a/b#c",
            "http://[::1]:80/x",
            "http://[::1]/x",
        ] {
            assert!(is_endpoint(url), "{url}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://user:secret@example.com/",
            "https://user@example.com/",
            "https://exa mple.com/",
            "https://example.com/a\nb",
            "https://example.com:0/",
            "https://example.com:port/",
            "https://example..com/",
            "http://[nonsense]/",
            &long,
        ] {
            assert!(!is_endpoint(url), "{url}");
        }
    }

    #[test]
    fn every_event_reads_back_from_its_name() {
        for event in WebhookEvent::ALL {
            assert_eq!(WebhookEvent::from_name(event.as_str()), Some(event));
        }
        assert_eq!(WebhookEvent::from_name("message"), None);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let webhook = Webhook {
            id: WebhookId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([2; 16]),
            url: "https://example.com".to_owned(),
            events: Vec::new(),
            is_active: true,
            secret: "whsec_hidden".to_owned(),
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        };
        assert!(!format!("{webhook:?}").contains("hidden"));
    }
}
