//! `/api/v1/logs/logs/summary` and `/trending`: what the last hours' logs have in common.

use switchboard_actors::hub::logs::MAX_HOURS;

use super::wire::logs::{SummaryOut, TrendOut};
use crate::http::body::FieldError;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Hours that are looked at, unless the caller says otherwise.
const HOURS: u64 = 24;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/v1/logs/logs/summary", Access::Caller, summary)
        .says("Add up logs by status, category and priority")
        .details("A customer's own logs, all of the organization for agents and admins.")
        .query(&[Param::count("hours", "The last so many hours; 24 without")])
        .answers::<SummaryOut>(200),
    Route::read("/api/v1/logs/logs/trending", Access::Admin, trending)
        .says("Tell which words rise in the logs")
        .details(
            "A word rises when a larger share of the last hours' logs names it, in title or description, than of the \
             logs of the equally long time before; at least two must. The steepest rise first, at most 10; `count` tells \
             how many of the last hours' logs name it. Common words are left out.",
        )
        .query(&[Param::count("hours", "The last so many hours; 24 without")])
        .answers::<Vec<TrendOut>>(200),
];

fn summary(call: &Call) -> Reply {
    let hours = hours(call)?;
    let summary = call.hub().summarize_logs(call.scope()?, hours)?;
    ok(&SummaryOut::of(hours, summary))
}

fn trending(call: &Call) -> Reply {
    let trends = call.hub().list_trends(call.scope()?, hours(call)?)?;
    ok(&trends.into_iter().map(TrendOut::from).collect::<Vec<_>>())
}

/// Reads `hours`.
///
/// # Errors
/// The field, when it is no whole number from 1.
pub(super) fn hours(call: &Call) -> Result<u64, FieldError> {
    let asked = call.query().number("hours", 1)?;
    Ok(asked.unwrap_or(HOURS).min(MAX_HOURS))
}
