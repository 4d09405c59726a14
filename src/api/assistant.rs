//! The `assistant` family: questions to the assistant, FAQs that everybody may read, and customer logs.
//!
//! Its ids are whole numbers, counted up in each organization. Wrong values are answered 422 with a list of them.

mod auth;
mod chat;
mod error;
mod faqs;
mod logs;
mod paging;
mod reports;
mod wire;

use switchboard_actors::error::HubError;

use crate::http::route::{Call, Family};

/// Its routes and its form of errors.
pub const FAMILY: Family = Family {
    name: "assistant",
    prefixes: &["/api/v1"],
    aliases: &[],
    routes: &[
        auth::ROUTES,
        chat::ROUTES,
        faqs::ROUTES,
        logs::ROUTES,
        reports::ROUTES,
    ],
    error: error::body,
    status: error::status,
};

/// The number that a segment of the path is; what is none names nothing.
fn number(call: &Call, capture: &str, what: &'static str) -> Result<u64, HubError> {
    call.path(capture).parse().map_err(|_| HubError::NotFound(what))
}
