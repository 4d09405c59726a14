//! Rooms and their messages on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::analysis::Understood;
use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_actors::hub::messages::Answered;
use switchboard_actors::hub::speaking::Side;
use switchboard_domain::analysis::{Analysis, Intent};
use switchboard_domain::conversation::{Conversation, Owner};
use switchboard_domain::message::{Author, Message, Sequence};

use super::UserType;
use crate::http::wire::{OneOf, Time};

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::rooms) struct RoomIn {
    /// Needed from staff; a customer's room has the account's name without it.
    #[schemars(length(max = 100))]
    customer_name: Option<String>,
}

impl RoomIn {
    /// What is to be opened; `key` finds it again when the request is repeated.
    pub(in crate::api::rooms) fn into_opening(self, key: Option<&str>) -> OpenConversation {
        let name = self.customer_name.filter(|name| !name.trim().is_empty());
        OpenConversation {
            alias: key.map(str::to_owned),
            customer_name: name,
            ..OpenConversation::default()
        }
    }
}

/// A room that was just opened.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct OpenedOut {
    room_id: String,
    customer_id: String,
    customer_name: String,
    status: &'static str,
}

impl From<&Conversation> for OpenedOut {
    fn from(room: &Conversation) -> Self {
        Self {
            room_id: room.id.to_string(),
            customer_id: room.customer.to_string(),
            customer_name: room.customer_name.clone(),
            status: room.status.as_str(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct RoomOut {
    id: String,
    customer_id: String,
    customer_name: String,
    /// One of `active`, `waiting`, `with_agent`, `closed`.
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    last_message_at: String,
    #[schemars(with = "u64")]
    message_count: Sequence,
    channel: &'static str,
    /// The agent in charge; null without one.
    agent_name: Option<String>,
}

impl From<&Conversation> for RoomOut {
    fn from(room: &Conversation) -> Self {
        Self {
            id: room.id.to_string(),
            customer_id: room.customer.to_string(),
            customer_name: room.customer_name.clone(),
            status: room.status.as_str(),
            created_at: room.opened_at.to_string(),
            last_message_at: room.last_message_at.to_string(),
            // Sequences have no gaps.
            message_count: room.last_sequence,
            channel: room.channel.as_str(),
            agent_name: room.status.agent().and(room.agent_name.clone()),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct MessageOut {
    id: String,
    room_id: String,
    content: String,
    user_type: UserType,
    /// The writer's account; the customer's id where the customer has none; `ai` for the assistant.
    user_id: String,
    user_name: String,
    #[schemars(with = "Time")]
    timestamp: String,
    #[schemars(with = "u64")]
    sequence: Sequence,
    /// `uncategorized`, too, for what nobody has looked at.
    intent: &'static str,
    /// What could be answered; empty for customers, and where nothing was found.
    ai_suggestion: String,
    is_ai_generated: bool,
    /// How far it has got.
    status: &'static str,
}

impl MessageOut {
    /// As this reader sees it.
    pub(in crate::api::rooms) fn of(room: &Conversation, message: &Message, for_staff: bool) -> Self {
        let suggestion = Some(&message.suggestion).filter(|_| for_staff);
        Self {
            id: message.id.to_string(),
            room_id: room.id.to_string(),
            content: message.text.clone(),
            user_type: UserType::of(message.author),
            user_id: user_id(room, message.author),
            user_name: message.author_name.clone(),
            timestamp: message.at.to_string(),
            sequence: message.sequence,
            intent: intent(message.analysis.as_ref()).as_str(),
            ai_suggestion: suggestion.cloned().unwrap_or_default(),
            is_ai_generated: message.author == Author::Assistant,
            status: message.status.as_str(),
        }
    }
}

fn user_id(room: &Conversation, author: Author) -> String {
    match (author, room.owner) {
        (Author::Assistant, _) => "ai".to_owned(),
        (Author::Agent(account), _) | (Author::Customer, Owner::Account(account)) => account.to_string(),
        (Author::Customer, Owner::Guest | Owner::Service) => room.customer.to_string(),
    }
}

fn intent(analysis: Option<&Analysis>) -> Intent {
    analysis.map_or(Intent::Uncategorized, |analysis| analysis.intent.broad())
}

impl UserType {
    fn of(author: Author) -> Self {
        match author {
            Author::Customer => Self::Customer,
            Author::Assistant | Author::Agent(_) => Self::Admin,
        }
    }

    const fn side(self) -> Side {
        match self {
            Self::Admin => Side::Staff,
            Self::Customer => Side::Customer,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::rooms) struct MessageIn {
    pub(in crate::api::rooms) content: String,
    /// Checked against the credential; without it the caller's own.
    user_type: Option<OneOf<UserType>>,
}

impl MessageIn {
    /// The side the caller says it is on.
    pub(in crate::api::rooms) fn side(&self) -> Option<Side> {
        self.user_type.map(|OneOf(claimed)| claimed.side())
    }
}

/// What was understood of a message; suggestions are for staff.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct AnalysisOut {
    intent: &'static str,
    confidence: f64,
    suggestions: Vec<String>,
}

impl From<Understood> for AnalysisOut {
    fn from(understood: Understood) -> Self {
        let analysis = understood.analysis.as_ref();
        Self {
            intent: intent(analysis).as_str(),
            confidence: analysis.map_or(0.0, |analysis| analysis.confidence.rounded()),
            suggestions: understood.suggestions,
        }
    }
}

/// What the assistant said to it.
#[derive(Debug, Serialize, JsonSchema)]
struct AiResponseOut {
    message_id: String,
    content: String,
    #[schemars(with = "Time")]
    timestamp: String,
    #[schemars(with = "u64")]
    sequence: Sequence,
}

impl From<&Message> for AiResponseOut {
    fn from(said: &Message) -> Self {
        Self {
            message_id: said.id.to_string(),
            content: said.text.clone(),
            timestamp: said.at.to_string(),
            sequence: said.sequence,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct SentOut {
    message_id: String,
    room_id: String,
    content: String,
    user_type: UserType,
    #[schemars(with = "Time")]
    timestamp: String,
    #[schemars(with = "u64")]
    sequence: Sequence,
    ai_analysis: AnalysisOut,
    /// The assistant's answer; null while somebody else is in charge.
    ai_response: Option<AiResponseOut>,
    /// The room's status after it.
    status: &'static str,
}

impl SentOut {
    /// The message with what came of it.
    pub(in crate::api::rooms) fn of(answered: &Answered, understood: Understood) -> Self {
        let Answered {
            question,
            answer,
            conversation,
            ..
        } = answered;
        Self {
            message_id: question.id.to_string(),
            room_id: conversation.id.to_string(),
            content: question.text.clone(),
            user_type: UserType::of(question.author),
            timestamp: question.at.to_string(),
            sequence: question.sequence,
            ai_analysis: understood.into(),
            ai_response: answer.as_deref().map(AiResponseOut::from),
            status: conversation.status.as_str(),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::rooms) struct AnalyzeIn {
    pub(in crate::api::rooms) message: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::rooms) struct AnalyzedOut {
    #[serde(flatten)]
    analysis: AnalysisOut,
    message: String,
}

impl AnalyzedOut {
    /// What was understood of this message.
    pub(in crate::api::rooms) fn of(message: String, understood: Understood) -> Self {
        Self {
            analysis: understood.into(),
            message,
        }
    }
}
