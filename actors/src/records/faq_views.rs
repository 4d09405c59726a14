//! How often each FAQ was read: a counter of its own, so that reading one never rewrites it.
//!
//! Counted by the session's commit when the assistant answers with it, and by the hub when somebody opens it.

use switchboard_domain::id::{FaqId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError, decode_counter};

use super::Records;
use super::keys::{Kind, scoped};

fn views_key(organization: OrganizationId, id: FaqId) -> Vec<u8> {
    scoped(Kind::FaqViews, organization, &[id.as_bytes()])
}

impl Records {
    /// How often a FAQ was read.
    pub fn count_faq_views(&self, organization: OrganizationId, id: FaqId) -> Result<u64, StoreError> {
        let bytes = self.engine.get(&views_key(organization, id))?;
        let views = bytes.and_then(|bytes| decode_counter(&bytes)).unwrap_or(0);
        Ok(u64::try_from(views).unwrap_or(0))
    }
}

/// Counts one more reading.
pub fn add_view(batch: &mut Batch, organization: OrganizationId, id: FaqId) {
    batch.add(views_key(organization, id), 1);
}

/// Forgets what was counted.
pub fn forget_views(batch: &mut Batch, organization: OrganizationId, id: FaqId) {
    batch.delete(views_key(organization, id));
}
