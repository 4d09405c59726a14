//! `/api/v1/logs/logs`: what customers report, made, listed, read, changed and removed.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::logs::LogFilter;
use switchboard_domain::log::{LogPriority, LogStatus};

use super::number;
use super::paging::{self, Asked, ListedOut};
use super::reports::hours;
use super::wire::logs::{LogChangeIn, LogIn, LogOut};
use crate::http::body::FieldError;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

const NUMBER: &[Param] = &[Param::count("log_id", "The log's number")];

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/v1/logs/logs", Access::Caller, |call| create(call).boxed())
        .says("Report something")
        .details("Without them `log_type` is `inquiry`, `priority` `medium` and `category` `general`.")
        .takes::<LogIn>()
        .answers::<LogOut>(201),
    Route::read("/api/v1/logs/logs", Access::Caller, list)
        .says("List logs, newest first")
        .details(paging::DETAILS)
        .query(&[
            Param::word::<LogStatus>("status", "Only logs of this status"),
            Param::text("category", "Only logs of this category"),
            Param::word::<LogPriority>("priority", "Only logs of this priority"),
            Param::count("hours", "Only logs of the last so many hours; 24 without"),
            Param::SKIP,
            Param::LIMIT,
        ])
        .answers::<ListedOut<LogOut>>(200),
    Route::read("/api/v1/logs/logs/:log_id", Access::Caller, get)
        .path(NUMBER)
        .says("Show a log")
        .answers::<LogOut>(200),
    Route::put("/api/v1/logs/logs/:log_id", Access::Caller, |call| {
        change(call).boxed()
    })
    .path(NUMBER)
    .says("Change a log")
    .details(
        "Its reporter changes title and description, agents and admins everything. What is absent stays.",
    )
    .takes::<LogChangeIn>()
    .answers::<LogOut>(200),
    Route::delete("/api/v1/logs/logs/:log_id", Access::Staff, |call| {
        delete(call).boxed()
    })
    .path(NUMBER)
    .says("Delete a log")
    .answers_nothing(),
];

async fn create(call: Call) -> Reply {
    let log: LogIn = call.json()?;
    let made = call.hub().create_log(call.scope()?, log.into()).await?;
    created(&LogOut::from(&made))
}

fn list(call: &Call) -> Reply {
    let (asked, filter) = (Asked::of(call)?, filter(call)?);
    let (skip, limit) = (asked.page.skip, asked.page.limit);
    let found = call.hub().list_logs(call.scope()?, &filter, skip, limit)?;
    asked.listed(found.items.iter().map(LogOut::from).collect(), found.total)
}

fn get(call: &Call) -> Reply {
    let log = call.hub().get_log(call.scope()?, id(call)?)?;
    ok(&LogOut::from(&log))
}

async fn change(call: Call) -> Reply {
    let change: LogChangeIn = call.json()?;
    let changed = call
        .hub()
        .update_log(call.scope()?, id(&call)?, change.into())
        .await?;
    ok(&LogOut::from(&changed))
}

async fn delete(call: Call) -> Reply {
    call.hub().delete_log(call.scope()?, id(&call)?).await?;
    no_content()
}

fn filter(call: &Call) -> Result<LogFilter, FieldError> {
    let query = call.query();
    Ok(LogFilter {
        hours: hours(call)?,
        status: query.word("status")?,
        priority: query.word("priority")?,
        category: query.text("category").map(str::to_owned),
    })
}

fn id(call: &Call) -> Result<u64, HubError> {
    number(call, "log_id", "log")
}
