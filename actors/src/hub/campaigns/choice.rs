//! Whom a campaign goes to, and what stands in the way of it: looked at before it starts, chosen when it does.

use switchboard_domain::campaign::Campaign;
use switchboard_domain::campaign::target::Contacts;
use switchboard_domain::campaign::words::MissingValue;
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::customer::{Channel, Customer};
use switchboard_domain::id::{CampaignId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::price::Usage;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use crate::error::HubError;
use crate::hub::{Hub, staff_only};

/// Conversations looked at to tell how a customer was in contact.
const CONTACTS: usize = 20;
/// Customers named who have no value for a variable.
const MAX_NAMED: usize = 100;

/// Whom a campaign goes to, and whom not.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// Those it goes to.
    pub(super) chosen: Vec<CustomerId>,
    /// Those who want no campaigns by this channel.
    pub(super) unsubscribed: u64,
    /// Those who have no address for it.
    pub(super) unreachable: u64,
    /// Of the chosen, those who have no value for a variable.
    pub(super) missing: u64,
    /// Some of them, each with the variable.
    pub(super) missing_values: Vec<(CustomerId, String)>,
    /// Messages of the provider's that the words for all others take.
    pub(super) parts: u64,
}

/// What a look at a campaign before its start shows.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// Customers it would go to.
    pub targeted: u64,
    /// Customers of its target who want no campaigns by this channel.
    pub unsubscribed: u64,
    /// Customers of its target who have no address for it.
    pub unreachable: u64,
    /// Customers who have no value for a variable of its words; they would be left out as failed.
    pub missing: u64,
    /// Some of them, each with the variable.
    pub missing_values: Vec<(CustomerId, String)>,
    /// What it would cost.
    pub estimated_cost: Money,
}

impl Hub {
    /// Looks at whom a campaign would go to, and what would fail. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] when its channel is not configured.
    pub fn preflight_campaign(&self, scope: &Scope, id: CampaignId) -> Result<Preflight, HubError> {
        staff_only(scope)?;
        let campaign = self.stored_campaign(scope.organization, id)?.record;
        if let Some(reason) = self.obstacle(campaign.channel) {
            return Err(HubError::invalid("channel", reason));
        }
        let choice = self.choose_recipients(&campaign, self.services.now())?;
        Ok(Preflight {
            targeted: u64::try_from(choice.chosen.len()).unwrap_or(u64::MAX),
            unsubscribed: choice.unsubscribed,
            unreachable: choice.unreachable,
            missing: choice.missing,
            missing_values: choice.missing_values,
            estimated_cost: self.estimate(campaign.channel, choice.parts),
        })
    }

    /// Why a campaign cannot go by this channel, if it cannot.
    pub(super) fn obstacle(&self, channel: Channel) -> Option<String> {
        let has_way_back = channel != Channel::Email || self.services.settings.public_url.is_some();
        self.missing_channel(channel).or_else(|| {
            (!has_way_back).then(|| {
                "email needs server.public_url in the configuration: each mail carries a link that unsubscribes".to_owned()
            })
        })
    }

    /// What so many messages of a channel's provider cost.
    pub(super) fn estimate(&self, channel: Channel, parts: u64) -> Money {
        let Some(service) = Service::of(channel) else {
            return Money::ZERO;
        };
        let price = self.services.budgets.prices().charge(service, Usage::default());
        let parts = i64::try_from(parts).unwrap_or(i64::MAX);
        Money::from_millionths(price.as_millionths().saturating_mul(parts))
    }

    /// The name a template's `{{business}}` stands for.
    pub(super) fn business_name(&self, organization: OrganizationId) -> Result<String, StoreError> {
        let found = self.services.records().find_organization(organization)?;
        Ok(found.map(|found| found.name).unwrap_or_default())
    }

    pub(super) fn choose_recipients(&self, campaign: &Campaign, now: Timestamp) -> Result<Choice, HubError> {
        let records = self.services.records();
        let business = self.business_name(campaign.organization)?;
        let mut choice = Choice::default();
        for customer in records.list_customers(campaign.organization, usize::MAX)? {
            if !self.is_meant(campaign, &customer, now)? {
                continue;
            }
            let channel = campaign.channel;
            if customer.unsubscribed.contains(&channel) {
                choice.unsubscribed += 1;
            } else if channel != Channel::Web && customer.route_by(channel).is_none() {
                choice.unreachable += 1;
            } else {
                self.choose(&mut choice, campaign, &customer, &business);
            }
        }
        Ok(choice)
    }

    fn choose(&self, choice: &mut Choice, campaign: &Campaign, customer: &Customer, business: &str) {
        choice.chosen.push(customer.id);
        match campaign.words(customer, business) {
            Ok(words) => {
                let transport = self.services.ports.channels.of(campaign.channel);
                let parts = transport.map_or(1, |transport| transport.parts(&words.text));
                choice.parts = choice.parts.saturating_add(u64::from(parts));
            }
            Err(MissingValue { variable, .. }) => {
                choice.missing += 1;
                if choice.missing_values.len() < MAX_NAMED {
                    choice.missing_values.push((customer.id, variable));
                }
            }
        }
    }

    fn is_meant(&self, campaign: &Campaign, customer: &Customer, now: Timestamp) -> Result<bool, HubError> {
        let contacts = if campaign.target.needs_contacts() {
            self.contacts(customer)?
        } else {
            Contacts::default()
        };
        Ok(campaign.target.takes(customer, &contacts, now))
    }

    fn contacts(&self, customer: &Customer) -> Result<Contacts, StoreError> {
        let records = self.services.records();
        let mut contacts = Contacts::default();
        for id in records.list_of_customer(customer.organization, customer.id, CONTACTS)? {
            let Some(conversation) = self.read_conversation(customer.organization, id)? else {
                continue;
            };
            if conversation.last_sequence > 0 {
                let newest = Some(conversation.last_message_at);
                contacts.last_interaction = contacts.last_interaction.max(newest);
                contacts.channels.push(conversation.channel);
            }
        }
        Ok(contacts)
    }
}
