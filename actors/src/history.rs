//! What was counted in hours gone by, kept in memory: it changes no more, so a report reads only what has come since.
//!
//! Filled by reports. An hour is over for good once the clock has passed it by another one: batches of its last moments
//! are in. Invariant: at most `MAX_KEPT` counts are kept, and nothing that could still change.

use std::collections::HashMap;

use dashmap::DashMap;
use parking_lot::Mutex;
use switchboard_domain::figures::Figures;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::StoreError;

use crate::records::counters::HourlyCount;
use crate::services::Services;

/// Counts kept for all organizations, 24 bytes each.
const MAX_KEPT: usize = 400_000;

/// The sums of all time, and the counts of the hours that were asked for.
#[derive(Debug, Default)]
pub struct History {
    sums: DashMap<OrganizationId, (i64, Figures)>,
    hours: Mutex<HashMap<OrganizationId, Hours>>,
}

/// Every count of the hours `from..until`, by hour.
#[derive(Debug, Clone, Default)]
struct Hours {
    from: i64,
    until: i64,
    counts: Vec<HourlyCount>,
}

impl Hours {
    fn is_beside(&self, from: i64, until: i64) -> bool {
        from <= self.until && self.from <= until
    }

    /// The counts of a part of them.
    fn part(&self, from: i64, until: i64) -> &[HourlyCount] {
        let place = |hour| self.counts.partition_point(|count| count.hour < hour);
        self.counts.get(place(from)..place(until)).unwrap_or_default()
    }
}

impl History {
    /// The sums of the hours before the one told.
    pub(crate) fn get(&self, organization: OrganizationId) -> (i64, Figures) {
        let kept = self.sums.get(&organization);
        kept.map(|entry| entry.clone()).unwrap_or_default()
    }

    /// Keeps the sums of the hours before `hour`.
    pub(crate) fn put(&self, organization: OrganizationId, hour: i64, sums: Figures) {
        self.sums.insert(organization, (hour, sums));
    }

    /// The counts of hours that are all kept.
    fn find(&self, organization: OrganizationId, from: i64, until: i64) -> Option<Vec<HourlyCount>> {
        let hours = self.hours.lock();
        let kept = hours.get(&organization)?;
        let is_whole = kept.from <= from && until <= kept.until;
        is_whole.then(|| kept.part(from, until).to_vec())
    }

    /// What is kept of hours that touch `from..until`.
    fn beside(&self, organization: OrganizationId, from: i64, until: i64) -> Option<Hours> {
        let hours = self.hours.lock();
        let kept = hours.get(&organization)?;
        kept.is_beside(from, until).then(|| kept.clone())
    }

    fn keep(&self, organization: OrganizationId, found: Hours) {
        let mut hours = self.hours.lock();
        hours.remove(&organization);
        let kept: usize = hours.values().map(|hours| hours.counts.len()).sum();
        if kept + found.counts.len() > MAX_KEPT {
            hours.clear();
        }
        if found.counts.len() <= MAX_KEPT {
            hours.insert(organization, found);
        }
    }
}

impl Services {
    /// Every counter of the hours `from..until` up to this one, by hour.
    pub(crate) fn counts(
        &self,
        organization: OrganizationId,
        from: i64,
        until: i64,
    ) -> Result<Vec<HourlyCount>, StoreError> {
        let now = self.now().hour();
        let settled = until.min(now - 1);
        let mut counts = self.settled_counts(organization, from, settled)?;
        for hour in from.max(settled)..until.min(now + 1) {
            counts.extend(self.records().hour_counts(organization, hour)?);
        }
        Ok(counts)
    }

    fn settled_counts(
        &self,
        organization: OrganizationId,
        from: i64,
        until: i64,
    ) -> Result<Vec<HourlyCount>, StoreError> {
        if from >= until {
            return Ok(Vec::new());
        }
        if let Some(kept) = self.history.find(organization, from, until) {
            return Ok(kept);
        }
        let read = |from, until| self.records().list_counts(organization, from, until);
        let Some(mut known) = self.history.beside(organization, from, until) else {
            let counts = read(from, until)?;
            self.history.keep(
                organization,
                Hours {
                    from,
                    until,
                    counts: counts.clone(),
                },
            );
            return Ok(counts);
        };
        if until > known.until {
            known.counts.extend(read(known.until, until)?);
            known.until = until;
        }
        if from < known.from {
            known.counts.splice(..0, read(from, known.from)?);
            known.from = from;
        }
        let counts = known.part(from, until).to_vec();
        self.history.keep(organization, known);
        Ok(counts)
    }
}
