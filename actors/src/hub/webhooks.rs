//! Webhook subscriptions: made, changed and removed by admins, each with a secret that is told once.
//!
//! Called by the API families. Notices are owed by [`crate::subscriptions`], sent by the outbox and listed by
//! [`super::notices`]. Invariant: the secret leaves the hub when it is made and never again, but in signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use switchboard_domain::id::WebhookId;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::Scope;
use switchboard_domain::webhook::{MAX_WEBHOOKS, Webhook, WebhookEvent, is_endpoint};

use super::{Hub, admin_only};
use crate::error::HubError;
use crate::records::{Stored, notices, webhooks};

/// Random bytes of a secret (Standard Webhooks: 24 to 64).
const SECRET_BYTES: usize = 32;
/// Notices removed in one commit.
const PIECE: usize = 500;
/// Times in all that the outbox may be quicker.
const TRIES: usize = 50;

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
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            stopped_because: None,
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
        let webhook = self.applied(whole, &blank)?;
        if self.list_webhooks(scope)?.len() >= MAX_WEBHOOKS {
            return Err(HubError::Conflict(format!(
                "there are {MAX_WEBHOOKS} webhooks already"
            )));
        }
        let mut batch = Batch::new();
        webhooks::insert(&mut batch, &webhook)?;
        self.services.records().commit(batch).await?;
        self.services.subscriptions.forget(scope.organization);
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
        let next = self.applied(change, &old.record)?;
        self.replace_webhook(&old, next).await
    }

    /// Gives a subscription a new secret; notices are signed with the old one, too, for another day. Admins alone.
    pub async fn rotate_webhook_secret(&self, scope: &Scope, id: WebhookId) -> Result<Webhook, HubError> {
        let old = self.stored_webhook(scope, id)?;
        let next = old.record.with_secret(self.new_secret(), self.services.now());
        self.replace_webhook(&old, next).await
    }

    /// Removes a subscription with its notices. Admins alone.
    pub async fn delete_webhook(&self, scope: &Scope, id: WebhookId) -> Result<(), HubError> {
        let old = self.stored_webhook(scope, id)?;
        let records = self.services.records();
        let mut batch = Batch::new();
        webhooks::delete(&mut batch, &old);
        records.commit(batch).await?;
        self.services.subscriptions.forget(scope.organization);
        self.remove_deliveries(scope, id).await
    }

    /// In pieces; what a crash leaves is found by its errand or by when it ends.
    async fn remove_deliveries(&self, scope: &Scope, id: WebhookId) -> Result<(), HubError> {
        let (records, mut conflicts) = (self.services.records(), 0);
        loop {
            let mut piece = records.piece_of_deliveries(scope.organization, id, PIECE)?;
            let is_last = piece.is_empty();
            if is_last {
                notices::forget_count(&mut piece, scope.organization, id);
            }
            match records.commit(piece).await {
                Ok(()) if is_last => return Ok(()),
                Ok(()) => {}
                // The outbox is at one of them.
                Err(StoreError::Conflict { .. }) if conflicts < TRIES => conflicts += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn replace_webhook(&self, old: &Stored<Webhook>, next: Webhook) -> Result<Webhook, HubError> {
        let next = Webhook {
            updated_at: self.services.now(),
            ..next
        };
        let mut batch = Batch::new();
        webhooks::update(&mut batch, old, &next)?;
        self.services.records().commit(batch).await?;
        self.services.subscriptions.forget(next.organization);
        Ok(next)
    }

    pub(super) fn stored_webhook(&self, scope: &Scope, id: WebhookId) -> Result<Stored<Webhook>, HubError> {
        admin_only(scope)?;
        let found = self.services.records().find_webhook(scope.organization, id)?;
        found.ok_or(HubError::NotFound("webhook"))
    }

    /// What a subscription becomes; one that is switched on again starts without its past failures.
    fn applied(&self, change: WebhookChange, webhook: &Webhook) -> Result<Webhook, HubError> {
        let mut next = webhook.clone();
        if let Some(url) = change.url {
            self.check_endpoint(&url)?;
            next.url = url;
        }
        if let Some(names) = change.events {
            next.events = events(&names)?;
        }
        if change.is_active == Some(true) {
            (next.failing_since, next.stopped_because) = (None, None);
        }
        next.is_active = change.is_active.unwrap_or(next.is_active);
        Ok(next)
    }

    fn check_endpoint(&self, url: &str) -> Result<(), HubError> {
        if !is_endpoint(url) {
            let expected = "must be an http or https URL of at most 2048 bytes without credentials in it";
            return Err(HubError::invalid("url", expected));
        }
        let poster = self.services.ports.channels.poster.as_ref();
        let checked = poster.map_or(Ok(()), |poster| poster.check(url));
        checked.map_err(|expected| HubError::invalid("url", expected))
    }

    fn new_secret(&self) -> String {
        let mut bytes = [0_u8; SECRET_BYTES];
        self.services.ports.random.fill(&mut bytes);
        format!("whsec_{}", STANDARD.encode(bytes))
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
