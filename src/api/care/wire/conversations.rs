//! Conversations as this family shows them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_domain::conversation::Conversation;

use crate::http::wire::{AnyObject, Time};

/// What may be said of a new conversation.
#[derive(Default, Deserialize, JsonSchema)]
pub(in crate::api::care) struct OpenIn {
    /// For whom, where it is not the caller: an account's id, or the service's own id for its customer.
    customer_id: Option<String>,
    /// Taken for its form, and not kept.
    #[serde(rename = "metadata")]
    _metadata: Option<AnyObject>,
}

impl OpenIn {
    /// What the hub is to open; under this key of the caller's it is opened once.
    pub(in crate::api::care) fn into_request(self, key: Option<&str>) -> OpenConversation {
        OpenConversation {
            alias: key.map(str::to_owned),
            customer: self.customer_id,
            ..OpenConversation::default()
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct ConversationOut {
    conversation_id: String,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
    status: &'static str,
    title: String,
    channel: &'static str,
    customer_id: String,
    customer_name: String,
    message_count: u64,
}

impl From<&Conversation> for ConversationOut {
    fn from(conversation: &Conversation) -> Self {
        Self {
            conversation_id: conversation.id.to_string(),
            created_at: conversation.opened_at.to_string(),
            updated_at: conversation.last_message_at.to_string(),
            status: conversation.status.as_str(),
            title: conversation.title.clone(),
            channel: conversation.channel.as_str(),
            customer_id: conversation.customer.to_string(),
            customer_name: conversation.customer_name.clone(),
            message_count: conversation.last_sequence,
        }
    }
}
