//! The `rooms` family: login, chat rooms, and the dashboard of those who run them.
//!
//! It calls a conversation a room and knows two types of user: `admin` stands for agents and admins alike.

mod auth;
mod chat;
mod error;
mod reports;
mod system_config;
mod wire;

use crate::http::failure::Failure;
use crate::http::route::Family;

/// Its routes and its form of errors.
pub const FAMILY: Family = Family {
    name: "rooms",
    prefixes: &[
        "/api/auth",
        "/api/chat",
        "/api/admin/dashboard",
        "/api/admin/customers",
        "/api/admin/intent-statistics",
        "/api/admin/system-config",
        "/api/analytics/overview",
        "/api/analytics/customer-behavior",
    ],
    aliases: &[],
    routes: &[auth::ROUTES, chat::ROUTES, reports::ROUTES, system_config::ROUTES],
    error: error::body,
    status: Failure::status,
};
