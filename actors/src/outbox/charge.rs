//! What a message to a customer costs: charged once, whoever tells first that its provider has it.
//!
//! That is the provider's answer to the attempt, or its report where the answer was never recorded (a hub that was killed,
//! an attempt that timed out). Called by the runner and by whoever takes in reports, both alone for the message
//! ([`Services::deliveries`]). A provider that tells first that a message has failed may charge that (SMS) or not
//! (WhatsApp); where it does not, the message stays unpaid, and is paid when it is told to have arrived all the same.
//! Invariant: the charge is in the commit that notes the provider's id of the message, or that it is unpaid no more; none
//! is made for an id that is noted already.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{CampaignId, OrganizationId};
use switchboard_domain::message::{DeliveryReport, Message, Sequence};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::ports::transport::Receipt;
use switchboard_domain::price::Usage;

use crate::budgets::{Booked, Budgets, Tab};
use crate::error::HubError;
use crate::records::campaigns;
use crate::services::Services;

/// Money for so many messages, where one costs any.
pub(super) fn open(
    budgets: &Arc<Budgets>,
    organization: OrganizationId,
    channel: Channel,
    parts: u32,
) -> Result<Option<Tab>, HubError> {
    let Some(service) = paid_as(budgets, channel) else {
        return Ok(None);
    };
    let bounds: Vec<_> = (0..parts).map(|_| (service, Usage::default())).collect();
    budgets.open(organization, channel, &bounds).map(Some)
}

/// The provider has taken it.
pub(super) fn by_receipt(
    services: &Services,
    conversation: &Conversation,
    sequence: Sequence,
    (receipt, tab): (&Receipt, Option<Tab>),
    with: &mut Batch,
) -> Result<Option<Booked>, StoreError> {
    let Conversation { organization, id, .. } = *conversation;
    let known = services.records().find_message(organization, id, sequence)?;
    let (Some(tab), Some(message)) = (tab, known) else {
        return Ok(None);
    };
    // A report was quicker than the answer.
    let told = message.provided.as_ref();
    let is_known = told.is_some_and(|told| told.id == receipt.provider_id);
    if is_known && !message.is_unpaid {
        return Ok(None);
    }
    book(tab, conversation, &message, receipt.parts, with).map(Some)
}

/// The provider reports of it.
pub(crate) fn by_report(
    services: &Services,
    conversation: &Conversation,
    message: &Message,
    report: &DeliveryReport,
    with: &mut Batch,
) -> Result<Option<Booked>, StoreError> {
    let (organization, channel) = (conversation.organization, conversation.channel);
    let is_owed = message.is_unpaid || tells_new_id(services, conversation, message, report)?;
    if !is_owed || !report.costs() || paid_as(&services.budgets, channel).is_none() {
        return Ok(None);
    }
    let transport = services.ports.channels.of(channel);
    let counted = || transport.map_or(1, |transport| transport.parts(&message.text));
    let parts = report.billing.parts.unwrap_or_else(counted);
    let tab = services.budgets.open_late(organization, channel)?;
    book(tab, conversation, message, parts, with).map(Some)
}

/// Whether a report tells the provider's id of a message that has none; the id of an earlier attempt at it is known.
pub(crate) fn tells_new_id(
    services: &Services,
    conversation: &Conversation,
    message: &Message,
    report: &DeliveryReport,
) -> Result<bool, StoreError> {
    let Some(id) = report
        .provider_id
        .as_deref()
        .filter(|_| message.provided.is_none())
    else {
        return Ok(false);
    };
    let (organization, channel) = (conversation.organization, conversation.channel);
    let known = services.records().find_provided(organization, channel, id)?;
    Ok(known.is_none())
}

/// Whether the commit was made in which it is booked.
pub(crate) fn conclude<T>(booked: Option<Booked>, done: &Result<T, HubError>) {
    if let Some(booked) = booked {
        booked.conclude(done.is_ok());
    }
}

fn book(
    mut tab: Tab,
    conversation: &Conversation,
    message: &Message,
    parts: u32,
    with: &mut Batch,
) -> Result<Booked, StoreError> {
    if let Some(service) = Service::of(conversation.channel) {
        for _ in 0..parts {
            tab.charge(service, Usage::default());
        }
    }
    let booked = tab.close_into(with)?;
    if let Some(campaign) = message.client_id.as_deref().and_then(CampaignId::parse) {
        campaigns::add_spend(with, conversation.organization, campaign, booked.total());
    }
    Ok(booked)
}

/// As what a message of this channel is paid, where it costs anything.
fn paid_as(budgets: &Budgets, channel: Channel) -> Option<Service> {
    let service = Service::of(channel)?;
    let costs = budgets.prices().charge(service, Usage::default()) != Money::ZERO;
    costs.then_some(service)
}
