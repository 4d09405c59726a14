//! Customer logs: what a customer reported, how urgent it is, and how far it has got; and which words rise ([`trend`]).
//!
//! Invariant: `resolved_at` is set while a log is resolved or closed after having been resolved, and empty while it is
//! open or in progress.

pub mod trend;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, LogId, OrganizationId};
use crate::time::Timestamp;

/// How far a log has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogStatus {
    /// Nobody has looked at it.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Settled.
    Resolved,
    /// Over.
    Closed,
}

impl LogStatus {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Open, Self::InProgress, Self::Resolved, Self::Closed];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The status of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// How urgent a log is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogPriority {
    /// Can wait.
    Low,
    /// As most are.
    #[default]
    Medium,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

impl LogPriority {
    /// All of them, least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The priority of that wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == name)
    }
}

/// What a customer reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerLog {
    /// Its id; it sorts by the time of making.
    pub id: LogId,
    /// Counted up per organization, for families with integer ids.
    pub number: u64,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// Who reported it.
    pub account: AccountId,
    /// The reporter's number.
    pub account_number: u64,
    /// In a few words.
    pub title: String,
    /// In full.
    pub description: String,
    /// A word for what kind of log it is.
    pub log_type: String,
    /// How far it has got.
    pub status: LogStatus,
    /// How urgent it is.
    pub priority: LogPriority,
    /// A word to group by.
    pub category: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// What is to be different; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogChange {
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// A new type.
    pub log_type: Option<String>,
    /// A new status.
    pub status: Option<LogStatus>,
    /// A new priority.
    pub priority: Option<LogPriority>,
    /// A new category.
    pub category: Option<String>,
}

impl LogChange {
    /// Whether it touches only what the reporter may change: the words.
    pub const fn is_of_words(&self) -> bool {
        self.log_type.is_none() && self.status.is_none() && self.priority.is_none() && self.category.is_none()
    }
}

impl CustomerLog {
    /// The log after a change.
    #[must_use]
    pub fn changed(&self, change: LogChange, now: Timestamp) -> Self {
        let status = change.status.unwrap_or(self.status);
        Self {
            title: change.title.unwrap_or_else(|| self.title.clone()),
            description: change.description.unwrap_or_else(|| self.description.clone()),
            log_type: change.log_type.unwrap_or_else(|| self.log_type.clone()),
            priority: change.priority.unwrap_or(self.priority),
            category: change.category.unwrap_or_else(|| self.category.clone()),
            status,
            updated_at: Some(now),
            resolved_at: match status {
                LogStatus::Open | LogStatus::InProgress => None,
                LogStatus::Resolved => self.resolved_at.or(Some(now)),
                LogStatus::Closed => self.resolved_at,
            },
            ..self.clone()
        }
    }
}

/// How many logs there are of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// All of them.
    pub total: u64,
    /// By status, those that occurred.
    pub by_status: BTreeMap<LogStatus, u64>,
    /// By priority, those that occurred.
    pub by_priority: BTreeMap<LogPriority, u64>,
    /// By category.
    pub by_category: BTreeMap<String, u64>,
}

impl LogSummary {
    /// The category under which those are counted that come when there are [`Self::MAX_CATEGORIES`] already.
    pub const OTHER: &'static str = "other";
    /// The most categories that are told apart.
    pub const MAX_CATEGORIES: usize = 200;

    /// Counts a log.
    pub fn add(&mut self, log: &CustomerLog) {
        self.total += 1;
        *self.by_status.entry(log.status).or_default() += 1;
        *self.by_priority.entry(log.priority).or_default() += 1;
        let is_full = self.by_category.len() >= Self::MAX_CATEGORIES;
        let category = match log.category.as_str() {
            new if is_full && !self.by_category.contains_key(new) => Self::OTHER,
            known => known,
        };
        *self.by_category.entry(category.to_owned()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> CustomerLog {
        CustomerLog {
            id: LogId::from_bytes([1; 16]),
            number: 1,
            organization: OrganizationId::from_bytes([2; 16]),
            account: AccountId::from_bytes([3; 16]),
            account_number: 1,
            title: "Unable to login".to_owned(),
            description: "Invalid credentials".to_owned(),
            log_type: "support".to_owned(),
            status: LogStatus::Open,
            priority: LogPriority::default(),
            category: "account".to_owned(),
            created_at: Timestamp::from_millis(0),
            updated_at: None,
            resolved_at: None,
        }
    }

    fn to(log: &CustomerLog, status: LogStatus, at: i64) -> CustomerLog {
        let change = LogChange {
            status: Some(status),
            ..LogChange::default()
        };
        log.changed(change, Timestamp::from_millis(at))
    }

    #[test]
    fn a_log_is_resolved_once_and_no_longer_when_it_opens_again() {
        let resolved = to(&log(), LogStatus::Resolved, 10);
        assert_eq!(resolved.resolved_at, Some(Timestamp::from_millis(10)));
        assert_eq!(
            to(&resolved, LogStatus::Resolved, 20).resolved_at,
            resolved.resolved_at
        );
        let closed = to(&resolved, LogStatus::Closed, 30);
        assert_eq!(
            (closed.resolved_at, closed.updated_at),
            (resolved.resolved_at, Some(Timestamp::from_millis(30)))
        );
        assert_eq!(to(&closed, LogStatus::InProgress, 40).resolved_at, None);
        assert_eq!(to(&log(), LogStatus::Closed, 10).resolved_at, None);
    }

    #[test]
    fn a_summary_adds_up_and_has_so_many_categories_at_most() {
        let mut summary = LogSummary::default();
        for number in 0..LogSummary::MAX_CATEGORIES + 50 {
            let category = format!("category {number}");
            summary.add(&CustomerLog { category, ..log() });
        }
        assert_eq!(summary.by_category.len(), LogSummary::MAX_CATEGORIES + 1);
        assert_eq!(summary.by_category.values().sum::<u64>(), summary.total);
        assert_eq!(summary.by_category[LogSummary::OTHER], 50);
    }
}
