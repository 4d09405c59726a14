//! Reports from hourly counters: a report costs the span it covers, not the messages stored.

use switchboard_domain::counter::Metric;
use switchboard_domain::scope::Scope;

use super::{Hub, staff_only};
use crate::error::HubError;
use crate::records::counters::{HourlyCount, sum};

/// The counters of some hours.
#[derive(Debug, Clone)]
pub struct Counts(Vec<HourlyCount>);

impl Counts {
    /// The sum of one metric.
    pub fn sum(&self, metric: Metric) -> i64 {
        sum(&self.0, metric)
    }
}

impl Hub {
    /// The counters of the hours `from..until`, numbered since 1970. Staff alone.
    pub fn counts(&self, scope: &Scope, from: i64, until: i64) -> Result<Counts, HubError> {
        staff_only(scope)?;
        Ok(Counts(self.services.records().list_counts(
            scope.organization,
            from,
            until,
        )?))
    }
}
