//! What became of the notices to webhook subscriptions, and sending one again.
//!
//! Called by the API families. Invariant: a notice that is sent again has the same id and the same words.

use switchboard_domain::id::{DeliveryId, WebhookId};
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Subject};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::webhook::{Delivery, DeliveryState};

use super::Hub;
use crate::error::HubError;
use crate::outbox::OutboxCommand;
use crate::records::{errands, notices};

/// Most notices that are stepped over to reach a page; what lies deeper is reached by `before`.
const MAX_SKIPPED: usize = 10_000;

/// Which notices are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoticePage {
    /// Those older than this one.
    pub before: Option<DeliveryId>,
    /// So many are stepped over.
    pub skip: usize,
    /// At most.
    pub limit: usize,
}

impl Hub {
    /// Notices to a subscription, newest first, and how many are kept in all. Admins alone.
    pub fn list_deliveries(
        &self,
        scope: &Scope,
        id: WebhookId,
        page: NoticePage,
    ) -> Result<(Vec<Delivery>, u64), HubError> {
        let webhook = self.stored_webhook(scope, id)?.record;
        let records = self.services.records();
        let total = records.count_deliveries(scope.organization, webhook.id)?;
        if page.skip > MAX_SKIPPED {
            return Ok((Vec::new(), total));
        }
        let read = page.skip.saturating_add(page.limit);
        let mut found = records.list_deliveries(scope.organization, webhook.id, page.before, read)?;
        Ok((found.split_off(page.skip.min(found.len())), total))
    }

    /// Sends a notice again, whatever became of it, or at once if it waits, also while its endpoint is left alone because
    /// nothing was taken of late. Admins alone.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when the subscription is switched off.
    pub async fn redeliver(
        &self,
        scope: &Scope,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Delivery, HubError> {
        let webhook = self.stored_webhook(scope, id)?.record;
        let (records, now) = (self.services.records(), self.services.now());
        let organization = scope.organization;
        let found = records.find_delivery(organization, webhook.id, delivery)?;
        let old = found.ok_or(HubError::NotFound("delivery"))?;
        if !webhook.is_active {
            return Err(HubError::Conflict("the webhook is switched off".to_owned()));
        }
        let (lane, subject) = (Lane::Webhook(id), Subject::Notice(id, delivery));
        let anew = Errand::new(organization, lane, subject, now);
        let mut batch = Batch::new();
        match records.find_errand(organization, &subject)? {
            Some(waits) if waits.record.state == ErrandState::Waiting => {
                drop(errands::update(&mut batch, &waits, &anew)?);
            }
            // It is under way at this moment.
            Some(_) => return Ok(old.record),
            None => errands::insert(&mut batch, &anew)?,
        }
        let next = Delivery {
            state: DeliveryState::Pending,
            ends: None,
            ..old.record.clone()
        };
        notices::update(&mut batch, organization, &old, &next)?;
        records.commit(batch).await?;
        let asked = OutboxCommand::Asked(lane, organization, subject);
        self.links.outbox.notify(asked);
        Ok(next)
    }
}
