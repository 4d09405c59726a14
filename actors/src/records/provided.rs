//! Providers' ids of messages, and what providers told of messages that are not known by their id yet.
//!
//! A customer's message is stored once for each provider's id, because its row must be absent in the commit. A report on
//! a message of ours may come before the answer that tells its id: it is kept here until then.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{ConversationId, OrganizationId};
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus, Provided, Sequence};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::time::Timestamp;

use super::Records;
use super::codec::encode;
use super::keys::{Kind, scoped};

/// A report as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Early {
    status: DeliveryStatus,
    at: Timestamp,
    failure: String,
}

/// What a message is known by: its provider's id; of a mail, whose id anybody can choose, together with the hash of all
/// of it.
pub fn name(channel: Channel, told: &Provided) -> String {
    match told.raw {
        Some(raw) if channel == Channel::Email => format!("{} {raw}", told.id),
        _ => told.id.clone(),
    }
}

pub(super) fn row(kind: Kind, organization: OrganizationId, channel: Channel, id: &str) -> Vec<u8> {
    let hash = Sha256::digest(id.as_bytes());
    scoped(kind, organization, &[channel.as_str().as_bytes(), b":", &hash])
}

impl Records {
    /// The message that a channel's provider knows by this id.
    pub fn find_provided(
        &self,
        organization: OrganizationId,
        channel: Channel,
        id: &str,
    ) -> Result<Option<(ConversationId, Sequence)>, StoreError> {
        let Some(bytes) = self.engine.get(&row(Kind::Provided, organization, channel, id))? else {
            return Ok(None);
        };
        let read = || {
            let (conversation, sequence) = bytes.split_at_checked(16)?;
            let conversation = ConversationId::from_bytes(conversation.try_into().ok()?);
            Some((conversation, Sequence::from_be_bytes(sequence.try_into().ok()?)))
        };
        let damaged = || StoreError::Damaged("a provider's message id without its message".to_owned());
        read().ok_or_else(damaged).map(Some)
    }

    /// What was reported of a message before its id was known.
    pub fn find_early_report(
        &self,
        organization: OrganizationId,
        channel: Channel,
        id: &str,
    ) -> Result<Option<DeliveryReport>, StoreError> {
        let early: Option<Early> = self.find(&row(Kind::EarlyReport, organization, channel, id))?;
        Ok(early.map(|early| DeliveryReport {
            status: early.status,
            provider_id: Some(id.to_owned()),
            at: early.at,
            failure: early.failure,
            billing: Billing::default(),
        }))
    }
}

/// From now on the provider's id leads to the message; refused when it leads to one already.
pub fn insert(
    batch: &mut Batch,
    (organization, channel): (OrganizationId, Channel),
    id: &str,
    conversation: ConversationId,
    sequence: Sequence,
) {
    let at = row(Kind::Provided, organization, channel, id);
    let message = [conversation.as_bytes().as_slice(), &sequence.to_be_bytes()].concat();
    batch.require_absent(at.clone()).put(at, message);
}

/// The provider's id leads nowhere any more, and nothing told under it is kept.
pub fn forget(batch: &mut Batch, organization: OrganizationId, channel: Channel, told: &Provided) {
    batch.delete(row(Kind::Provided, organization, channel, &name(channel, told)));
    forget_early_report(batch, organization, channel, &told.id);
}

/// Keeps a report on a message that is not known by its id yet.
pub fn keep_early_report(
    batch: &mut Batch,
    organization: OrganizationId,
    channel: Channel,
    id: &str,
    report: &DeliveryReport,
) -> Result<(), StoreError> {
    let early = Early {
        status: report.status,
        at: report.at,
        failure: report.failure.clone(),
    };
    batch.put(row(Kind::EarlyReport, organization, channel, id), encode(&early)?);
    Ok(())
}

/// The report was heeded.
pub fn forget_early_report(batch: &mut Batch, organization: OrganizationId, channel: Channel, id: &str) {
    batch.delete(row(Kind::EarlyReport, organization, channel, id));
}
