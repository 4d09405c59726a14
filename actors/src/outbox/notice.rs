//! Carrying a notice to a webhook subscription, and what its answer means for the notice and for the subscription.
//!
//! Invariant: what an attempt has shown of a notice is recorded in the commit that ends or moves its errand.

use std::time::Duration;

use serde::Serialize;
use switchboard_domain::id::{DeliveryId, OrganizationId, WebhookId};
use switchboard_domain::outbox::{Errand, Lane, Next, Outcome, Subject};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::ports::poster::{Answered, Post, PostError};
use switchboard_domain::webhook::{
    Delivery, DeliveryState, Health, KEPT_DELIVERED, KEPT_FAILED, Webhook, WebhookEvent,
};

use super::lane::{Seen, attempt};
use super::{record, signature};
use crate::error::HubError;
use crate::links::Links;
use crate::records::{Stored, errands, notices, webhooks};
use crate::subscriptions::Cause;

/// Attempts to be quicker than somebody else who writes into the same subscription.
const TRIES: usize = 5;
/// What staff read of a subscription that is switched off.
const SWITCHED_OFF: &str = "the webhook is switched off";

/// What an attempt has shown.
struct Attempt {
    outcome: Outcome,
    status: Option<u16>,
    /// Of the subscription; none when nothing was asked.
    health: Option<Health>,
}

/// Sends a notice.
pub(super) async fn send(
    links: &Links,
    errand: &Stored<Errand>,
    webhook: WebhookId,
    notice: DeliveryId,
) -> Result<Seen, HubError> {
    let organization = errand.record.organization;
    let records = links.services.records();
    let Some(notice) = records.find_delivery(organization, webhook, notice)? else {
        record::forget(links, &errand.record).await?;
        return Ok(Seen::Nothing);
    };
    let Some(subscription) = records.find_webhook(organization, webhook)? else {
        forget(links, errand, &notice).await?;
        return Ok(Seen::Nothing);
    };
    let tried = if subscription.record.is_active {
        tell(links, &subscription.record, &notice.record).await
    } else {
        Attempt::refused(SWITCHED_OFF.to_owned())
    };
    let seen = match tried.health {
        Some(Health::Good) => Seen::There,
        Some(Health::Bad(_) | Health::Gone) => Seen::Away,
        None => Seen::Nothing,
    };
    let next = errand
        .record
        .after(tried.outcome.clone(), links.services.now(), record::draw(links));
    note(links, errand, next, Some((&tried, notice))).await?;
    if let Some(health) = tried.health {
        note_health(links, organization, webhook, &health).await?;
    }
    Ok(seen)
}

async fn tell(links: &Links, webhook: &Webhook, notice: &Delivery) -> Attempt {
    let Some(poster) = &links.services.ports.channels.poster else {
        return Attempt::refused("this hub sends no notices".to_owned());
    };
    let post = Post {
        url: webhook.url.clone(),
        headers: signature::headers(webhook, notice, links.services.now()),
        body: notice.payload.clone(),
    };
    match attempt(poster.post(post)).await {
        Some(Ok(answer)) => Attempt::answered(answer),
        Some(Err(PostError::Refused(reason))) => Attempt::refused(reason),
        Some(Err(PostError::Failed(reason))) => Attempt::failed(reason, None, None),
        None => Attempt::failed("no answer came in time".to_owned(), None, None),
    }
}

impl Attempt {
    fn answered(answer: Answered) -> Self {
        let status = answer.status;
        let reason = format!("the endpoint answered {status}");
        match status {
            200..=299 => Self {
                outcome: Outcome::Done,
                status: Some(status),
                health: Some(Health::Good),
            },
            410 => Self {
                outcome: Outcome::Refused(reason),
                status: Some(status),
                health: Some(Health::Gone),
            },
            _ => Self::failed(reason, Some(status), answer.retry_after),
        }
    }

    fn failed(reason: String, status: Option<u16>, after: Option<Duration>) -> Self {
        Self {
            outcome: Outcome::Later(reason.clone(), after),
            status,
            health: Some(Health::Bad(reason)),
        }
    }

    const fn refused(reason: String) -> Self {
        Self {
            outcome: Outcome::Refused(reason),
            status: None,
            health: None,
        }
    }

    fn failure(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Later(reason, _) | Outcome::Refused(reason) | Outcome::Uncertain(reason) => {
                Some(reason.clone())
            }
            Outcome::Done | Outcome::NotYet(_) | Outcome::Held(_) => None,
        }
    }
}

/// What becomes of a notice whose attempt was never heard of again.
pub(super) async fn next(links: &Links, errand: &Stored<Errand>, next: Next) -> Result<(), HubError> {
    note(links, errand, next, None).await
}

