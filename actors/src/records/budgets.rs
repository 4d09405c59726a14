//! What an organization may spend, what it has spent, and which thresholds it has been told of.
//!
//! Called by [`crate::budgets`]. Invariant: the hourly counters, the two sums and the note that a threshold was reached
//! change in one commit.

use serde::{Deserialize, Serialize};
use switchboard_domain::budget::Budget;
use switchboard_domain::cost::{Money, Service};
use switchboard_domain::counter::Tally;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError, decode_counter};
use switchboard_domain::time::{Month, Timestamp};

use super::Records;
use super::codec::encode;
use super::counters::{Total, count};
use super::keys::{Kind, scoped};

/// A threshold of the monthly budget was reached: what the `cost.threshold` event tells. Once per threshold and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostAlert {
    /// The month, numbered as by [`Month`].
    pub month: i32,
    /// Percent of the budget.
    pub threshold: u8,
    /// The budget.
    pub monthly_budget: Money,
    /// Spent in the month when it was reached.
    pub month_spend: Money,
    /// When.
    pub at: Timestamp,
}

/// A paid call as it is booked.
#[derive(Debug, Clone)]
pub struct Charge {
    /// What was paid for.
    pub service: Service,
    /// How much.
    pub amount: Money,
    /// For a message of which channel.
    pub channel: Channel,
}

fn spent_key(organization: OrganizationId) -> Vec<u8> {
    scoped(Kind::TotalCounter, organization, &[&[Total::Spent as u8]])
}

fn month_key(organization: OrganizationId, month: Month) -> Vec<u8> {
    let month = month.0.to_be_bytes();
    scoped(
        Kind::TotalCounter,
        organization,
        &[&[Total::SpentInMonth as u8], &month],
    )
}

fn alert_key(organization: OrganizationId, month: Month, threshold: u8) -> Vec<u8> {
    scoped(
        Kind::CostAlert,
        organization,
        &[&month.0.to_be_bytes(), &[threshold]],
    )
}

impl Records {
    /// What an organization may spend; no limits unless it has set some.
    pub fn find_budget(&self, organization: OrganizationId) -> Result<Budget, StoreError> {
        let found = self.find(&scoped(Kind::Budget, organization, &[]))?;
        Ok(found.unwrap_or_default())
    }

    /// Spent over all time, and in this month.
    pub fn spent(&self, organization: OrganizationId, month: Month) -> Result<(Money, Money), StoreError> {
        let read = |key: Vec<u8>| -> Result<Money, StoreError> {
            let bytes = self.engine.get(&key)?;
            let millionths = bytes.and_then(|bytes| decode_counter(&bytes)).unwrap_or(0);
            Ok(Money::from_millionths(millionths))
        };
        Ok((
            read(spent_key(organization))?,
            read(month_key(organization, month))?,
        ))
    }

    /// The thresholds reached in one month, lowest first.
    pub fn list_cost_alerts(
        &self,
        organization: OrganizationId,
        month: Month,
    ) -> Result<Vec<CostAlert>, StoreError> {
        let prefix = scoped(Kind::CostAlert, organization, &[&month.0.to_be_bytes()]);
        self.list(&KeyRange::prefix(&prefix), Direction::Forward, usize::MAX)
    }
}

/// Writes what an organization may spend.
pub fn put_budget(
    batch: &mut Batch,
    organization: OrganizationId,
    budget: &Budget,
) -> Result<(), StoreError> {
    batch.put(scoped(Kind::Budget, organization, &[]), encode(budget)?);
    Ok(())
}

/// Books paid calls: in the hour's counters by service and channel, and in the sums of the month and of all time.
pub fn book(batch: &mut Batch, organization: OrganizationId, now: Timestamp, charges: &[Charge]) {
    for charge in charges {
        let tally = Tally::Cost(charge.service, charge.amount);
        count(batch, organization, charge.channel, now, tally);
    }
    let sum: Money = charges.iter().map(|charge| charge.amount).sum();
    if sum != Money::ZERO {
        batch.add(spent_key(organization), sum.as_millionths());
        batch.add(month_key(organization, now.month()), sum.as_millionths());
    }
}

/// Notes that a threshold was reached.
pub fn put_alert(
    batch: &mut Batch,
    organization: OrganizationId,
    alert: &CostAlert,
) -> Result<(), StoreError> {
    let at = alert_key(organization, Month(alert.month), alert.threshold);
    batch.put(at, encode(alert)?);
    Ok(())
}
