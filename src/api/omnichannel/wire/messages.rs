//! Messages on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::messages::NewMessage;
use switchboard_actors::hub::outreach::Written;
use switchboard_domain::customer::Channel;
use switchboard_domain::message::{Author, DeliveryStatus, Message};

use super::words::{ChannelWord, channel_word, status_word};
use crate::http::wire::{OneOf, Time};

/// A message into a conversation.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct MessageIn {
    #[schemars(length(min = 1, max = 8_000))]
    pub(in crate::api::omnichannel) content: String,
}

/// A message to a customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct OutreachIn {
    pub(in crate::api::omnichannel) customer_id: String,
    #[schemars(length(min = 1, max = 8_000))]
    pub(in crate::api::omnichannel) content: String,
    pub(in crate::api::omnichannel) channel: OneOf<ChannelWord>,
}

/// The message as the hub takes it; a request's own key names it, so that a repeat finds it again.
pub(in crate::api::omnichannel) fn new_message(content: String, key: Option<&str>) -> NewMessage {
    NewMessage {
        text: content,
        client_id: key.map(ToOwned::to_owned),
        ..NewMessage::default()
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct MessageOut {
    id: String,
    /// Its place in the conversation, from 1.
    sequence: u64,
    /// `USER`, `ASSISTANT` or `AGENT`; what services write is the assistant's side.
    role: &'static str,
    /// The customer's or agent's name; empty for the assistant.
    author_name: String,
    content: String,
    channel: &'static str,
    /// `QUEUED`, `SENT`, `DELIVERED`, `READ` or `FAILED`.
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    /// What the AI's part in it has cost, in the organization's currency.
    ai_cost: f64,
    /// Whether the answer was there already and none had to be made.
    cached_response: bool,
}

impl MessageOut {
    /// A message of a conversation that comes in by `channel`.
    pub(in crate::api::omnichannel) fn of(message: &Message, channel: Channel) -> Self {
        let trace = message.trace.as_ref();
        Self {
            id: message.id.to_string(),
            sequence: message.sequence,
            role: role(message.author),
            author_name: message.author_name.clone(),
            content: message.text.clone(),
            channel: channel_word(channel),
            status: delivery(message.status),
            created_at: message.at.to_string(),
            ai_cost: trace.map_or(0.0, |trace| trace.cost.as_units()),
            cached_response: trace.is_some_and(|trace| trace.cached),
        }
    }
}

/// A message that was stored, with where it went.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct SentOut {
    #[serde(flatten)]
    message: MessageOut,
    conversation_id: String,
    customer_id: String,
    /// Who is in charge after it.
    conversation_status: &'static str,
}

impl From<Written> for SentOut {
    fn from(written: Written) -> Self {
        let conversation = &written.conversation;
        Self {
            message: MessageOut::of(&written.message, conversation.channel),
            conversation_id: conversation.id.to_string(),
            customer_id: conversation.customer.to_string(),
            conversation_status: status_word(&conversation.status),
        }
    }
}

const fn role(author: Author) -> &'static str {
    match author {
        Author::Customer => "USER",
        Author::Assistant => "ASSISTANT",
        Author::Agent(_) => "AGENT",
    }
}

const fn delivery(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Queued => "QUEUED",
        DeliveryStatus::Sent => "SENT",
        DeliveryStatus::Failed => "FAILED",
        DeliveryStatus::Delivered => "DELIVERED",
        DeliveryStatus::Read => "READ",
    }
}
