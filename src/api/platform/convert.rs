//! Between this family's wire types and the hub's: one file a kind of record.

mod accounts;
mod knowledge;
mod messages;
mod sessions;

use switchboard_actors::error::HubError;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::scope::Scope;

use super::wire::{HealthOut, PaginationOut};
use crate::http::health::{Health, VERSION};
use crate::http::page::Numbered;

/// The organization of this id; an id of none is not found, as another's is.
pub(super) fn named_organization(id: Option<&str>) -> Result<Option<OrganizationId>, HubError> {
    let parse = |id| OrganizationId::parse(id).ok_or(HubError::NotFound("organization"));
    id.map(parse).transpose()
}

/// A body may name the caller's own organization; any other one is not found.
pub(super) fn own_organization(scope: &Scope, id: Option<&str>) -> Result<(), HubError> {
    match named_organization(id)? {
        Some(named) if named != scope.organization => Err(HubError::NotFound("organization")),
        _ => Ok(()),
    }
}

impl PaginationOut {
    /// Of a page with so many entries on all pages.
    pub(super) fn of(page: Numbered, total: u64) -> Self {
        Self {
            total,
            page: page.page,
            limit: page.limit,
            pages: page.pages(total),
        }
    }
}

impl From<Health> for HealthOut {
    fn from(health: Health) -> Self {
        Self {
            status: health.status,
            version: VERSION,
            dependencies: health.dependencies.into_iter().collect(),
            waiting: health.waiting.into_iter().collect(),
        }
    }
}
