//! Conversations on the wire.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_domain::conversation::life::Closing;
use switchboard_domain::conversation::{Conversation, Rating, Status};

use super::words::{channel_word, status_word};
use crate::http::wire::Time;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct ConversationOut {
    id: String,
    customer_id: String,
    customer_name: String,
    channel: &'static str,
    status: &'static str,
    message_count: u64,
    #[schemars(with = "Time")]
    started_at: String,
    /// When it was opened, while nothing has been said.
    #[schemars(with = "Time")]
    last_message_at: String,
    /// What staff wrote when it was closed, else the beginning of the customer's first message.
    summary: Option<String>,
    /// The agent in charge.
    agent_name: Option<String>,
    /// Why it was closed last.
    close_reason: Option<String>,
    #[schemars(with = "Option<Time>")]
    closed_at: Option<String>,
    rating: Option<u8>,
    rating_comment: Option<String>,
}

impl From<Arc<Conversation>> for ConversationOut {
    fn from(conversation: Arc<Conversation>) -> Self {
        let closed_at = match conversation.status {
            Status::Closed { at } => Some(at.to_string()),
            _ => None,
        };
        let closing = conversation.closing.as_ref();
        let rating = conversation.rating.as_ref();
        Self {
            id: conversation.id.to_string(),
            customer_id: conversation.customer.to_string(),
            customer_name: conversation.customer_name.clone(),
            channel: channel_word(conversation.channel),
            status: status_word(&conversation.status),
            message_count: conversation.counts.total(),
            started_at: conversation.opened_at.to_string(),
            last_message_at: conversation.last_message_at.to_string(),
            summary: summary(&conversation),
            agent_name: conversation.agent_name.clone(),
            close_reason: closing.and_then(|closing| closing.reason.clone()),
            closed_at,
            rating: rating.map(|rating| rating.stars),
            rating_comment: rating.and_then(|rating| rating.comment.clone()),
        }
    }
}

fn summary(conversation: &Conversation) -> Option<String> {
    let written = conversation
        .closing
        .as_ref()
        .and_then(|closing| closing.summary.clone());
    written.or_else(|| (!conversation.title.is_empty()).then(|| conversation.title.clone()))
}

/// Why and how it ended.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct CloseIn {
    /// A word.
    #[schemars(length(max = 100), example = &"RESOLVED")]
    reason: Option<String>,
    #[schemars(length(max = 2_000))]
    summary: Option<String>,
}

impl From<CloseIn> for Closing {
    fn from(close: CloseIn) -> Self {
        Self {
            reason: close.reason,
            summary: close.summary,
        }
    }
}

/// How satisfied the customer was.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct RatingIn {
    /// 1 (bad) to 5 (good).
    #[schemars(range(min = 1, max = 5))]
    rating: u8,
    #[schemars(length(max = 2_000))]
    comment: Option<String>,
}

impl From<RatingIn> for Rating {
    fn from(rating: RatingIn) -> Self {
        Self {
            stars: rating.rating,
            comment: rating.comment,
        }
    }
}
