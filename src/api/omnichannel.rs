//! The `omnichannel` family: businesses with their customers, conversations, campaigns and FAQs.
//!
//! Every answer is an envelope: `{"success", "data", "pagination"?}`, or `{"success", "message", "code", "errors"}`.

mod campaigns;
mod error;
mod extraction;
mod faq;
mod wire;

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
    routes: &[campaigns::ROUTES, extraction::ROUTES, faq::ROUTES],
    error: error::body,
};
