//! The `care` family: registration, conversations with answers in the same call, and their analytics.
//!
//! Everything is found again under `/v1`. Lists are bare, their paging is in the headers; `/health` is served beside the
//! families.

mod analytics;
mod auth;
mod conversations;
mod error;
mod messages;
mod paging;
mod wire;

use crate::http::failure::Failure;
use crate::http::route::Family;

/// Its routes and its form of errors.
pub const FAMILY: Family = Family {
    name: "care",
    prefixes: &["/auth", "/conversations", "/analytics/conversations"],
    aliases: &["/v1"],
    routes: &[
        auth::ROUTES,
        conversations::ROUTES,
        messages::ROUTES,
        analytics::ROUTES,
    ],
    error: error::body,
    status: Failure::status,
};
