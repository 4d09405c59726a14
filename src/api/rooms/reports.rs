//! `/api/admin/{dashboard,customers,intent-statistics}` and `/api/analytics/{overview,customer-behavior}`: figures for
//! those who run the rooms. Staff alone.

use switchboard_actors::hub::analytics::Span;

use super::wire::{BehaviorOut, CustomerOut, DashboardOut, IntentOut, OverviewOut, intents};
use crate::http::body::FieldError;
use crate::http::page::{MAX_LIMIT, Skipping};
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Days of the statistics of intents, unless the caller says otherwise.
const INTENT_DAYS: u64 = 7;
/// Days of the analytics, unless the caller says otherwise.
const ANALYTICS_DAYS: u64 = 30;
/// The most days of a report.
const MAX_DAYS: u64 = 3_660;
/// Customers told of in the analytics.
const CUSTOMERS: usize = 100;

const DAYS: &[Param] = &[Param::count(
    "days",
    "The days to look at, today included, at most 3660",
)];

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/admin/dashboard", Access::Staff, dashboard)
        .says("Tell how things stand")
        .details(
            "`ai_usage_rate` lies between 0.0 and 1.0, `avg_response_time` is seconds. `active_chats` are neither \
             closed nor waiting, `pending_chats` wait for an agent.",
        )
        .answers::<DashboardOut>(200),
    Route::read("/api/admin/customers", Access::Staff, customers)
        .says("List customers with their chat statistics")
        .details("The newest customer first, each with its newest room.")
        .query(&[Param::SKIP, Param::LIMIT])
        .answers::<Vec<CustomerOut>>(200),
    Route::read("/api/admin/intent-statistics", Access::Staff, intent_statistics)
        .says("Count what customers wanted")
        .query(DAYS)
        .answers::<Vec<IntentOut>>(200),
    Route::read("/api/analytics/overview", Access::Staff, overview)
        .says("Report on messages, rooms and intents")
        .query(DAYS)
        .answers::<OverviewOut>(200),
    Route::read("/api/analytics/customer-behavior", Access::Staff, behavior)
        .says("Report on customers and response times")
        .details("Durations are minutes. `customer_details` are the 100 customers with most messages.")
        .query(DAYS)
        .answers::<BehaviorOut>(200),
];

fn days(call: &Call, default: u64) -> Result<u64, FieldError> {
    call.query().number_within("days", 1..=MAX_DAYS, default)
}

fn dashboard(call: &Call) -> Reply {
    let (hub, scope) = (call.hub(), call.scope()?);
    ok(&DashboardOut::of(
        &hub.stock(scope)?,
        &hub.report_all_time(scope)?,
    ))
}

fn customers(call: &Call) -> Reply {
    let page = Skipping::of(call.query(), MAX_LIMIT, MAX_LIMIT)?;
    let found = call
        .hub()
        .list_engagements(call.scope()?, page.skip, page.limit)?;
    ok(&found.items.iter().map(CustomerOut::from).collect::<Vec<_>>())
}

fn intent_statistics(call: &Call) -> Reply {
    let days = days(call, INTENT_DAYS)?;
    let span = Span::last_days(call.hub().services().now(), days);
    let report = call.hub().report(call.scope()?, span)?;
    ok(&intents(&report.figures()))
}

fn overview(call: &Call) -> Reply {
    let (days, now) = (days(call, ANALYTICS_DAYS)?, call.hub().services().now());
    let span = Span::last_days(now, days);
    let report = call.hub().report(call.scope()?, span)?;
    let rooms = call.hub().count_active_conversations(call.scope()?, span)?;
    ok(&OverviewOut::of(&report, days, now, rooms))
}

fn behavior(call: &Call) -> Reply {
    let days = days(call, ANALYTICS_DAYS)?;
    let span = Span::last_days(call.hub().services().now(), days);
    let figures = call.hub().report(call.scope()?, span)?.figures();
    let behavior = call.hub().behavior(call.scope()?, span, CUSTOMERS)?;
    ok(&BehaviorOut::of(&behavior, &figures))
}
