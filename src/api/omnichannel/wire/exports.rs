//! All that is kept of a customer, on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use switchboard_actors::hub::erasure::{CustomerExport, ExportedAccount, ExportedConversation};
use switchboard_domain::customer::Customer;
use switchboard_domain::log::CustomerLog;
use switchboard_domain::memory::Memory;

use super::conversations::ConversationOut;
use super::messages::MessageOut;
use crate::http::wire::Time;

/// All that is kept of a customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct ExportOut {
    #[schemars(with = "Time")]
    exported_at: String,
    customer: PersonOut,
    account: Option<AccountOut>,
    conversations: Vec<HistoryOut>,
    memories: Vec<MemoryOut>,
    logs: Vec<LogOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PersonOut {
    id: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    tags: Vec<String>,
    is_verified: bool,
    attributes: std::collections::BTreeMap<String, String>,
    #[schemars(with = "Time")]
    created_at: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AccountOut {
    id: String,
    username: String,
    email: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HistoryOut {
    conversation: ConversationOut,
    messages: Vec<MessageOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MemoryOut {
    key: String,
    /// Whatever was remembered.
    value: Value,
    source: String,
    #[schemars(with = "Time")]
    created_at: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LogOut {
    number: u64,
    title: String,
    description: String,
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<CustomerExport> for ExportOut {
    fn from(all: CustomerExport) -> Self {
        Self {
            exported_at: all.exported_at.to_string(),
            customer: all.customer.into(),
            account: all.account.map(AccountOut::from),
            conversations: all.conversations.into_iter().map(HistoryOut::from).collect(),
            memories: all.memories.into_iter().map(MemoryOut::from).collect(),
            logs: all.logs.into_iter().map(LogOut::from).collect(),
        }
    }
}

impl From<Customer> for PersonOut {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id.to_string(),
            name: customer.name,
            email: customer.email,
            phone: customer.phone,
            tags: customer.tags,
            is_verified: customer.is_verified,
            attributes: customer.attributes,
            created_at: customer.created_at.to_string(),
        }
    }
}

impl From<ExportedAccount> for AccountOut {
    fn from(account: ExportedAccount) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username,
            email: account.email,
        }
    }
}

impl From<ExportedConversation> for HistoryOut {
    fn from(history: ExportedConversation) -> Self {
        let channel = history.conversation.channel;
        let messages = history.messages.iter();
        Self {
            messages: messages.map(|message| MessageOut::of(message, channel)).collect(),
            conversation: history.conversation.into(),
        }
    }
}

impl From<Memory> for MemoryOut {
    fn from(memory: Memory) -> Self {
        Self {
            value: serde_json::from_str(&memory.value).unwrap_or(Value::String(memory.value)),
            key: memory.key,
            source: memory.source,
            created_at: memory.created_at.to_string(),
        }
    }
}

impl From<CustomerLog> for LogOut {
    fn from(log: CustomerLog) -> Self {
        Self {
            number: log.number,
            title: log.title,
            description: log.description,
            status: log.status.as_str(),
            created_at: log.created_at.to_string(),
        }
    }
}
