//! Messages and answers. Intents are told in this family's five words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::messages::{Answered, NewMessage};
use switchboard_domain::analysis::{Analysis, IntentGroup};
use switchboard_domain::conversation::{Conversation, Owner};
use switchboard_domain::message::{Author, Message};

use crate::http::wire::{AnyObject, Time};

#[derive(Deserialize, JsonSchema)]
pub(in crate::api::care) struct MessageIn {
    message: String,
    /// Taken for its form, and not kept.
    #[serde(rename = "metadata")]
    _metadata: Option<AnyObject>,
}

impl MessageIn {
    /// What the hub is to store; under this key of the caller's it is stored once.
    pub(in crate::api::care) fn into_new(self, key: Option<&str>) -> NewMessage {
        NewMessage {
            text: self.message,
            client_id: key.map(str::to_owned),
            ..NewMessage::default()
        }
    }
}

/// A message as lists show it.
#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct MessageOut {
    message_id: String,
    conversation_id: String,
    /// The account's id; `ai` where the assistant wrote it.
    sender: String,
    #[schemars(extend("enum" = ["customer", "ai", "agent"]))]
    sender_type: &'static str,
    message: String,
    #[schemars(with = "Time")]
    timestamp: String,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<&'static str>,
}

/// A message that was sent, with its answer.
#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct SaidOut {
    #[serde(flatten)]
    said: MessageOut,
    /// Null when nothing was answered.
    response: Option<ResponseOut>,
    /// Who is in charge now.
    #[schemars(extend("enum" = ["active", "waiting", "with_agent", "closed"]))]
    status: &'static str,
}

/// What the assistant answered, and what it understood.
#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct ResponseOut {
    text: String,
    #[schemars(extend("enum" = ["greeting", "question", "complaint", "feedback", "other"]))]
    intent: &'static str,
    confidence: f64,
    entities: Vec<EntityOut>,
}

/// Something concrete that a message names.
#[derive(Serialize, JsonSchema)]
pub(in crate::api::care) struct EntityOut {
    /// What it is.
    #[schemars(extend("enum" = ["email", "phone", "order_number", "amount", "date", "url"]))]
    entity: &'static str,
    value: String,
}

impl MessageOut {
    /// A message of this conversation.
    pub(in crate::api::care) fn of(conversation: &Conversation, message: &Message) -> Self {
        let intent = message.analysis.as_ref().map(|analysis| analysis.intent);
        Self {
            message_id: message.id.to_string(),
            conversation_id: conversation.id.to_string(),
            sender: sender(conversation, message.author),
            sender_type: message.author.as_str(),
            message: message.text.clone(),
            timestamp: message.at.to_string(),
            sequence: message.sequence,
            intent: intent.map(|intent| intent.group().as_str()),
        }
    }
}

/// The account's id; the customer's own id where it has no account.
fn sender(conversation: &Conversation, author: Author) -> String {
    match (author, conversation.owner) {
        (Author::Agent(agent), _) => agent.to_string(),
        (Author::Customer, Owner::Account(account)) => account.to_string(),
        (Author::Customer, Owner::Guest | Owner::Service) => conversation.customer.to_string(),
        (Author::Assistant, _) => author.as_str().to_owned(),
    }
}

impl From<&Answered> for SaidOut {
    fn from(answered: &Answered) -> Self {
        let analysis = answered.question.analysis.as_ref();
        let answer = answered.answer.as_ref();
        Self {
            said: MessageOut::of(&answered.conversation, &answered.question),
            response: answer.map(|message| ResponseOut::of(message, analysis)),
            status: answered.conversation.status.as_str(),
        }
    }
}

impl ResponseOut {
    /// Without an analysis nothing is known, and nothing is made up.
    fn of(answer: &Message, analysis: Option<&Analysis>) -> Self {
        let group = analysis.map_or(IntentGroup::Other, |analysis| analysis.intent.group());
        let entities = analysis.map(|analysis| analysis.entities.as_slice());
        let shown = entities.unwrap_or_default().iter().map(|entity| EntityOut {
            entity: entity.kind.as_str(),
            value: entity.value.clone(),
        });
        Self {
            text: answer.text.clone(),
            intent: group.as_str(),
            confidence: analysis.map_or(0.0, |analysis| analysis.confidence.rounded()),
            entities: shown.collect(),
        }
    }
}
