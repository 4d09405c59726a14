//! The `platform` family: customers' messages with their answers, knowledge, and administration.
//!
//! It calls a conversation a session, and its callers may bring their own ids: a `sessionId` they bring is an alias
//! that this family alone shows. Pages are numbered, errors carry the request's id.

mod analytics;
mod api_keys;
mod attachments;
mod channels;
mod convert;
mod email;
mod error;
mod foreign;
mod health;
mod knowledge;
mod memories;
mod messages;
mod organizations;
mod sessions;
mod users;
mod wire;

use crate::http::failure::Failure;
use crate::http::route::Family;

/// Its routes and its form of errors.
pub const FAMILY: Family = Family {
    name: "platform",
    prefixes: &[
        "/api/core",
        "/api/memory",
        "/api/channels",
        "/api/admin/users",
        "/api/admin/sessions",
        "/api/admin/analytics",
        "/api/admin/organizations",
        "/api/admin/api-keys",
    ],
    aliases: &[],
    routes: &[
        messages::ROUTES,
        sessions::ROUTES,
        attachments::ROUTES,
        knowledge::ROUTES,
        memories::ROUTES,
        analytics::ROUTES,
        users::ROUTES,
        organizations::ROUTES,
        api_keys::ROUTES,
        channels::ROUTES,
        email::ROUTES,
        health::ROUTES,
    ],
    error: error::body,
    status: Failure::status,
};
