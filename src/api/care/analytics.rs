//! `/analytics/conversations`: what customers wanted, how much, and when. For staff.

use switchboard_actors::hub::analytics::Timeframe;

use super::wire::analytics::AnalyticsOut;
use crate::http::period;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Days a report covers without a start.
const DAYS: u64 = 30;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/analytics/conversations", Access::Staff, report)
        .says("Report on conversations")
        .details(
            "Both dates are included; without them the last 30 days. A conversation counts when its first message came. \
             Steps are UTC, weeks begin on Monday.",
        )
        .query(&[
            Param::time("start_date", "The first day or moment"),
            Param::time("end_date", "The last day or moment"),
            Param::word::<Timeframe>("timeframe", "The steps of the time series; daily without"),
        ])
        .answers::<AnalyticsOut>(200),
];

fn report(call: &Call) -> Reply {
    let hub = call.hub();
    let span = period::read(
        call.query(),
        ("start_date", "end_date"),
        hub.services().now(),
        DAYS,
    )?;
    let timeframe = call.query().word("timeframe")?.unwrap_or(Timeframe::Daily);
    let report = hub.report(call.scope()?, span)?;
    let active = hub.count_active_customers(call.scope()?, span)?;
    ok(&AnalyticsOut::of(&report, active, timeframe))
}
