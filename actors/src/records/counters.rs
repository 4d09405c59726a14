//! Hourly counters of the analytics, and totals for paging.
//!
//! The counters of an hour and channel lie under one key. Invariant: an hour that is still counted in is read by its
//! keys, never by a scan: fjall keeps every version of a key that was written of late, and a scan walks over them all.

use bytes::Bytes;
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::counter::{Tally, channel_code};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{
    Batch, Direction, KeyRange, StoreError, decode_counter, decode_tally,
};
use switchboard_domain::time::Timestamp;

use super::Records;
use super::keys::{Kind, scoped};

/// One counter of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourlyCount {
    /// The hour, numbered as by [`Timestamp::hour`].
    pub hour: i64,
    /// The code of a [`Metric`](switchboard_domain::counter::Metric).
    pub metric: u8,
    /// [`channel_code`].
    pub channel: u8,
    /// The sum.
    pub value: i64,
}

impl HourlyCount {
    /// Whether it counts something of this channel.
    pub const fn is_of(&self, channel: Channel) -> bool {
        self.channel == channel_code(channel)
    }
}

/// What is counted over all time. The code is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Total {
    /// Accounts of an organization.
    Accounts = 1,
    /// Conversations that are not closed.
    OpenConversations = 2,
    /// Conversations ever opened.
    Conversations = 3,
    /// Customers.
    Customers = 4,
    /// FAQs.
    Faqs = 5,
    /// Conversations for which an agent is wanted.
    WaitingConversations = 6,
    /// Conversations an agent is in charge of.
    AttendedConversations = 7,
    /// Customers whose identity was verified.
    VerifiedCustomers = 8,
    /// Money spent, in millionths.
    Spent = 9,
    /// Money spent in a month, which stands behind this code.
    SpentInMonth = 10,
}

/// Counts what happened, in the hour of `now`.
pub fn count(
    batch: &mut Batch,
    organization: OrganizationId,
    channel: Channel,
    now: Timestamp,
    tally: Tally,
) {
    let key = Bytes::from(hourly_key(organization, now.hour(), channel_code(channel)));
    for (metric, amount) in tally.additions().into_iter().filter(|(_, amount)| *amount != 0) {
        batch.add_to(key.clone(), metric.code(), amount);
    }
}

/// Adds to a total.
pub fn add_total(batch: &mut Batch, organization: OrganizationId, total: Total, amount: i64) {
    batch.add(
        scoped(Kind::TotalCounter, organization, &[&[total as u8]]),
        amount,
    );
}

/// Counts a conversation where it now belongs.
pub fn move_totals(batch: &mut Batch, old: &Conversation, next: &Conversation) {
    move_total(batch, old, next, Total::OpenConversations, Status::is_open);
    move_total(batch, old, next, Total::WaitingConversations, |status| {
        matches!(status, Status::Waiting { .. })
    });
    move_total(batch, old, next, Total::AttendedConversations, |status| {
        status.agent().is_some()
    });
}

/// A conversation is counted nowhere any more.
pub fn leave_totals(batch: &mut Batch, old: &Conversation) {
    let status = &old.status;
    for (total, counted) in [
        (Total::Conversations, true),
        (Total::OpenConversations, status.is_open()),
        (
            Total::WaitingConversations,
            matches!(status, Status::Waiting { .. }),
        ),
        (Total::AttendedConversations, status.agent().is_some()),
    ] {
        if counted {
            add_total(batch, old.organization, total, -1);
        }
    }
}

fn move_total(
    batch: &mut Batch,
    old: &Conversation,
    next: &Conversation,
    total: Total,
    holds: fn(&Status) -> bool,
) {
    let moved = i64::from(holds(&next.status)) - i64::from(holds(&old.status));
    if moved != 0 {
        add_total(batch, next.organization, total, moved);
    }
}

/// Hours sort as unsigned numbers in keys, so they are shifted by half the range.
pub(super) fn hourly_key(organization: OrganizationId, hour: i64, channel: u8) -> Vec<u8> {
    let hour = hour.wrapping_sub(i64::MIN).to_be_bytes();
    scoped(Kind::HourlyTally, organization, &[&hour, &[channel]])
}

impl Records {
    /// Every counter of one hour.
    pub fn hour_counts(
        &self,
        organization: OrganizationId,
        hour: i64,
    ) -> Result<Vec<HourlyCount>, StoreError> {
        let mut counts = Vec::new();
        for channel in Channel::ALL.map(channel_code) {
            let value = self.engine.get(&hourly_key(organization, hour, channel))?;
            counts.extend(value.iter().flat_map(|value| counts_of(hour, channel, value)));
        }
        Ok(counts)
    }

    /// Every counter of the hours `from..until`, which are over, by hour.
    pub fn list_counts(
        &self,
        organization: OrganizationId,
        from: i64,
        until: i64,
    ) -> Result<Vec<HourlyCount>, StoreError> {
        let range = KeyRange {
            from: hourly_key(organization, from, 0),
            until: Some(hourly_key(organization, until, 0)),
        };
        let entries = self.entries(&range, Direction::Forward, usize::MAX)?;
        Ok(entries
            .iter()
            .filter_map(|entry| read_hourly(&entry.key, &entry.value))
            .flatten()
            .collect())
    }

    /// A total over all time.
    pub fn total(&self, organization: OrganizationId, total: Total) -> Result<u64, StoreError> {
        let bytes = self
            .engine
            .get(&scoped(Kind::TotalCounter, organization, &[&[total as u8]]))?;
        let value = bytes.and_then(|bytes| decode_counter(&bytes)).unwrap_or(0);
        Ok(u64::try_from(value).unwrap_or(0))
    }
}

fn read_hourly(key: &[u8], value: &[u8]) -> Option<impl Iterator<Item = HourlyCount>> {
    let hour = i64::from_be_bytes(key.get(17..25)?.try_into().ok()?).wrapping_add(i64::MIN);
    Some(counts_of(hour, *key.get(25)?, value))
}

fn counts_of(hour: i64, channel: u8, value: &[u8]) -> impl Iterator<Item = HourlyCount> + use<> {
    let tally = decode_tally(value).unwrap_or_default();
    tally.into_iter().map(move |(metric, value)| HourlyCount {
        hour,
        metric,
        channel,
        value,
    })
}
