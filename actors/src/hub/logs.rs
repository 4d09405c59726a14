//! Customer logs: made by whoever is logged in, for itself; customers see their own, staff all of the organization.
//!
//! Lists, summaries and trends cost the hours they cover. Invariant: another customer's log is `NotFound`.

use std::time::Duration;

use switchboard_domain::id::{AccountId, LogId};
use switchboard_domain::log::trend::{Trend, Trends};
use switchboard_domain::log::{CustomerLog, LogChange, LogPriority, LogStatus, LogSummary};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::conversations::Page;
use super::{Hub, admin_only, staff_only};
use crate::error::HubError;
use crate::records::numbers::Numbered;
use crate::records::{Stored, logs};

/// The longest span that is looked at, hours: ten years.
pub const MAX_HOURS: u64 = 10 * 366 * 24;
/// Longest title, characters.
const MAX_TITLE_CHARACTERS: usize = 200;
/// Longest description, characters.
const MAX_DESCRIPTION_CHARACTERS: usize = 8_000;
/// Longest type or category, characters.
const MAX_WORD_CHARACTERS: usize = 64;
/// The most words that are told to rise.
const MAX_TRENDS: usize = 10;

/// A log to be made.
#[derive(Debug, Clone, Default)]
pub struct NewLog {
    /// In a few words.
    pub title: String,
    /// In full.
    pub description: String,
    /// What kind of log it is; `inquiry` without.
    pub log_type: Option<String>,
    /// How urgent it is.
    pub priority: LogPriority,
    /// A word to group by; `general` without.
    pub category: Option<String>,
}

/// Which logs are wanted, of the last so many hours.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// Whole hours up to now, from 1; above [`MAX_HOURS`] it means that.
    pub hours: u64,
    /// Only of this status.
    pub status: Option<LogStatus>,
    /// Only of this priority.
    pub priority: Option<LogPriority>,
    /// Only of this category.
    pub category: Option<String>,
}

impl LogFilter {
    fn takes(&self, log: &CustomerLog) -> bool {
        self.status.is_none_or(|status| status == log.status)
            && self.priority.is_none_or(|priority| priority == log.priority)
            && self
                .category
                .as_ref()
                .is_none_or(|category| *category == log.category)
    }
}

impl Hub {
    /// Makes a log of the caller's own; services and guests have no account to make one for.
    pub async fn create_log(&self, scope: &Scope, new: NewLog) -> Result<CustomerLog, HubError> {
        let account = self.me(scope)?;
        let now = self.services.now();
        let numbers = &self.services.numbers;
        let word = |word: Option<String>, without: &str| word.unwrap_or_else(|| without.to_owned());
        let log = CustomerLog {
            id: LogId::generate(now, self.services.ports.random.as_ref()),
            number: 0,
            organization: scope.organization,
            account: account.id,
            account_number: account.number,
            title: new.title,
            description: new.description,
            log_type: word(new.log_type, "inquiry"),
            status: LogStatus::Open,
            priority: new.priority,
            category: word(new.category, "general"),
            created_at: now,
            updated_at: None,
            resolved_at: None,
        };
        check(&log)?;
        let number = numbers.take(scope.organization, Numbered::Log, 1).await?;
        let log = CustomerLog { number, ..log };
        let mut batch = Batch::new();
        logs::insert(&mut batch, &log)?;
        self.services.records().commit(batch).await?;
        Ok(log)
    }

    /// The log of this number: the caller's own, or any of the organization for staff.
    pub fn get_log(&self, scope: &Scope, number: u64) -> Result<CustomerLog, HubError> {
        self.find_reached_log(scope, number).map(|stored| stored.record)
    }

    /// Changes a log: its reporter the words, staff everything.
    pub async fn update_log(
        &self,
        scope: &Scope,
        number: u64,
        change: LogChange,
    ) -> Result<CustomerLog, HubError> {
        let old = self.find_reached_log(scope, number)?;
        if !change.is_of_words() {
            staff_only(scope)?;
        }
        let next = old.record.changed(change, self.services.now());
        check(&next)?;
        let mut batch = Batch::new();
        logs::update(&mut batch, &old, &next)?;
        self.services.records().commit(batch).await?;
        Ok(next)
    }

