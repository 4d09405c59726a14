//! What is remembered of customers, on the wire.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_actors::hub::memories::{MemoryChange, NewMemory, Remembered};
use switchboard_domain::memory::{Memory, MemoryKind};

use crate::http::wire::{Object, OneOf, Share, Time, Word};

impl Word for MemoryKind {
    const EXPECTED: &'static str = "one of short_term, long_term";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

/// Any JSON at all, null included.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::api::platform) struct AnyValue(Value);

impl JsonSchema for AnyValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AnyValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "Any JSON", "example": {"preferred_shipping": "express"}})
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MemoryIn {
    #[schemars(length(min = 1, max = 128))]
    user_id: String,
    #[serde(rename = "type")]
    kind: OneOf<MemoryKind>,
    #[schemars(length(min = 1, max = 200))]
    key: String,
    value: AnyValue,
    metadata: Option<Object<MetadataIn>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(in crate::api::platform) struct MetadataIn {
    /// 0.5 when nobody says it.
    importance: Option<Share>,
    #[schemars(length(max = 100))]
    source: Option<String>,
}

impl From<MemoryIn> for NewMemory {
    fn from(memory: MemoryIn) -> Self {
        let Object(metadata) = memory.metadata.unwrap_or_default();
        let OneOf(kind) = memory.kind;
        Self {
            user: memory.user_id,
            kind,
            key: memory.key,
            value: memory.value.0.to_string(),
            importance: metadata.importance.map(|Share(share)| share),
            source: metadata.source,
        }
    }
}

/// What is to change; what is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::platform) struct MemoryChangeIn {
    #[serde(default, deserialize_with = "present")]
    value: Option<AnyValue>,
    metadata: Option<Object<MetadataIn>>,
}

/// A value that is there, also when it is null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<AnyValue>, D::Error> {
    AnyValue::deserialize(deserializer).map(Some)
}

impl From<MemoryChangeIn> for MemoryChange {
    fn from(change: MemoryChangeIn) -> Self {
        let Object(metadata) = change.metadata.unwrap_or_default();
        Self {
            value: change.value.map(|AnyValue(value)| value.to_string()),
            importance: metadata.importance.map(|Share(share)| share),
            source: metadata.source,
        }
    }
}

/// A memory that was just told.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct ToldOut {
    id: String,
    /// `stored`, or `updated` where one of the same type and key was there.
    status: &'static str,
    user_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl ToldOut {
    /// As its caller calls the user.
    pub(in crate::api::platform) fn of(remembered: &Remembered, user_id: String) -> Self {
        Self {
            id: remembered.memory.id.to_string(),
            status: if remembered.is_new { "stored" } else { "updated" },
            user_id,
            kind: remembered.memory.kind.as_str(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api::platform) struct MemoryOut {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    key: String,
    #[schemars(with = "AnyValue")]
    value: Value,
    metadata: MetadataOut,
}

/// The names in here have underscores.
#[derive(Debug, Serialize, JsonSchema)]
struct MetadataOut {
    importance: f64,
    source: String,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    last_accessed: String,
    /// When it ends by itself; null for what stays.
    #[schemars(with = "Option<Time>")]
    expires_at: Option<String>,
}

impl From<Memory> for MemoryOut {
    fn from(memory: Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            kind: memory.kind.as_str(),
            key: memory.key,
            // What was stored was JSON; damage shows as null.
            value: serde_json::from_str(&memory.value).unwrap_or_default(),
            metadata: MetadataOut {
                importance: memory.importance.rounded(),
                source: memory.source,
                created_at: memory.created_at.to_string(),
                last_accessed: memory.last_accessed.to_string(),
                expires_at: memory.expires_at.map(|end| end.to_string()),
            },
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::platform) struct MemoriesOut {
    pub(in crate::api::platform) user_id: String,
    pub(in crate::api::platform) memories: Vec<MemoryOut>,
}
