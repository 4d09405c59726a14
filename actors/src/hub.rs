//! The one door of the core. Every surface calls [`Hub`] and nothing else; [`Scope`] comes first in every call.
//!
//! [`Scope`]: switchboard_domain::scope::Scope

pub mod accounts;

use std::sync::Arc;

use crate::credentials::Credentials;
use crate::services::Services;

/// A cheap handle on the core.
#[derive(Debug, Clone)]
pub struct Hub {
    pub(crate) services: Arc<Services>,
    pub(crate) credentials: Arc<Credentials>,
}
