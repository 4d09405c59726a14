//! What became of messages to customers: what providers report, what has failed, and sending it after all.
//!
//! Reports come by the adapters of the channels in any order, twice, and before the hub has noted that it sent the
//! message at all; a status only climbs. Invariant: a report that names no message of ours changes nothing.

use switchboard_domain::conversation::life::Input;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{ConversationId, OrganizationId};
use switchboard_domain::message::{DeliveryReport, DeliveryStatus, Sequence};
use switchboard_domain::outbox::{Errand, Lane, Subject};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::{Hub, staff_only};
use crate::error::HubError;
use crate::outbox::{charge, reference, referred};
use crate::records::errands::FailedErrand;
use crate::records::provided;

/// Most failed messages told at once.
const MAX_FAILED: usize = 1_000;
/// Most waiting messages told at once, and errands of a lane looked at for them.
const MAX_WAITING: usize = 1_000;
const LOOKED_AT: usize = 10_000;

/// A message to a customer that has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedMessage {
    /// By which it can be sent after all.
    pub reference: String,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// Its place there.
    pub sequence: Sequence,
    /// By which way it was to go.
    pub channel: Channel,
    /// The customer's name as readers see it; empty for a visitor without one.
    pub customer_name: String,
    /// When it was given up, why, and after how many attempts.
    pub failed: FailedErrand,
}

/// A message to a customer that has still to leave, or of which nobody knows yet whether it has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMessage {
    /// The hub's name for it.
    pub reference: String,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// Its place there.
    pub sequence: Sequence,
    /// By which way it goes.
    pub channel: Channel,
    /// The customer's name as readers see it; empty for a visitor without one.
    pub customer_name: String,
    /// Whether that way is configured; nothing is tried while it is not.
    pub is_open: bool,
    /// How it stands.
    pub errand: Errand,
}

impl Hub {
    /// What a channel's provider reports of a message of ours, which it names by the hub's reference, its own id, or
    /// both.
    pub async fn receive_delivery_report(
        &self,
        organization: OrganizationId,
        channel: Channel,
        named: Option<&str>,
        report: DeliveryReport,
    ) -> Result<(), HubError> {
        if let Some((conversation, sequence)) = named.and_then(referred) {
            return self
                .note_delivery(organization, conversation, sequence, report)
                .await;
        }
        let Some(id) = report.provider_id.clone() else {
            return Ok(());
        };
        let _alone = self.services.incoming.lock(&id).await;
        let records = self.services.records();
        if let Some((conversation, sequence)) = records.find_provided(organization, channel, &id)? {
            return self
                .note_delivery(organization, conversation, sequence, report)
                .await;
        }
        let early = records.find_early_report(organization, channel, &id)?;
        if early.is_some_and(|early| early.status.climbed(report.status) == early.status) {
            return Ok(());
        }
        let mut batch = Batch::new();
        provided::keep_early_report(&mut batch, organization, channel, &id, &report)?;
        Ok(records.commit(batch).await?)
    }

    async fn note_delivery(
        &self,
        organization: OrganizationId,
        conversation: ConversationId,
        sequence: Sequence,
        report: DeliveryReport,
    ) -> Result<(), HubError> {
        let (services, records) = (&self.services, self.services.records());
        let named = reference(conversation, sequence);
        let _charging = services.deliveries.lock(&named).await;
        let Some(message) = records.find_message(organization, conversation, sequence)? else {
            return Ok(());
        };
        let climbs = message.status.climbed(report.status) != message.status;
        if !climbs && message.provided.is_some() && !message.is_unpaid {
            return Ok(());
        }
        let Some(stored) = self.read_conversation(organization, conversation)? else {
            return Ok(());
        };
        let mut with = Batch::new();
        let booked = charge::by_report(services, &stored, &message, &report, &mut with)?;
        let input = Input::Delivered { sequence, report };
        let directory = &self.links.directory;
        let noted = directory.act_with(organization, conversation, input, with).await;
        charge::conclude(booked, &noted);
        noted.map(drop)
    }

    /// Messages to customers that have failed and were not sent after all. Staff and services.
    pub fn list_failed_messages(&self, scope: &Scope) -> Result<Vec<FailedMessage>, HubError> {
        staff_only(scope)?;
        let failed = self
            .services
            .records()
            .list_failed_errands(scope.organization, MAX_FAILED)?;
        let mut messages = Vec::with_capacity(failed.len());
        for failed in failed {
            let Subject::Message(conversation, sequence) = failed.errand.subject else {
                continue;
            };
            let conversation = self.read_conversation(scope.organization, conversation)?;
            messages.extend(conversation.map(|conversation| FailedMessage {
                reference: reference(conversation.id, sequence),
                conversation: conversation.id,
                sequence,
                channel: conversation.channel,
                customer_name: conversation.customer_name.clone(),
                failed,
            }));
        }
        Ok(messages)
    }

    /// Messages to customers that have still to leave, those that are due first in each channel. Staff and services.
    pub fn list_waiting_messages(&self, scope: &Scope) -> Result<Vec<WaitingMessage>, HubError> {
        staff_only(scope)?;
        let (records, ports) = (self.services.records(), &self.services.ports.channels);
        let mut told = Vec::new();
        for channel in Channel::ALL {
            let Some(lane) = Lane::of(channel) else {
                continue;
            };
            let errands = records.list_errands(lane, LOOKED_AT)?.into_iter();
            let ours = errands.filter(|errand| errand.record.organization == scope.organization);
            told.extend(ours.filter_map(|errand| match errand.record.subject {
                Subject::Message(conversation, sequence) => Some(WaitingMessage {
                    reference: reference(conversation, sequence),
                    conversation,
                    sequence,
                    channel,
                    customer_name: String::new(),
                    is_open: ports.carries(lane),
                    errand: errand.record,
                }),
                Subject::Media(..) | Subject::Notice(..) => None,
            }));
        }
        told.truncate(MAX_WAITING);
        for message in &mut told {
            let conversation = self.read_conversation(scope.organization, message.conversation)?;
            let name = conversation.map(|conversation| conversation.customer_name.clone());
            message.customer_name = name.unwrap_or_default();
        }
        Ok(told)
    }

    /// Sends a failed message after all. Staff and services.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a reference that names no failed message of the organization.
    pub async fn send_again(&self, scope: &Scope, named: &str) -> Result<(), HubError> {
        staff_only(scope)?;
        let missing = HubError::NotFound("failed message");
        let (conversation, sequence) = referred(named).ok_or(missing.clone())?;
        let records = self.services.records();
        let message = records.find_message(scope.organization, conversation, sequence)?;
        if message.is_none_or(|message| message.status != DeliveryStatus::Failed) {
            return Err(missing);
        }
        let input = Input::SendAgain { sequence };
        let directory = &self.links.directory;
        directory
            .act_with(scope.organization, conversation, input, Batch::new())
            .await
            .map(drop)
    }
}
