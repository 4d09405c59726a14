//! Reports from hourly counters: a report costs the span it covers, not the messages stored.
//!
//! Every family's reports are made from [`Report`] and [`Figures`], so two of them that name the same thing show the
//! same number. Days, weeks and months are UTC.

pub mod active;
pub mod span;
pub mod spending;

use std::collections::BTreeMap;

use switchboard_domain::customer::Channel;
use switchboard_domain::figures::Figures;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

pub use self::span::{Span, Timeframe};
use super::{Hub, staff_only};
use crate::error::HubError;
use crate::records::counters::{HourlyCount, Total};

/// The counters of a span.
#[derive(Debug, Clone)]
pub struct Report {
    /// What it covers.
    pub span: Span,
    counts: Vec<HourlyCount>,
}

/// How many records an organization has at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Conversations ever opened and not erased.
    pub conversations: u64,
    /// Conversations that are not closed.
    pub open: u64,
    /// Conversations for which an agent is wanted.
    pub waiting: u64,
    /// Conversations an agent is in charge of.
    pub attended: u64,
    /// Customers.
    pub customers: u64,
    /// Customers whose identity was verified.
    pub verified_customers: u64,
}

impl Stock {
    /// Conversations the assistant is in charge of.
    pub const fn active(&self) -> u64 {
        self.open.saturating_sub(self.waiting + self.attended)
    }

    /// Conversations that are over.
    pub const fn closed(&self) -> u64 {
        self.conversations.saturating_sub(self.open)
    }
}

impl Report {
    /// All of it together.
    pub fn figures(&self) -> Figures {
        figures(&self.counts)
    }

    /// By channel, those that occurred.
    pub fn by_channel(&self) -> Vec<(Channel, Figures)> {
        let of = |channel: Channel| {
            let counts = self.counts.iter().filter(|count| count.is_of(channel));
            (channel, figures(counts))
        };
        let all = Channel::ALL.into_iter().map(of);
        all.filter(|(_, figures)| *figures != Figures::default())
            .collect()
    }

    /// By hour, day, week or month, oldest first, those without anything too.
    pub fn by(&self, timeframe: Timeframe) -> Vec<(Timestamp, Figures)> {
        let mut buckets: BTreeMap<Timestamp, Figures> = BTreeMap::new();
        for start in timeframe.starts(self.span) {
            buckets.entry(start).or_default();
        }
        for count in &self.counts {
            let start = timeframe.start_of(Timestamp::from_hour(count.hour));
            buckets.entry(start).or_default().add(count.metric, count.value);
        }
        buckets.into_iter().collect()
    }
}

fn figures<'a>(counts: impl IntoIterator<Item = &'a HourlyCount>) -> Figures {
    let mut sums = Figures::default();
    for count in counts {
        sums.add(count.metric, count.value);
    }
    sums
}

impl Hub {
    /// What happened in a span. Staff alone.
    pub fn report(&self, scope: &Scope, span: Span) -> Result<Report, HubError> {
        staff_only(scope)?;
        let counts = self
            .services
            .counts(scope.organization, span.from.hour(), span.until.hour())?;
        Ok(Report { span, counts })
    }

    /// What has ever happened. Staff alone. The hours gone by are added up once and kept.
    pub fn report_all_time(&self, scope: &Scope) -> Result<Figures, HubError> {
        staff_only(scope)?;
        Ok(self.all_time(scope.organization)?)
    }

    fn all_time(&self, organization: OrganizationId) -> Result<Figures, StoreError> {
        let records = self.services.records();
        let now = self.services.now().hour();
        let (done, mut sums) = self.services.history.get(organization);
        // An hour is over for good once the clock has passed it by another one: batches of its last moments are in.
        let settled = (now - 1).max(done);
        if settled > done {
            sums.add_all(&figures(&records.list_counts(organization, done, settled)?));
            self.services.history.put(organization, settled, sums.clone());
        }
        sums.add_all(&figures(&self.services.counts(organization, settled, now + 1)?));
        Ok(sums)
    }

    /// How many records there are at this moment. Staff alone.
    pub fn stock(&self, scope: &Scope) -> Result<Stock, HubError> {
        staff_only(scope)?;
        let total = |total| self.services.records().total(scope.organization, total);
        Ok(Stock {
            conversations: total(Total::Conversations)?,
            open: total(Total::OpenConversations)?,
            waiting: total(Total::WaitingConversations)?,
            attended: total(Total::AttendedConversations)?,
            customers: total(Total::Customers)?,
            verified_customers: total(Total::VerifiedCustomers)?,
        })
    }
}
