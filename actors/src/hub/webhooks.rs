//! Webhook subscriptions: made, changed and removed by admins, each with a secret that is told once.
//!
//! Called by the API families. Nothing sends notices yet, so that a subscription's list of them is empty. Invariant: the
//! secret leaves the hub when it is made and never again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use switchboard_domain::id::{DeliveryId, WebhookId};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::webhook::{
    Delivery, DeliveryState, MAX_WEBHOOKS, Webhook, WebhookEvent, is_endpoint,
};

use super::{Hub, admin_only};
use crate::error::HubError;
use crate::records::{Stored, webhooks};

/// Random bytes of a secret (Standard Webhooks: 24 to 64).
const SECRET_BYTES: usize = 32;

/// What a subscription is to be; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookChange {
    /// Where notices go; needed for a new one.
    pub url: Option<String>,
    /// Names of events, at least one; needed for a new one.
    pub events: Option<Vec<String>>,
    /// Whether anything is told; a new one tells.
    pub is_active: Option<bool>,
}

impl Hub {
    /// The organization's subscriptions, oldest first. Admins alone.
    pub fn list_webhooks(&self, scope: &Scope) -> Result<Vec<Webhook>, HubError> {
        admin_only(scope)?;
        Ok(self.services.records().list_webhooks(scope.organization)?)
    }

    /// One of them. Admins alone.
    pub fn get_webhook(&self, scope: &Scope, id: WebhookId) -> Result<Webhook, HubError> {
        Ok(self.stored_webhook(scope, id)?.record)
    }

    /// A new subscription, with its secret. Admins alone.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for the field that is wrong, [`HubError::Conflict`] when there are 50 already.
    pub async fn create_webhook(&self, scope: &Scope, change: WebhookChange) -> Result<Webhook, HubError> {
        admin_only(scope)?;
        let now = self.services.now();
        let blank = Webhook {
            id: WebhookId::generate(now, self.services.ports.random.as_ref()),
            organization: scope.organization,
            url: String::new(),
            events: Vec::new(),
            is_active: true,
            secret: self.new_secret(),
            created_at: now,
            updated_at: now,
        };
        let url = change
            .url
            .ok_or_else(|| HubError::invalid("url", "is required"))?;
        let events = change.events.unwrap_or_default();
        let whole = WebhookChange {
            url: Some(url),
            events: Some(events),
            ..change
        };
        let webhook = whole.applied_to(&blank)?;
        if self.list_webhooks(scope)?.len() >= MAX_WEBHOOKS {
            return Err(HubError::Conflict(format!(
                "there are {MAX_WEBHOOKS} webhooks already"
            )));
        }
        let mut batch = Batch::new();
        webhooks::insert(&mut batch, &webhook)?;
        self.services.records().commit(batch).await?;
        Ok(webhook)
    }

    /// Changes a subscription. Admins alone.
    pub async fn update_webhook(
        &self,
        scope: &Scope,
        id: WebhookId,
        change: WebhookChange,
    ) -> Result<Webhook, HubError> {
        let old = self.stored_webhook(scope, id)?;
        let next = change.applied_to(&old.record)?;
        self.replace_webhook(&old, next).await
    }

    /// Gives a subscription a new secret; the old one is void at once. Admins alone.
    pub async fn rotate_webhook_secret(&self, scope: &Scope, id: WebhookId) -> Result<Webhook, HubError> {
        let old = self.stored_webhook(scope, id)?;
        let next = Webhook {
            secret: self.new_secret(),
            ..old.record.clone()
        };
        self.replace_webhook(&old, next).await
    }

    /// Removes a subscription with its notices. Admins alone.
    pub async fn delete_webhook(&self, scope: &Scope, id: WebhookId) -> Result<(), HubError> {
        let old = self.stored_webhook(scope, id)?;
        let records = self.services.records();
        let deliveries = records.list_deliveries(scope.organization, id, usize::MAX)?;
        let mut batch = Batch::new();
        webhooks::delete(&mut batch, &old, &deliveries);
        Ok(records.commit(batch).await?)
    }

    /// The notices to a subscription, newest first. Admins alone.
    pub fn list_deliveries(&self, scope: &Scope, id: WebhookId) -> Result<Vec<Delivery>, HubError> {
        let webhook = self.stored_webhook(scope, id)?.record;
        let records = self.services.records();
        Ok(records.list_deliveries(scope.organization, webhook.id, usize::MAX)?)
    }

    /// Puts a notice back among those to be sent. Admins alone.
    pub async fn redeliver(
        &self,
        scope: &Scope,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Delivery, HubError> {
        let webhook = self.stored_webhook(scope, id)?.record;
        let records = self.services.records();
        let found = records.find_delivery(scope.organization, webhook.id, delivery)?;
        let old = found.ok_or(HubError::NotFound("delivery"))?;
        let next = Delivery {
            state: DeliveryState::Pending,
            ..old.record.clone()
        };
        let mut batch = Batch::new();
        webhooks::update_delivery(&mut batch, scope.organization, &old, &next)?;
        records.commit(batch).await?;
        Ok(next)
    }

    async fn replace_webhook(&self, old: &Stored<Webhook>, next: Webhook) -> Result<Webhook, HubError> {
        let next = Webhook {
            updated_at: self.services.now(),
            ..next
        };
        let mut batch = Batch::new();
        webhooks::update(&mut batch, old, &next)?;
        self.services.records().commit(batch).await?;
        Ok(next)
    }

    fn stored_webhook(&self, scope: &Scope, id: WebhookId) -> Result<Stored<Webhook>, HubError> {
        admin_only(scope)?;
        let found = self.services.records().find_webhook(scope.organization, id)?;
        found.ok_or(HubError::NotFound("webhook"))
    }

    fn new_secret(&self) -> String {
        let mut bytes = [0_u8; SECRET_BYTES];
        self.services.ports.random.fill(&mut bytes);
        format!("whsec_{}", STANDARD.encode(bytes))
    }
}

impl WebhookChange {
    fn applied_to(self, webhook: &Webhook) -> Result<Webhook, HubError> {
        let mut next = webhook.clone();
        if let Some(url) = self.url {
            if !is_endpoint(&url) {
                let expected = "must be an http or https URL of at most 2048 bytes without credentials in it";
                return Err(HubError::invalid("url", expected));
            }
            next.url = url;
        }
        if let Some(names) = self.events {
            next.events = events(&names)?;
        }
        next.is_active = self.is_active.unwrap_or(next.is_active);
        Ok(next)
    }
}

fn events(names: &[String]) -> Result<Vec<WebhookEvent>, HubError> {
    let wrong = || {
        let known = WebhookEvent::ALL.map(WebhookEvent::as_str).join(", ");
        HubError::invalid("events", format!("must be one or more of {known}, each once"))
    };
    let mut events = Vec::new();
    for name in names {
        let event = WebhookEvent::from_name(name).filter(|event| !events.contains(event));
        events.push(event.ok_or_else(wrong)?);
    }
    if events.is_empty() {
        return Err(wrong());
    }
    Ok(events)
}
