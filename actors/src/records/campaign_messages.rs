//! What has become of a campaign's messages: how many of them got how far, and which have still to leave.
//!
//! ```text
//! CampaignCount    organization · campaign · stage → how many
//! CampaignMessage  organization · campaign · conversation · sequence → there while it has not left
//! ```
//!
//! Written in the commit of the message itself, whenever one is added or changed, so that nothing has to be counted later.
//! Invariant: a message counts for one stage, the one it is in.

use switchboard_domain::campaign::Counted;
use switchboard_domain::id::{CampaignId, ConversationId, OrganizationId};
use switchboard_domain::message::{Author, DeliveryStatus, Message, Sequence};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};

use super::Records;
use super::keys::{Kind, scoped};

/// How far a message has got. The bytes are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    /// It has still to leave, or nobody knows yet whether it has.
    Waiting = b'w',
    /// The channel's provider has taken it.
    Sent = b's',
    /// The provider has taken it, and it did not arrive.
    Undelivered = b'u',
    /// The provider never took it.
    Failed = b'f',
}

/// Those that are counted.
const COUNTED: [Stage; 3] = [Stage::Sent, Stage::Undelivered, Stage::Failed];

impl Stage {
    fn of(message: &Message) -> Self {
        let was_taken = message.provided.is_some();
        match message.status {
            DeliveryStatus::Failed if was_taken => Self::Undelivered,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Queued if !was_taken => Self::Waiting,
            _ => Self::Sent,
        }
    }
}

fn campaign_of(message: &Message) -> Option<CampaignId> {
    let named = message.client_id.as_deref();
    named
        .filter(|_| message.author != Author::Customer)
        .and_then(CampaignId::parse)
}

fn count_key(organization: OrganizationId, campaign: CampaignId, stage: Stage) -> Vec<u8> {
    scoped(
        Kind::CampaignCount,
        organization,
        &[campaign.as_bytes(), &[stage as u8]],
    )
}

fn row(
    organization: OrganizationId,
    campaign: CampaignId,
    conversation: ConversationId,
    sequence: Sequence,
) -> Vec<u8> {
    let place = [conversation.as_bytes().as_slice(), &sequence.to_be_bytes()].concat();
    scoped(
        Kind::CampaignMessage,
        organization,
        &[campaign.as_bytes(), &place],
    )
}

impl Records {
    /// How many of a campaign's messages got how far.
    pub fn count_campaign_messages(
        &self,
        organization: OrganizationId,
        campaign: CampaignId,
    ) -> Result<Counted, StoreError> {
        let count = |stage| -> Result<u64, StoreError> {
            let stored = self.engine.get(&count_key(organization, campaign, stage))?;
            let count = stored.and_then(|bytes| decode_counter(&bytes)).unwrap_or(0);
            Ok(u64::try_from(count).unwrap_or(0))
        };
        let undelivered = count(Stage::Undelivered)?;
        Ok(Counted {
            taken: count(Stage::Sent)?.saturating_add(undelivered),
            undelivered,
            failed: count(Stage::Failed)?,
        })
    }

    /// A campaign's messages that have not left behind that of `after`, at most `limit`.
    pub fn list_campaign_messages(
        &self,
        organization: OrganizationId,
        campaign: CampaignId,
        after: Option<(ConversationId, Sequence)>,
        limit: usize,
    ) -> Result<Vec<(ConversationId, Sequence)>, StoreError> {
        let all = scoped(Kind::CampaignMessage, organization, &[campaign.as_bytes()]);
        let mut range = KeyRange::prefix(&all);
        if let Some((conversation, sequence)) = after {
            range.from = row(organization, campaign, conversation, sequence);
            range.from.push(0);
        }
        let entries = self.entries(&range, Direction::Forward, limit)?;
        let places = entries.iter().filter_map(|entry| {
            let (conversation, sequence) = entry.key.get(all.len()..)?.split_at_checked(16)?;
            let conversation = ConversationId::from_bytes(conversation.try_into().ok()?);
            Some((conversation, Sequence::from_be_bytes(sequence.try_into().ok()?)))
        });
        Ok(places.collect())
    }
}

/// A message was added, or is another than it was `before`; of those that are no campaign's nothing is noted.
pub fn note(
    batch: &mut Batch,
    organization: OrganizationId,
    conversation: ConversationId,
    before: Option<&Message>,
    now: &Message,
) {
    let Some(campaign) = campaign_of(now) else {
        return;
    };
    let (was, is) = (before.map(Stage::of), Stage::of(now));
    if was == Some(is) {
        return;
    }
    let at = row(organization, campaign, conversation, now.sequence);
    if is == Stage::Waiting {
        batch.put(at, Vec::new());
    } else if was == Some(Stage::Waiting) {
        batch.delete(at);
    }
    for stage in COUNTED {
        let change = i64::from(is == stage) - i64::from(was == Some(stage));
        if change != 0 {
            batch.add(count_key(organization, campaign, stage), change);
        }
    }
}

/// A message is erased: it leaves no more. What it was counted as stays counted.
pub fn forget_message(
    batch: &mut Batch,
    organization: OrganizationId,
    conversation: ConversationId,
    message: &Message,
) {
    if let Some(campaign) = campaign_of(message) {
        batch.delete(row(organization, campaign, conversation, message.sequence));
    }
}

/// Nothing is counted of a campaign any more.
pub fn forget_counts(batch: &mut Batch, organization: OrganizationId, campaign: CampaignId) {
    for stage in COUNTED {
        batch.delete(count_key(organization, campaign, stage));
    }
}
