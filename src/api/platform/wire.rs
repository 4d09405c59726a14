//! What this family's callers send and get; the names and types are the family's own.
//!
//! Ids and times are text by the time they are here; `convert` makes these types from the hub's and back.

mod analytics;
mod channels;
mod email;
mod files;
mod memories;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_domain::account::Role;
use switchboard_domain::customer::Channel;
use switchboard_domain::message::Sequence;

pub(super) use self::analytics::AnalyticsOut;
pub(super) use self::channels::{FailedOut, ReceivedOut, SentOut, SmsIn, WaitingOut, WhatsAppIn, WritingIn};
pub(super) use self::email::{
    ListenerOut, MailIn, MailProcessedOut, MailRetriedOut, MailToProcessIn, QuarantinedOut,
};
pub(super) use self::memories::{MemoriesOut, MemoryChangeIn, MemoryIn, MemoryOut, ToldOut};
use crate::http::health::Condition;
use crate::http::wire::{AnyObject, Count, Object, OneOf, Time};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageIn {
    pub(super) message: Object<WordsIn>,
    pub(super) channel: Option<OneOf<Channel>>,
    pub(super) user_id: Option<String>,
    pub(super) session_id: Option<String>,
    #[serde(rename = "metadata")]
    _metadata: Option<AnyObject>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct WordsIn {
    pub(super) text: String,
    #[serde(rename = "type")]
    _kind: Option<OneOf<TextKind>>,
    pub(super) id: Option<String>,
}

/// The one kind of message that carries words.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextKind;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordingIn {
    pub(super) audio: String,
    pub(super) format: String,
    pub(super) id: Option<String>,
    pub(super) channel: Option<OneOf<Channel>>,
    pub(super) user_id: Option<String>,
    pub(super) session_id: Option<String>,
    #[serde(rename = "metadata")]
    _metadata: Option<AnyObject>,
}

/// The answer to a message, and beside the documented fields what a caller needs to follow the session.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnsweredOut {
    pub(super) response: Option<ResponseOut>,
    pub(super) session_id: String,
    pub(super) context: UnderstoodOut,
    pub(super) status: &'static str,
    pub(super) message_id: String,
    #[schemars(with = "u64")]
    pub(super) sequence: Sequence,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecordedOut {
    pub(super) transcription: String,
    #[serde(flatten)]
    pub(super) answered: AnsweredOut,
}

/// What is said; without an id where it was said before, or is told to this caller alone.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ResponseOut {
    pub(super) text: String,
    pub(super) id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UnderstoodOut {
    pub(super) intent: Option<&'static str>,
    pub(super) entities: Vec<String>,
    pub(super) confidence: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContextOut {
    pub(super) session_id: String,
    pub(super) user_id: String,
    pub(super) channel: &'static str,
    pub(super) status: &'static str,
    pub(super) context: RememberedOut,
}

/// The one object of this family whose names have underscores.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RememberedOut {
    pub(super) conversation_history: Vec<SaidOut>,
    pub(super) entities: BTreeMap<&'static str, Option<String>>,
    pub(super) intent: Option<&'static str>,
    #[schemars(with = "Time")]
    pub(super) last_interaction: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SaidOut {
    pub(super) role: &'static str,
    pub(super) content: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetOut {
    pub(super) status: &'static str,
    pub(super) message: &'static str,
    pub(super) session_id: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionOut {
    pub(super) id: String,
    /// The hub's own id, by which offers and references name it; `id` is the caller's own where it brought one.
    pub(super) conversation_id: String,
    pub(super) customer_id: String,
    pub(super) customer_name: String,
    pub(super) channel: &'static str,
    pub(super) status: &'static str,
    pub(super) agent_id: Option<String>,
    pub(super) agent_name: Option<String>,
    #[schemars(with = "Time")]
    pub(super) started_at: String,
    #[schemars(with = "Time")]
    pub(super) last_message_at: String,
    #[schemars(with = "u64")]
    pub(super) last_sequence: Sequence,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SessionsOut {
    pub(super) sessions: Vec<SessionOut>,
    pub(super) pagination: PaginationOut,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionInfoOut {
    #[serde(flatten)]
    pub(super) session: SessionOut,
    pub(super) customer_info: CustomerInfoOut,
    /// Where messages to the customer go at the channel's provider; null on the web.
    pub(super) address: Option<String>,
    /// What it is about, where that was said (email).
    pub(super) subject: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CustomerInfoOut {
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SessionDetailOut {
    pub(super) session: SessionInfoOut,
    pub(super) messages: Vec<MessageOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageOut {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) sender: &'static str,
    pub(super) sender_name: String,
    #[schemars(with = "Time")]
    pub(super) timestamp: String,
    #[schemars(with = "u64")]
    pub(super) sequence: Sequence,
    pub(super) status: &'static str,
    /// Why it will not arrive, where it has failed.
    pub(super) failure: Option<String>,
    pub(super) attachments: Vec<AttachmentOut>,
}

/// A file of a message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachmentOut {
    /// By which it is downloaded, from the message it belongs to.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub(super) struct PaginationOut {
    pub(super) total: u64,
    pub(super) page: usize,
    pub(super) limit: usize,
    pub(super) pages: u64,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct VectorIn {
    pub(super) text: String,
    pub(super) metadata: Option<Object<VectorMetadataIn>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VectorMetadataIn {
    pub(super) title: Option<String>,
    pub(super) source: Option<String>,
    pub(super) source_id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) organization_id: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StoredOut {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) dimensions: usize,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchIn {
    pub(super) query: String,
    pub(super) organization_id: Option<String>,
    pub(super) limit: Option<Count>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FoundOut {
    pub(super) results: Vec<SourceOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SourceOut {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) relevance: f64,
    pub(super) source: &'static str,
    pub(super) url: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIn {
    pub(super) username: Option<String>,
    pub(super) email: String,
    pub(super) password: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) role: OneOf<Role>,
    pub(super) organization_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserChangeIn {
    pub(super) is_active: Option<bool>,
    pub(super) role: Option<OneOf<Role>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserOut {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) role: &'static str,
    pub(super) organization_id: String,
    pub(super) is_active: bool,
    #[schemars(with = "Time")]
    pub(super) created_at: String,
    #[schemars(with = "Option<Time>")]
    pub(super) last_login_at: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UsersOut {
    pub(super) users: Vec<UserOut>,
    pub(super) pagination: PaginationOut,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationIn {
    pub(super) name: String,
    pub(super) admin_email: String,
    pub(super) admin_password: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationOut {
    pub(super) id: String,
    pub(super) name: String,
    #[schemars(with = "Time")]
    pub(super) created_at: String,
    pub(super) admin: UserOut,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ApiKeyIn {
    pub(super) name: String,
    pub(super) scopes: Option<Vec<String>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeyOut {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    #[schemars(with = "Time")]
    pub(super) created_at: String,
}

/// A new key with its text, which is never shown again.
#[derive(Serialize, JsonSchema)]
pub(super) struct NewApiKeyOut {
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) made: ApiKeyOut,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeysOut {
    pub(super) api_keys: Vec<ApiKeyOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HealthOut {
    pub(super) status: Condition,
    pub(super) version: &'static str,
    pub(super) dependencies: BTreeMap<&'static str, Condition>,
    /// Messages that wait for a channel that is `disabled`; they go out when it is configured again within a day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) waiting: BTreeMap<&'static str, usize>,
}
