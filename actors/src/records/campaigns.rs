//! Campaigns, when they are due, and their ledgers.

use switchboard_domain::campaign::{Campaign, CampaignStatus, Recipient};
use switchboard_domain::cost::Money;
use switchboard_domain::id::{CampaignId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};
use switchboard_domain::time::Timestamp;

use super::campaign_messages::forget_counts;
use super::codec::encode;
use super::keys::{Kind, global, scoped, trailing_id};
use super::{Records, Stored};

fn key(organization: OrganizationId, id: CampaignId) -> Vec<u8> {
    scoped(Kind::Campaign, organization, &[id.as_bytes()])
}

fn recipient_key(organization: OrganizationId, campaign: CampaignId, customer: CustomerId) -> Vec<u8> {
    scoped(
        Kind::CampaignRecipient,
        organization,
        &[campaign.as_bytes(), customer.as_bytes()],
    )
}

/// Times before the epoch do not occur, so that the plain number sorts.
fn due_key(campaign: &Campaign) -> Option<Vec<u8>> {
    let due = match campaign.status {
        CampaignStatus::Scheduled => campaign.scheduled_at?,
        CampaignStatus::Running => campaign.started_at?,
        _ => return None,
    };
    let parts: [&[u8]; 3] = [
        &due.as_millis().to_be_bytes(),
        campaign.organization.as_bytes(),
        campaign.id.as_bytes(),
    ];
    Some(global(Kind::CampaignDue, &parts))
}

impl Records {
    /// A campaign, with its bytes.
    pub fn find_campaign(
        &self,
        organization: OrganizationId,
        id: CampaignId,
    ) -> Result<Option<Stored<Campaign>>, StoreError> {
        self.find_stored(&key(organization, id))
    }

    /// An organization's campaigns, the newest first.
    pub fn list_campaigns(&self, organization: OrganizationId) -> Result<Vec<Campaign>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::Campaign, organization, &[]));
        self.list(&range, Direction::Backward, usize::MAX)
    }

    /// Campaigns of every organization that are running, or scheduled for a time up to `now`, the longest due first.
    pub fn list_campaigns_due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(OrganizationId, CampaignId)>, StoreError> {
        let after = now.as_millis().saturating_add(1).to_be_bytes();
        let range = KeyRange {
            from: global(Kind::CampaignDue, &[]),
            until: Some(global(Kind::CampaignDue, &[&after])),
        };
        let entries = self.entries(&range, Direction::Forward, limit)?;
        let ids = entries.iter().filter_map(|entry| {
            let organization: [u8; 16] = entry.key.get(9..25)?.try_into().ok()?;
            let campaign = trailing_id(&entry.key)?;
            Some((
                OrganizationId::from_bytes(organization),
                CampaignId::from_bytes(campaign),
            ))
        });
        Ok(ids.collect())
    }

    /// What a campaign's messages have cost so far.
    pub fn campaign_spend(
        &self,
        organization: OrganizationId,
        campaign: CampaignId,
    ) -> Result<Money, StoreError> {
        let at = scoped(Kind::CampaignSpend, organization, &[campaign.as_bytes()]);
        let spent = self.engine.get(&at)?.and_then(|bytes| decode_counter(&bytes));
        Ok(Money::from_millionths(spent.unwrap_or(0)))
    }

    /// Lines of a campaign's ledger behind that of `after`.
    pub fn list_recipients(
        &self,
        organization: OrganizationId,
        campaign: CampaignId,
        after: Option<CustomerId>,
        limit: usize,
    ) -> Result<Vec<Recipient>, StoreError> {
        let mut range = KeyRange::prefix(&scoped(
            Kind::CampaignRecipient,
            organization,
            &[campaign.as_bytes()],
        ));
        if let Some(after) = after {
            range.from = recipient_key(organization, campaign, after);
            range.from.push(0);
        }
        self.list(&range, Direction::Forward, limit)
    }
}

/// Adds a campaign.
pub fn insert(batch: &mut Batch, new: &Campaign) -> Result<(), StoreError> {
    let at = key(new.organization, new.id);
    batch.require_absent(at.clone()).put(at, encode(new)?);
    if let Some(due) = due_key(new) {
        batch.put(due, Vec::new());
    }
    Ok(())
}

/// Replaces a campaign and moves it to when it is due; refused when somebody else has written since.
pub fn update(batch: &mut Batch, old: &Stored<Campaign>, next: &Campaign) -> Result<(), StoreError> {
    let at = key(next.organization, next.id);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    let (was, is) = (due_key(&old.record), due_key(next));
    if was != is {
        if let Some(was) = was {
            batch.delete(was);
        }
        if let Some(is) = is {
            batch.put(is, Vec::new());
        }
    }
    Ok(())
}

/// Removes a campaign; refused when somebody else has written since. Its ledger is removed before.
pub fn delete(batch: &mut Batch, old: &Stored<Campaign>) {
    let at = key(old.record.organization, old.record.id);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    forget_counts(batch, old.record.organization, old.record.id);
    batch.delete(scoped(
        Kind::CampaignSpend,
        old.record.organization,
        &[old.record.id.as_bytes()],
    ));
    if let Some(due) = due_key(&old.record) {
        batch.delete(due);
    }
}

/// One of a campaign's messages has cost so much.
pub fn add_spend(batch: &mut Batch, organization: OrganizationId, campaign: CampaignId, amount: Money) {
    let at = scoped(Kind::CampaignSpend, organization, &[campaign.as_bytes()]);
    batch.add(at, amount.as_millionths());
}

/// Writes a line of a campaign's ledger.
pub fn put_recipient(
    batch: &mut Batch,
    organization: OrganizationId,
    campaign: CampaignId,
    recipient: &Recipient,
) -> Result<(), StoreError> {
    let at = recipient_key(organization, campaign, recipient.customer);
    batch.put(at, encode(recipient)?);
    Ok(())
}

/// Removes a line of a campaign's ledger.
pub fn delete_recipient(
    batch: &mut Batch,
    organization: OrganizationId,
    campaign: CampaignId,
    customer: CustomerId,
) {
    batch.delete(recipient_key(organization, campaign, customer));
}
