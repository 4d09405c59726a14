//! A company whose conversations the hub keeps apart from every other's.

use serde::{Deserialize, Serialize};

use crate::id::OrganizationId;
use crate::time::Timestamp;

/// One organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The operator's own organization: callers without credentials belong to it, and its admins make others.
    pub is_default: bool,
    /// When it was made.
    pub created_at: Timestamp,
}
