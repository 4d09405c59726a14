//! A campaign's ledger: what has become of each of its recipients, as staff read it.
//!
//! Written line by line in `delivery`. What is told of a recipient is what its message says, wherever there is one: it was
//! sent when the channel's provider has taken it, not when it was put into the outbox. Invariant: the sums count each line
//! as it is told, but for one that was taken and did not arrive, which is `undelivered` among those that were sent.

use switchboard_domain::campaign::{Campaign, CampaignStatus, Recipient, RecipientState};
use switchboard_domain::id::CampaignId;
use switchboard_domain::message::DeliveryStatus;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::Scope;

use super::LINES;
use super::delivery::CANCELLED;
use crate::error::HubError;
use crate::hub::conversations::Page;
use crate::hub::{Hub, staff_only};
use crate::records::campaigns;

impl Hub {
    /// A campaign's ledger, in the order it is sent. Staff and services.
    pub fn list_recipients(
        &self,
        scope: &Scope,
        id: CampaignId,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Recipient>, HubError> {
        staff_only(scope)?;
        let campaign = self.stored_campaign(scope.organization, id)?.record;
        let end = skip.saturating_add(limit);
        let lines = self
            .services
            .records()
            .list_recipients(scope.organization, id, None, end)?;
        let lines = lines.into_iter().skip(skip);
        let lines = lines.map(|line| self.with_outcome(&campaign, line));
        Ok(Page {
            items: lines.collect::<Result<_, _>>()?,
            total: campaign.targeted,
        })
    }

    /// A campaign with what has become of its messages.
    pub(super) fn with_sums(&self, campaign: Campaign) -> Result<Campaign, StoreError> {
        let records = self.services.records();
        let counted = records.count_campaign_messages(campaign.organization, campaign.id)?;
        Ok(campaign.with(counted))
    }

    /// A line whose message was handed over and did not arrive has failed, for the message's reason; so has one of a
    /// cancelled campaign that was never handed over. One whose message has still to leave waits.
    fn with_outcome(&self, campaign: &Campaign, line: Recipient) -> Result<Recipient, StoreError> {
        let is_cancelled = campaign.status == CampaignStatus::Cancelled;
        let conversation = match line.state {
            RecipientState::Sent(conversation) => Some(conversation),
            RecipientState::Addressed(conversation) if is_cancelled => Some(conversation),
            RecipientState::Planned if is_cancelled => None,
            _ => return Ok(line),
        };
        let (records, named) = (self.services.records(), campaign.id.to_string());
        let message = match conversation {
            Some(conversation) => records.find_client_message(campaign.organization, conversation, &named)?,
            None => None,
        };
        let state = match (message, conversation) {
            (Some(message), _) if message.status == DeliveryStatus::Failed => {
                RecipientState::Failed(message.failure)
            }
            (Some(message), Some(conversation)) if message.status == DeliveryStatus::Queued => {
                RecipientState::Addressed(conversation)
            }
            (Some(_), Some(conversation)) => RecipientState::Sent(conversation),
            _ if matches!(line.state, RecipientState::Sent(_)) => line.state,
            _ => RecipientState::Failed(CANCELLED.to_owned()),
        };
        Ok(Recipient { state, ..line })
    }

    /// Removes all of it.
    pub(super) async fn clear_ledger(&self, campaign: &Campaign) -> Result<(), StoreError> {
        let (organization, id) = (campaign.organization, campaign.id);
        let records = self.services.records();
        loop {
            let lines = records.list_recipients(organization, id, None, LINES)?;
            if lines.is_empty() {
                return Ok(());
            }
            let mut batch = Batch::new();
            for line in lines {
                campaigns::delete_recipient(&mut batch, organization, id, line.customer);
            }
            records.commit(batch).await?;
        }
    }
}