    /// Removes a log. Staff alone.
    pub async fn delete_log(&self, scope: &Scope, number: u64) -> Result<(), HubError> {
        staff_only(scope)?;
        let old = self.find_reached_log(scope, number)?;
        let mut batch = Batch::new();
        logs::delete(&mut batch, &old);
        Ok(self.services.records().commit(batch).await?)
    }

    /// Logs that the caller may see, newest first, `limit` of them behind the first `skip`.
    pub fn list_logs(
        &self,
        scope: &Scope,
        filter: &LogFilter,
        skip: usize,
        limit: usize,
    ) -> Result<Page<CustomerLog>, HubError> {
        let (mut items, mut found) = (Vec::new(), 0_usize);
        self.visit(scope, filter.hours, |log| {
            if !filter.takes(&log) {
                return;
            }
            if found >= skip && items.len() < limit {
                items.push(log);
            }
            found += 1;
        })?;
        let total = u64::try_from(found).unwrap_or(u64::MAX);
        Ok(Page { items, total })
    }

    /// How many logs the caller may see, by status, priority and category.
    pub fn summarize_logs(&self, scope: &Scope, hours: u64) -> Result<LogSummary, HubError> {
        let mut summary = LogSummary::default();
        self.visit(scope, hours, |log| summary.add(&log))?;
        Ok(summary)
    }

    /// The words named by a larger share of the last hours' logs than of those of the equally long time before. Admins.
    pub fn list_trends(&self, scope: &Scope, hours: u64) -> Result<Vec<Trend>, HubError> {
        admin_only(scope)?;
        let begin = self.hours_ago(hours);
        let mut trends = Trends::default();
        self.visit(scope, hours.saturating_mul(2), |log| {
            let text = format!("{} {}", log.title, log.description);
            trends.add(&text, log.created_at >= begin);
        })?;
        Ok(trends.rising(MAX_TRENDS))
    }

    fn visit(&self, scope: &Scope, hours: u64, each: impl FnMut(CustomerLog)) -> Result<(), HubError> {
        let (whose, from) = (seen_by(scope)?, self.hours_ago(hours));
        let records = self.services.records();
        Ok(records.visit_logs(scope.organization, whose, from, each)?)
    }

    fn hours_ago(&self, hours: u64) -> Timestamp {
        let span = Duration::from_secs(3_600 * hours.min(MAX_HOURS)).as_millis();
        let now = self.services.now().as_millis();
        Timestamp::from_millis(now.saturating_sub(i64::try_from(span).unwrap_or(i64::MAX)))
    }

    fn find_reached_log(&self, scope: &Scope, number: u64) -> Result<Stored<CustomerLog>, HubError> {
        let whose = seen_by(scope)?;
        let records = self.services.records();
        let id = records.find_numbered(scope.organization, Numbered::Log, number)?;
        let stored = match id {
            Some(id) => records.find_log(scope.organization, LogId::from_bytes(id))?,
            None => None,
        };
        stored
            .filter(|stored| whose.is_none_or(|account| stored.record.account == account))
            .ok_or(HubError::NotFound("log"))
    }
}

/// Whose logs a caller sees: its own, all for staff.
fn seen_by(scope: &Scope) -> Result<Option<AccountId>, HubError> {
    if scope.is_staff() {
        return Ok(None);
    }
    let account = scope.account().map(|account| Some(account.id));
    account.ok_or(HubError::Forbidden("This needs an account's token"))
}

fn check(log: &CustomerLog) -> Result<(), HubError> {
    check_text("title", &log.title, MAX_TITLE_CHARACTERS)?;
    check_text("description", &log.description, MAX_DESCRIPTION_CHARACTERS)?;
    check_text("log_type", &log.log_type, MAX_WORD_CHARACTERS)?;
    check_text("category", &log.category, MAX_WORD_CHARACTERS)
}

fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), HubError> {
    if text.trim().is_empty() {
        return Err(HubError::invalid(field, "must not be empty"));
    }
    if text.chars().count() > most {
        return Err(HubError::invalid(
            field,
            format!("must be at most {most} characters"),
        ));
    }
    Ok(())
}
