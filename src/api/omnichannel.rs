//! The `omnichannel` family: businesses with their customers, conversations, campaigns and FAQs.
//!
//! Every answer is an envelope: `{"success", "data", "pagination"?}`, or `{"success", "message", "code", "errors"}`.

mod analytics;
mod business;
mod cache;
mod campaigns;
mod conversations;
mod customers;
mod error;
mod extraction;
mod faq;
mod messages;
mod webhooks;
mod wire;

use crate::http::failure::Failure;
use crate::http::route::Family;

/// Its routes and its form of errors.
pub const FAMILY: Family = Family {
    name: "omnichannel",
    prefixes: &[
        "/api/business",
        "/api/customers",
        "/api/conversations",
        "/api/campaigns",
        "/api/faq",
        "/api/cache",
        "/api/webhooks",
        "/api/analytics/dashboard",
        "/api/analytics/costs",
    ],
    aliases: &[],
    routes: &[
        business::ROUTES,
        customers::ROUTES,
        conversations::ROUTES,
        messages::ROUTES,
        campaigns::ROUTES,
        faq::ROUTES,
        extraction::ROUTES,
        analytics::ROUTES,
        cache::ROUTES,
        webhooks::ROUTES,
    ],
    error: error::body,
    status: Failure::status,
};
