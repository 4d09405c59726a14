//! What a campaign's messages wait for once they are in the outbox: they are held while it is paused and in its quiet
//! hours, and dropped when it was cancelled or removed, or the customer wants none any more.
//!
//! Asked by the runner right before it sends, and told by the hub when a campaign goes on or ends. Invariant: what is held
//! is looked at again by itself, so that a campaign goes on though nobody could tell the outbox of it.

use std::time::Duration;

use switchboard_domain::campaign::CampaignStatus;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::CampaignId;
use switchboard_domain::message::Message;
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Outcome};
use switchboard_domain::ports::engine::{Batch, StoreError};

use super::OutboxCommand;
use crate::error::HubError;
use crate::hub::campaigns::{CANCELLED, UNWANTED};
use crate::links::Links;
use crate::records::errands;

/// How long a message is held before it is looked at again.
const HELD: Duration = Duration::from_secs(60);
/// Errands of a lane looked at for those that are held, and how many are released in one commit.
const LOOKED_AT: usize = 10_000;
const RELEASED: usize = 50;

/// What becomes of a campaign's message instead of being sent, if anything does.
pub(super) fn instead(
    links: &Links,
    stored: &Conversation,
    message: &Message,
) -> Result<Option<Outcome>, StoreError> {
    let Some(campaign) = message.client_id.as_deref().and_then(CampaignId::parse) else {
        return Ok(None);
    };
    let records = links.services.records();
    let Some(campaign) = records.find_campaign(stored.organization, campaign)? else {
        return Ok(Some(Outcome::Refused("the campaign was removed".to_owned())));
    };
    if campaign.record.status == CampaignStatus::Cancelled {
        return Ok(Some(Outcome::Refused(CANCELLED.to_owned())));
    }
    let customer = records.find_customer(stored.organization, stored.customer)?;
    if customer.is_some_and(|found| found.record.unsubscribed.contains(&stored.channel)) {
        return Ok(Some(Outcome::Refused(UNWANTED.to_owned())));
    }
    let is_held =
        campaign.record.status == CampaignStatus::Paused || campaign.record.is_quiet(links.services.now());
    Ok(is_held.then_some(Outcome::Held(HELD)))
}

/// What is held in a lane is looked at now, because a campaign goes on or has ended.
pub(crate) async fn look_again(links: &Links, lane: Lane) -> Result<(), HubError> {
    let (records, now) = (links.services.records(), links.services.now());
    let mut held = records.list_errands(lane, LOOKED_AT)?;
    held.retain(|errand| errand.record.state == ErrandState::Held);
    for some in held.chunks(RELEASED) {
        let mut batch = Batch::new();
        for errand in some {
            let due = Errand {
                due: now,
                ..errand.record.clone()
            };
            drop(errands::update(&mut batch, errand, &due)?);
        }
        match records.commit(batch).await {
            // One of them is being looked at already; the others are before long.
            Ok(()) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    links.outbox.notify(OutboxCommand::Owed(lane));
    Ok(())
}