async fn note(
    links: &Links,
    errand: &Stored<Errand>,
    next: Next,
    tried: Option<(&Attempt, Stored<Delivery>)>,
) -> Result<(), HubError> {
    let Subject::Notice(webhook, id) = errand.record.subject else {
        return Ok(());
    };
    let records = links.services.records();
    let organization = errand.record.organization;
    let (tried, old) = match tried {
        Some((tried, old)) => (Some(tried), Some(old)),
        None => (None, records.find_delivery(organization, webhook, id)?),
    };
    let Some(old) = old else {
        return record::forget(links, &errand.record).await;
    };
    let mut after = old.record.clone();
    after.attempts += u32::from(tried.is_none_or(|tried| tried.health.is_some()));
    after.failure = tried.map_or_else(
        || Some("nobody knows what came of it".to_owned()),
        Attempt::failure,
    );
    after.status_code = tried.and_then(|tried| tried.status);
    let (now, mut batch) = (links.services.now(), Batch::new());
    match next {
        Next::Settled => {
            (after.state, after.ends) = (DeliveryState::Delivered, Some(now.after(KEPT_DELIVERED)));
            errands::remove(&mut batch, &errand.record);
        }
        Next::Waits(waits) => drop(errands::update(&mut batch, errand, &waits)?),
        Next::Failed(reason) => {
            (after.state, after.ends) = (DeliveryState::Failed, Some(now.after(KEPT_FAILED)));
            after.failure = Some(reason);
            errands::remove(&mut batch, &errand.record);
        }
    }
    notices::update(&mut batch, organization, &old, &after)?;
    Ok(records.commit(batch).await?)
}

/// Its subscription was removed: nothing is owed, and nothing is kept.
async fn forget(links: &Links, errand: &Stored<Errand>, notice: &Stored<Delivery>) -> Result<(), HubError> {
    let mut batch = Batch::new();
    errands::remove(&mut batch, &errand.record);
    notices::remove(&mut batch, errand.record.organization, notice);
    Ok(links.services.records().commit(batch).await?)
}

/// What `error.occurred` tells of a subscription that was switched off.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SwitchedOff {
    error: &'static str,
    webhook_id: String,
    url: String,
    reason: String,
}

/// What `error.occurred` tells of a channel whose provider refuses the account.
#[derive(Serialize)]
struct Stopped {
    error: &'static str,
    channel: String,
    reason: &'static str,
}

/// The organization is told that a channel stands still until somebody mends its account.
pub(super) async fn tell_of_stop(links: &Links, organization: OrganizationId, lane: Lane) {
    let mut batch = Batch::new();
    let owed = links
        .services
        .subscriptions
        .owe(&mut batch, error_occurred(links, organization), || Stopped {
            error: "channel_stopped",
            channel: format!("{lane:?}").to_ascii_uppercase(),
            reason: "the provider takes nothing of this account until it is mended",
        });
    let done = match owed {
        Ok(lanes) if lanes.is_empty() => return,
        Ok(lanes) => links.services.records().commit(batch).await.map(|()| lanes),
        Err(error) => Err(error),
    };
    match done {
        Ok(lanes) => links.services.subscriptions.announce(lanes),
        Err(error) => tracing::warn!(%error, "nobody could be told that a channel has stopped"),
    }
}

/// Notes whether the endpoint takes notices; one that does not for too long is switched off, and the others are told.
async fn note_health(
    links: &Links,
    organization: OrganizationId,
    webhook: WebhookId,
    health: &Health,
) -> Result<(), HubError> {
    let services = &links.services;
    for _ in 0..TRIES {
        let Some(old) = services.records().find_webhook(organization, webhook)? else {
            return Ok(());
        };
        let Some(next) = old.record.seen(health, services.now()) else {
            return Ok(());
        };
        let mut batch = Batch::new();
        webhooks::update(&mut batch, &old, &next)?;
        let lanes = if old.record.is_active && !next.is_active {
            owe_switched_off(links, &mut batch, &next)?
        } else {
            Vec::new()
        };
        match services.records().commit(batch).await {
            Ok(()) => {
                services.subscriptions.forget(organization);
                services.subscriptions.announce(lanes);
                return Ok(());
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn owe_switched_off(links: &Links, batch: &mut Batch, webhook: &Webhook) -> Result<Vec<Lane>, StoreError> {
    tracing::warn!(webhook = %webhook.id, reason = webhook.stopped_because, "a webhook was switched off");
    let cause = error_occurred(links, webhook.organization);
    let data = || SwitchedOff {
        error: "webhook_disabled",
        webhook_id: webhook.id.to_string(),
        url: webhook.url.clone(),
        reason: webhook.stopped_because.clone().unwrap_or_default(),
    };
    let subscriptions = &links.services.subscriptions;
    subscriptions.owe_others(batch, cause, webhook.id, data)
}

fn error_occurred(links: &Links, organization: OrganizationId) -> Cause {
    Cause {
        organization,
        event: WebhookEvent::ErrorOccurred,
        at: links.services.now(),
        customer: None,
    }
}
