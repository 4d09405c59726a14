//! Subscriptions of an organization's own systems to what happens here, and what became of each notice to them.
//!
//! Called by the core. Invariant: a subscription's URL is one that a request can be sent to, without credentials in it;
//! whether its address may be reached from here is decided when a notice is sent.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{CustomerId, DeliveryId, OrganizationId, WebhookId};
use crate::time::Timestamp;

/// Longest URL, bytes.
pub const MAX_URL_BYTES: usize = 2_048;
/// Most subscriptions of an organization.
pub const MAX_WEBHOOKS: usize = 50;
/// How long a subscription may go without any success after a failure before it is switched off.
pub const FORBEARANCE: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// How long notices are signed with a replaced secret, too.
pub const OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a notice that was taken is kept.
pub const KEPT_DELIVERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a notice that was given up is kept.
pub const KEPT_FAILED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
    /// The secret before this one.
    pub old_secret: Option<String>,
    /// Until when notices are signed with the one before, too.
    pub old_secret_until: Option<Timestamp>,
    /// Since when no notice was taken, if the last one was not.
    pub failing_since: Option<Timestamp>,
    /// Why the hub has switched it off.
    pub stopped_because: Option<String>,
}

/// How an attempt has shown a subscription's endpoint to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It took a notice.
    Good,
    /// It did not, for this reason.
    Bad(String),
    /// It will never take one again, it says.
    Gone,
}

impl Webhook {
    /// It with what an attempt has shown; none when that changes nothing. One that has failed for too long, or is gone,
    /// is switched off.
    pub fn seen(&self, health: &Health, now: Timestamp) -> Option<Self> {
        let since = self.failing_since;
        let stopped = match health {
            Health::Good => {
                return since.is_some().then(|| Self {
                    failing_since: None,
                    ..self.clone()
                });
            }
            Health::Gone => Some("the endpoint answered 410 Gone".to_owned()),
            Health::Bad(reason) => since
                .filter(|since| now >= since.after(FORBEARANCE))
                .map(|_| format!("nothing was taken for five days; at last: {reason}")),
        };
        let next = Self {
            failing_since: since.or(Some(now)),
            is_active: self.is_active && stopped.is_none(),
            stopped_because: stopped
                .filter(|_| self.is_active)
                .or_else(|| self.stopped_because.clone()),
            ..self.clone()
        };
        (next != *self).then_some(next)
    }

    /// It with a new secret; the one before is valid for a while.
    #[must_use]
    pub fn with_secret(&self, secret: String, now: Timestamp) -> Self {
        Self {
            secret,
            old_secret: Some(self.secret.clone()),
            old_secret_until: Some(now.after(OVERLAP)),
            ..self.clone()
        }
    }

    /// The secrets that are valid, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let is_valid = self.old_secret_until.is_some_and(|until| now < until);
        let old = self.old_secret.as_deref().filter(|_| is_valid);
        [Some(self.secret.as_str()), old].into_iter().flatten()
    }
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
    /// The customer it tells of, by whom it is found when the customer is erased.
    pub customer: Option<CustomerId>,
    /// When it is removed; none while it has still to be sent.
    pub ends: Option<Timestamp>,
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

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([2; 16]),
            url: "https://example.com".to_owned(),
            events: Vec::new(),
            is_active: true,
            secret: "whsec_hidden".to_owned(),
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            stopped_because: None,
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", webhook()).contains("hidden"));
    }

    #[test]
    fn five_days_without_a_success_switch_it_off_and_one_success_starts_anew() {
        let (start, bad) = (Timestamp::default(), Health::Bad("500".to_owned()));
        assert_eq!(webhook().seen(&Health::Good, start), None);
        let failing = webhook().seen(&bad, start).unwrap();
        assert_eq!((failing.is_active, failing.failing_since), (true, Some(start)));
        let nearly = start.after(FORBEARANCE.saturating_sub(Duration::from_millis(1)));
        assert_eq!(failing.seen(&bad, nearly), None);
        let off = failing.seen(&bad, start.after(FORBEARANCE)).unwrap();
        assert!(!off.is_active && off.stopped_because.is_some());
        let well = failing.seen(&Health::Good, nearly).unwrap();
        assert_eq!(well.failing_since, None);
        assert!(!webhook().seen(&Health::Gone, start).unwrap().is_active);
    }

    #[test]
    fn a_replaced_secret_is_valid_for_a_day() {
        let start = Timestamp::default();
        let next = webhook().with_secret("whsec_new".to_owned(), start);
        let valid = |after: Duration| next.secrets(start.after(after)).collect::<Vec<_>>();
        assert_eq!(
            valid(OVERLAP.saturating_sub(Duration::from_millis(1))),
            ["whsec_new", "whsec_hidden"]
        );
        assert_eq!(valid(OVERLAP), ["whsec_new"]);
    }
}
