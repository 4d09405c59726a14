//! Conversations, messages and answers; agents' messages have the role `assistant`, with the agent's name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::messages::{Answered, NewMessage};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::message::{Author, Message, Trace};

use crate::http::wire::{Count, Time};

#[derive(Deserialize, JsonSchema)]
pub(in crate::api::assistant) struct ChatIn {
    message: String,
    /// The conversation's number; a new one begins without.
    conversation_id: Option<Count>,
}

impl ChatIn {
    /// The conversation's number, and the message, which is stored once under this key of the caller's.
    pub(in crate::api::assistant) fn into_parts(self, key: Option<&str>) -> (Option<u64>, NewMessage) {
        let message = NewMessage {
            text: self.message,
            client_id: key.map(str::to_owned),
            ..NewMessage::default()
        };
        let number = self.conversation_id;
        let number = number.map(|Count(number)| u64::try_from(number).unwrap_or(u64::MAX));
        (number, message)
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct AnswerOut {
    /// Empty when nothing is said.
    response: String,
    conversation_id: u64,
    tokens_used: u32,
    /// Milliseconds from the message to its answer.
    response_time: u64,
    /// Who is in charge now.
    #[schemars(extend("enum" = ["active", "waiting", "with_agent", "closed"]))]
    status: &'static str,
    /// The number of the message that was sent.
    message_id: u64,
}

impl From<&Answered> for AnswerOut {
    fn from(answered: &Answered) -> Self {
        let answer = answered.answer.as_ref();
        let said = answer.map(|message| message.text.clone());
        let used = Used::of(answer.and_then(|message| message.trace.as_ref()));
        Self {
            response: said.or_else(|| answered.notice.clone()).unwrap_or_default(),
            conversation_id: answered.conversation.number,
            tokens_used: used.tokens,
            response_time: used.millis,
            status: answered.conversation.status.as_str(),
            message_id: answered.question.number,
        }
    }
}

/// What a message took to make.
#[derive(Default)]
struct Used {
    tokens: u32,
    millis: u64,
}

impl Used {
    fn of(trace: Option<&Trace>) -> Self {
        trace.map_or_else(Self::default, |trace| Self {
            tokens: trace.tokens,
            millis: trace.response_millis,
        })
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct ConversationOut {
    id: u64,
    /// The number of the customer's account; null where it has none.
    user_id: Option<u64>,
    /// The beginning of the customer's first message.
    title: String,
    is_active: bool,
    #[schemars(extend("enum" = ["active", "waiting", "with_agent", "closed"]))]
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
    /// Empty in lists.
    messages: Vec<MessageOut>,
}

impl ConversationOut {
    /// With the number of its customer's account, and these of its messages.
    pub(in crate::api::assistant) fn of(
        conversation: &Conversation,
        user_id: Option<u64>,
        messages: Vec<MessageOut>,
    ) -> Self {
        Self {
            id: conversation.number,
            user_id,
            title: conversation.title.clone(),
            is_active: conversation.status.is_open(),
            status: conversation.status.as_str(),
            created_at: conversation.opened_at.to_string(),
            updated_at: conversation.last_message_at.to_string(),
            messages,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct MessageOut {
    id: u64,
    conversation_id: u64,
    content: String,
    #[schemars(extend("enum" = ["user", "assistant"]))]
    role: &'static str,
    #[schemars(with = "Time")]
    timestamp: String,
    tokens_used: u32,
    /// Milliseconds from the customer's message to this answer; 0 for people's messages.
    response_time: u64,
    sequence: u64,
    /// Who wrote it, where a person answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<String>,
}

impl MessageOut {
    /// A message of this conversation.
    pub(in crate::api::assistant) fn of(conversation: &Conversation, message: &Message) -> Self {
        let used = Used::of(message.trace.as_ref());
        let is_agents = matches!(message.author, Author::Agent(_));
        Self {
            id: message.number,
            conversation_id: conversation.number,
            content: message.text.clone(),
            role: match message.author {
                Author::Customer => "user",
                Author::Assistant | Author::Agent(_) => "assistant",
            },
            timestamp: message.at.to_string(),
            tokens_used: used.tokens,
            response_time: used.millis,
            sequence: message.sequence,
            agent_name: is_agents.then(|| message.author_name.clone()),
        }
    }
}
