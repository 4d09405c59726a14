//! Customers on the wire.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::customers::{CustomerChange, CustomerProfile};

use super::words::{ChannelWord, channel_word};
use crate::http::wire::{OneOf, Time};

/// A customer to be written down, or what is to be changed of it: what is absent or null stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct CustomerIn {
    /// Needed for a new one.
    name: Option<String>,
    /// Empty: none any more.
    #[schemars(example = &"john@example.com")]
    email: Option<String>,
    /// With its country code; empty: none any more.
    #[schemars(example = &"+15551234567")]
    phone: Option<String>,
    /// All of them; compared without case.
    #[schemars(length(max = 20), example = ["vip"])]
    tags: Option<Vec<String>>,
    is_verified: Option<bool>,
    /// What the organization knows besides, all of it.
    attributes: Option<BTreeMap<String, String>>,
    /// Channels on which the customer wants no campaigns.
    unsubscribed: Option<Vec<OneOf<ChannelWord>>>,
}

impl From<CustomerIn> for CustomerChange {
    fn from(customer: CustomerIn) -> Self {
        let unsubscribed = customer.unsubscribed.map(|words| {
            let channels = words.into_iter().map(|OneOf(ChannelWord(channel))| channel);
            channels.collect()
        });
        Self {
            name: customer.name,
            email: customer.email,
            phone: customer.phone,
            tags: customer.tags,
            is_verified: customer.is_verified,
            attributes: customer.attributes,
            unsubscribed,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct CustomerOut {
    id: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    /// 0 to 100: 40 to begin with, 25 for a verified identity, 10 each for a known email and phone, 3 for each
    /// conversation that ended well (at most 15), less 5 for each rated below 3 stars (at most 15).
    #[schemars(range(max = 100))]
    trust_score: u8,
    is_verified: bool,
    tags: Vec<String>,
    /// When the newest message from or to the customer came; null when nothing was ever said.
    #[schemars(with = "Option<Time>")]
    last_interaction: Option<String>,
    attributes: BTreeMap<String, String>,
    unsubscribed: Vec<&'static str>,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<CustomerProfile> for CustomerOut {
    fn from(profile: CustomerProfile) -> Self {
        let CustomerProfile {
            customer,
            trust_score,
            last_interaction,
        } = profile;
        Self {
            id: customer.id.to_string(),
            name: customer.name,
            email: customer.email,
            phone: customer.phone,
            trust_score,
            is_verified: customer.is_verified,
            tags: customer.tags,
            last_interaction: last_interaction.map(|moment| moment.to_string()),
            attributes: customer.attributes,
            unsubscribed: customer.unsubscribed.into_iter().map(channel_word).collect(),
            created_at: customer.created_at.to_string(),
        }
    }
}
