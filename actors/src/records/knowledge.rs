//! FAQs, passages, their vectors, and the organization's settings.

use switchboard_domain::id::{FaqId, OrganizationId, PassageId};
use switchboard_domain::knowledge::{Faq, IndexedSource, Passage};
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::settings::AssistantSettings;

use super::codec::encode;
use super::counters::{Total, add_total};
use super::keys::{Kind, scoped};
use super::{Records, Stored};

impl Records {
    /// A FAQ, with its bytes.
    pub fn find_faq(
        &self,
        organization: OrganizationId,
        id: FaqId,
    ) -> Result<Option<Stored<Faq>>, StoreError> {
        self.find_stored(&scoped(Kind::Faq, organization, &[id.as_bytes()]))
    }

    /// FAQs, oldest first.
    pub fn list_faqs(&self, organization: OrganizationId, limit: usize) -> Result<Vec<Faq>, StoreError> {
        self.list(
            &KeyRange::prefix(&scoped(Kind::Faq, organization, &[])),
            Direction::Forward,
            limit,
        )
    }

    /// Everything the assistant of an organization can answer with.
    pub fn list_sources(&self, organization: OrganizationId) -> Result<Vec<IndexedSource>, StoreError> {
        let range = KeyRange::prefix(&scoped(Kind::IndexedSource, organization, &[]));
        self.list(&range, Direction::Forward, usize::MAX)
    }

    /// A passage.
    pub(crate) fn find_passage(
        &self,
        organization: OrganizationId,
        id: PassageId,
    ) -> Result<Option<Passage>, StoreError> {
        self.find(&scoped(Kind::Passage, organization, &[id.as_bytes()]))
    }

    /// A source, with its bytes.
    pub(crate) fn find_source(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Option<Stored<IndexedSource>>, StoreError> {
        self.find_stored(&scoped(Kind::IndexedSource, organization, &[id.as_bytes()]))
    }

    /// The organization's settings, if it has set any.
    pub fn find_settings(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<AssistantSettings>, StoreError> {
        self.find(&scoped(Kind::Settings, organization, &[]))
    }
}

/// Writes the organization's settings.
pub fn put_settings(
    batch: &mut Batch,
    organization: OrganizationId,
    settings: &AssistantSettings,
) -> Result<(), StoreError> {
    batch.put(scoped(Kind::Settings, organization, &[]), encode(settings)?);
    Ok(())
}

/// Adds a FAQ with its vectors.
pub fn insert_faq(batch: &mut Batch, faq: &Faq, source: &IndexedSource) -> Result<(), StoreError> {
    batch.put(
        scoped(Kind::Faq, faq.organization, &[faq.id.as_bytes()]),
        encode(faq)?,
    );
    add_total(batch, faq.organization, Total::Faqs, 1);
    put_source(batch, faq.organization, source)
}

/// Replaces a FAQ and its vectors; refused when somebody else has written since.
pub fn update_faq(
    batch: &mut Batch,
    old: &Stored<Faq>,
    next: &Faq,
    source: &IndexedSource,
) -> Result<(), StoreError> {
    let at = scoped(Kind::Faq, next.organization, &[next.id.as_bytes()]);
    batch
        .require(at.clone(), old.bytes.clone())
        .put(at, encode(next)?);
    put_source(batch, next.organization, source)
}

/// Removes a FAQ and its vectors; refused when somebody else has written since.
pub fn delete_faq(batch: &mut Batch, old: &Stored<Faq>) {
    let Faq { organization, id, .. } = old.record;
    let at = scoped(Kind::Faq, organization, &[id.as_bytes()]);
    batch.require(at.clone(), old.bytes.clone()).delete(at);
    batch.delete(scoped(
        Kind::IndexedSource,
        organization,
        &[id.to_string().as_bytes()],
    ));
    add_total(batch, organization, Total::Faqs, -1);
}

/// Adds a passage with its vectors.
pub fn insert_passage(
    batch: &mut Batch,
    passage: &Passage,
    source: &IndexedSource,
) -> Result<(), StoreError> {
    batch.put(
        scoped(Kind::Passage, passage.organization, &[passage.id.as_bytes()]),
        encode(passage)?,
    );
    put_source(batch, passage.organization, source)
}

/// Replaces the vectors of a source; refused when somebody else has written since.
pub(crate) fn update_source(
    batch: &mut Batch,
    organization: OrganizationId,
    old: &Stored<IndexedSource>,
    next: &IndexedSource,
) -> Result<(), StoreError> {
    let at = scoped(Kind::IndexedSource, organization, &[next.id.as_bytes()]);
    batch.require(at, old.bytes.clone());
    put_source(batch, organization, next)
}

fn put_source(
    batch: &mut Batch,
    organization: OrganizationId,
    source: &IndexedSource,
) -> Result<(), StoreError> {
    batch.put(
        scoped(Kind::IndexedSource, organization, &[source.id.as_bytes()]),
        encode(source)?,
    );
    Ok(())
}
