//! What organizations tell about themselves.

use switchboard_domain::business::BusinessProfile;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, StoreError};

use super::Records;
use super::codec::encode;
use super::keys::{Kind, scoped};

impl Records {
    /// An organization's profile, if it has set anything.
    pub fn find_profile(&self, organization: OrganizationId) -> Result<Option<BusinessProfile>, StoreError> {
        self.find(&scoped(Kind::BusinessProfile, organization, &[]))
    }
}

/// Writes an organization's profile.
pub fn put_profile(
    batch: &mut Batch,
    organization: OrganizationId,
    profile: &BusinessProfile,
) -> Result<(), StoreError> {
    batch.put(scoped(Kind::BusinessProfile, organization, &[]), encode(profile)?);
    Ok(())
}
