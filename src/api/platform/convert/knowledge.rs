//! Knowledge in, sources out.

use switchboard_actors::hub::knowledge::{NewPassage, StoredPassage};
use switchboard_domain::source::{Source, SourceKind};

use super::super::wire::{FoundOut, SourceOut, StoredOut, VectorIn, VectorMetadataIn};
use crate::http::wire::Object;

impl VectorIn {
    /// The organization the caller names.
    pub(in crate::api::platform) fn organization(&self) -> Option<&str> {
        let Object(metadata) = self.metadata.as_ref()?;
        metadata.organization_id.as_deref()
    }
}

impl From<VectorIn> for NewPassage {
    fn from(vector: VectorIn) -> Self {
        let Object(metadata) = vector.metadata.unwrap_or_default();
        let VectorMetadataIn {
            title,
            source,
            source_id,
            url,
            organization_id: _,
        } = metadata;
        Self {
            title: title.unwrap_or_default(),
            text: vector.text,
            source: source.unwrap_or_else(|| SourceKind::KnowledgeBase.as_str().to_owned()),
            source_id,
            url,
        }
    }
}

impl From<StoredPassage> for StoredOut {
    fn from(stored: StoredPassage) -> Self {
        Self {
            id: stored.id.to_string(),
            status: "stored",
            dimensions: stored.dimensions,
        }
    }
}

impl From<Vec<Source>> for FoundOut {
    fn from(sources: Vec<Source>) -> Self {
        Self {
            results: sources.into_iter().map(SourceOut::from).collect(),
        }
    }
}

impl From<Source> for SourceOut {
    fn from(source: Source) -> Self {
        Self {
            relevance: source.relevance.rounded(),
            source: source.kind.as_str(),
            id: source.id,
            title: source.title,
            content: source.text,
            url: source.url,
        }
    }
}
