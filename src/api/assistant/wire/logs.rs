//! Customer logs, their summary and their trends.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::logs::NewLog;
use switchboard_domain::log::trend::Trend;
use switchboard_domain::log::{CustomerLog, LogChange, LogPriority, LogStatus, LogSummary};

use crate::http::wire::{OneOf, Time, Word};

impl Word for LogStatus {
    const EXPECTED: &'static str = "one of open, in_progress, resolved, closed";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

impl Word for LogPriority {
    const EXPECTED: &'static str = "one of low, medium, high, urgent";

    fn read(word: &str) -> Option<Self> {
        Self::from_name(word)
    }
}

#[derive(Deserialize, JsonSchema)]
pub(in crate::api::assistant) struct LogIn {
    title: String,
    description: String,
    /// A word for what kind of log it is.
    log_type: Option<String>,
    priority: Option<OneOf<LogPriority>>,
    /// A word to group by.
    category: Option<String>,
}

impl From<LogIn> for NewLog {
    fn from(log: LogIn) -> Self {
        Self {
            title: log.title,
            description: log.description,
            log_type: log.log_type,
            priority: log
                .priority
                .map_or_else(LogPriority::default, |OneOf(priority)| priority),
            category: log.category,
        }
    }
}

/// What is absent or null stays as it is.
#[derive(Deserialize, JsonSchema)]
pub(in crate::api::assistant) struct LogChangeIn {
    title: Option<String>,
    description: Option<String>,
    log_type: Option<String>,
    status: Option<OneOf<LogStatus>>,
    priority: Option<OneOf<LogPriority>>,
    category: Option<String>,
}

impl From<LogChangeIn> for LogChange {
    fn from(change: LogChangeIn) -> Self {
        Self {
            title: change.title,
            description: change.description,
            log_type: change.log_type,
            status: change.status.map(|OneOf(status)| status),
            priority: change.priority.map(|OneOf(priority)| priority),
            category: change.category,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct LogOut {
    id: u64,
    user_id: u64,
    title: String,
    description: String,
    log_type: String,
    #[schemars(extend("enum" = ["open", "in_progress", "resolved", "closed"]))]
    status: &'static str,
    #[schemars(extend("enum" = ["low", "medium", "high", "urgent"]))]
    priority: &'static str,
    category: String,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    updated_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    resolved_at: Option<String>,
}

impl From<&CustomerLog> for LogOut {
    fn from(log: &CustomerLog) -> Self {
        Self {
            id: log.number,
            user_id: log.account_number,
            title: log.title.clone(),
            description: log.description.clone(),
            log_type: log.log_type.clone(),
            status: log.status.as_str(),
            priority: log.priority.as_str(),
            category: log.category.clone(),
            created_at: log.created_at.to_string(),
            updated_at: log.updated_at.map(|at| at.to_string()),
            resolved_at: log.resolved_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct SummaryOut {
    timeframe_hours: u64,
    total_logs: u64,
    /// All four.
    status_breakdown: BTreeMap<&'static str, u64>,
    /// Those that occurred.
    category_breakdown: BTreeMap<String, u64>,
    /// All four.
    priority_breakdown: BTreeMap<&'static str, u64>,
}

impl SummaryOut {
    /// What the last so many hours add up to.
    pub(in crate::api::assistant) fn of(hours: u64, summary: LogSummary) -> Self {
        let of_status = |status: LogStatus| summary.by_status.get(&status).copied().unwrap_or(0);
        let of_priority = |priority: LogPriority| summary.by_priority.get(&priority).copied().unwrap_or(0);
        let statuses = LogStatus::ALL.map(|status| (status.as_str(), of_status(status)));
        let priorities = LogPriority::ALL.map(|priority| (priority.as_str(), of_priority(priority)));
        Self {
            timeframe_hours: hours,
            total_logs: summary.total,
            status_breakdown: statuses.into(),
            priority_breakdown: priorities.into(),
            category_breakdown: summary.by_category,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct TrendOut {
    /// A word.
    issue: String,
    /// Logs that name it.
    count: u64,
}

impl From<Trend> for TrendOut {
    fn from(trend: Trend) -> Self {
        Self {
            issue: trend.word,
            count: trend.count,
        }
    }
}
