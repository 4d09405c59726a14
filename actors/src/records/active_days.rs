//! How many customers, and how many conversations, were last active on which day.
//!
//! Each is counted on one day alone, the last one it was active on; its first message of a new day moves it. So "active
//! since a day" is the sum of that day and all later ones, whatever their number. The days of a block share a key, since
//! they are always read together and one of them is written all day long.
//!
//! Written by the commit of a message and by erasures. Invariant: the sum over all days is the number of customers (of
//! conversations) that have ever been active and are not erased.

use switchboard_domain::id::{CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError, decode_tally};

use super::Records;
use super::keys::{Kind, scoped};

/// Days of a block.
const BLOCK: i64 = 32;

/// What is counted. The code is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Active {
    /// Customers.
    Customers = 1,
    /// Conversations.
    Conversations = 2,
}

/// The key of a day's block, and the day's counter under it.
pub(super) fn place(organization: OrganizationId, what: Active, day: i64) -> (Vec<u8>, u8) {
    let counter = u8::try_from(day.rem_euclid(BLOCK)).unwrap_or(0);
    (block_key(organization, what, day.div_euclid(BLOCK)), counter)
}

fn block_key(organization: OrganizationId, what: Active, block: i64) -> Vec<u8> {
    let block = block.wrapping_sub(i64::MIN).to_be_bytes();
    scoped(Kind::ActiveDays, organization, &[&[what as u8], &block])
}

fn customer_key(organization: OrganizationId, customer: CustomerId) -> Vec<u8> {
    scoped(Kind::LastActive, organization, &[customer.as_bytes()])
}

/// Counts so many more on a day.
pub fn add_on(batch: &mut Batch, organization: OrganizationId, what: Active, day: i64, amount: i64) {
    let (key, counter) = place(organization, what, day);
    batch.add_to(key, counter, amount);
}

/// Counts one from now on on `day`, and no more on its last day before.
pub fn move_to(batch: &mut Batch, organization: OrganizationId, what: Active, last: Option<i64>, day: i64) {
    if let Some(last) = last {
        add_on(batch, organization, what, last, -1);
    }
    add_on(batch, organization, what, day, 1);
}

/// Remembers the day a customer was last active.
pub fn put_customer(batch: &mut Batch, organization: OrganizationId, customer: CustomerId, day: i64) {
    batch.put(customer_key(organization, customer), day.to_be_bytes().to_vec());
}

/// Counts a customer nowhere any more; its last day must be what the store tells at this moment.
pub fn forget_customer(batch: &mut Batch, organization: OrganizationId, customer: CustomerId, last: i64) {
    add_on(batch, organization, Active::Customers, last, -1);
    batch.delete(customer_key(organization, customer));
}

impl Records {
    /// The day a customer was last active; none when it never was.
    pub fn last_active_day(
        &self,
        organization: OrganizationId,
        customer: CustomerId,
    ) -> Result<Option<i64>, StoreError> {
        let bytes = self.engine.get(&customer_key(organization, customer))?;
        let day = bytes.and_then(|bytes| bytes.as_ref().try_into().ok());
        Ok(day.map(i64::from_be_bytes))
    }

    /// How many were active on the day `from` or later, up to `today`; one key is read for each 32 days.
    pub fn count_active_since(
        &self,
        organization: OrganizationId,
        what: Active,
        from: i64,
        today: i64,
    ) -> Result<u64, StoreError> {
        let mut sum = 0_i64;
        // One block more, for a clock that was set back a little.
        for block in from.div_euclid(BLOCK)..=today.div_euclid(BLOCK) + 1 {
            let value = self.engine.get(&block_key(organization, what, block))?;
            let days = value.as_deref().and_then(decode_tally).unwrap_or_default();
            let counted = days
                .into_iter()
                .filter(|(place, _)| block * BLOCK + i64::from(*place) >= from);
            sum += counted.map(|(_, count)| count).sum::<i64>();
        }
        Ok(u64::try_from(sum).unwrap_or(0))
    }
}
