//! Brings a store of an older format up to this one, once, before anything else reads or writes it.
//!
//! Called when the core starts. Each step can be cut off and done again: counters move key by key in whole batches, and
//! days are put as they are found, not added. Invariant: the mark is written last.

use std::collections::{BTreeMap, HashMap, HashSet};

use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, Direction, Entry, KeyRange, StoreError, decode_counter};

use super::Records;
use super::active_days::{self, Active};
use super::activity::{Activity, read};
use super::counters::hourly_key;
use super::keys::{Kind, global};

/// Rows read, and rows written, at a time.
const PIECE: usize = 1_000;
/// What is written as the mark: the newest change below that was made.
const NEWEST: u8 = 1;

impl Records {
    /// Makes every change this store has not seen yet; a new store has nothing to change.
    pub(crate) async fn upgrade(&self) -> Result<(), StoreError> {
        let mark = global(Kind::Upgraded, &[]);
        if self.exists(&mark)? {
            return Ok(());
        }
        self.gather_hours().await?;
        self.count_days().await?;
        let mut batch = Batch::new();
        batch.put(mark, vec![NEWEST]);
        self.commit(batch).await
    }

    /// Hourly counters that had a key each move under one key for each hour and channel.
    async fn gather_hours(&self) -> Result<(), StoreError> {
        let range = KeyRange::prefix(&global(Kind::HourlyCounter, &[]));
        loop {
            let counters = self.entries(&range, Direction::Forward, PIECE)?;
            if counters.is_empty() {
                return Ok(());
            }
            let mut batch = Batch::new();
            for counter in counters {
                if let Some((key, metric, amount)) = hourly_counter(&counter) {
                    batch.add_to(key, metric, amount);
                }
                batch.delete(counter.key);
            }
            self.commit(batch).await?;
        }
    }

    /// Counts customers and conversations on the day they were last active, by the rows of all days.
    async fn count_days(&self) -> Result<(), StoreError> {
        let mut range = KeyRange::prefix(&global(Kind::ActiveOn, &[]));
        let mut days = Days::default();
        loop {
            // From the newest day to the oldest, so that whoever is met for the first time is met on its last day.
            let rows = self.entries(&range, Direction::Backward, PIECE)?;
            let Some(first) = rows.last() else { break };
            range.until = Some(first.key.to_vec());
            let mut batch = Batch::new();
            for row in &rows {
                days.meet(&mut batch, row);
            }
            if !batch.is_empty() {
                self.commit(batch).await?;
            }
        }
        self.put_days(days).await
    }

    async fn put_days(&self, days: Days) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        for (key, days) in days.counted {
            // In place of what an attempt that was cut off has left.
            batch.delete(key.clone());
            for (day, count) in days {
                batch.add_to(key.clone(), day, count);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.commit(batch).await
    }
}

/// Who was met, and on which days.
#[derive(Debug, Default)]
struct Days {
    customers: HashSet<(OrganizationId, CustomerId)>,
    conversations: HashSet<(OrganizationId, ConversationId)>,
    counted: HashMap<Vec<u8>, BTreeMap<u8, i64>>,
}

impl Days {
    /// A row of a day; all rows of later days were met before.
    fn meet(&mut self, batch: &mut Batch, row: &Entry) {
        let (Some(organization), Some(activity)) = (organization_of(row), read(&row.key, &row.value)) else {
            return;
        };
        let Activity {
            day,
            conversation,
            customer,
        } = activity;
        if self.conversations.insert((organization, conversation)) {
            self.count(organization, Active::Conversations, day);
        }
        if self.customers.insert((organization, customer)) {
            self.count(organization, Active::Customers, day);
            active_days::put_customer(batch, organization, customer, day);
        }
    }

    fn count(&mut self, organization: OrganizationId, what: Active, day: i64) {
        let (key, counter) = active_days::place(organization, what, day);
        *self.counted.entry(key).or_default().entry(counter).or_default() += 1;
    }
}

fn organization_of(entry: &Entry) -> Option<OrganizationId> {
    let bytes: [u8; 16] = entry.key.get(1..17)?.try_into().ok()?;
    Some(OrganizationId::from_bytes(bytes))
}

/// Where an hourly counter that had a key of its own belongs: the key, which counter, and what it has counted.
fn hourly_counter(entry: &Entry) -> Option<(Vec<u8>, u8, i64)> {
    let hour = i64::from_be_bytes(entry.key.get(17..25)?.try_into().ok()?).wrapping_add(i64::MIN);
    let (metric, channel) = (*entry.key.get(25)?, *entry.key.get(26)?);
    let key = hourly_key(organization_of(entry)?, hour, channel);
    Some((key, metric, decode_counter(&entry.value)?))
}
