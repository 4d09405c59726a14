//! Noting who was active on a day, in the commit of the first message of that day.
//!
//! Called by sessions for every batch. Two conversations of one customer may get their first message of a day at the same
//! moment; the customer moves to that day once. Invariant: whoever reads a customer's last day in order to move it holds
//! the customer's lock until its batch is durable or refused, so the next one reads what became of it. Nobody is refused
//! for it, and nobody waits but for another conversation of the same customer (or of one of the few that share a lock).

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::CustomerId;
use switchboard_domain::ports::engine::{Batch, StoreError};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::records::active_days::{Active, move_to, put_customer};
use crate::records::activity;
use crate::services::Services;

/// Locks by the customer's id: as many customers can have their first message of a day in one group of commits.
const LOCKS: usize = 1_024;

/// Held while a customer is moved to another day.
pub(crate) type ActivityLock = OwnedMutexGuard<()>;

/// One lock for every so many customers.
#[derive(Debug)]
pub(crate) struct ActivityLocks(Vec<Arc<Mutex<()>>>);

impl Default for ActivityLocks {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Arc::default()).collect())
    }
}

impl ActivityLocks {
    /// Whoever moves or forgets a customer's last day does so alone, until its commit is over.
    pub(crate) async fn lock(&self, customer: CustomerId) -> Option<ActivityLock> {
        let [.., high, low] = *customer.as_bytes();
        let place = usize::from(u16::from_be_bytes([high, low])) % LOCKS;
        match self.0.get(place) {
            Some(lock) => Some(Arc::clone(lock).lock_owned().await),
            None => None,
        }
    }
}

/// Notes in the batch that leads from `old` to `next` what is new on this day, if anything is. What is returned is to be
/// held until the batch is durable or refused.
pub(crate) async fn note(
    services: &Services,
    batch: &mut Batch,
    old: &Conversation,
    next: &Conversation,
) -> Result<Option<ActivityLock>, StoreError> {
    let (organization, customer) = (next.organization, next.customer);
    let day = next.last_message_at.day();
    let last = (old.last_sequence > 0).then(|| old.last_message_at.day());
    if next.last_sequence == old.last_sequence || last == Some(day) {
        return Ok(None);
    }
    activity::note(batch, next);
    move_to(batch, organization, Active::Conversations, last, day);
    let alone = services.activity.lock(customer).await;
    let last = services.records().last_active_day(organization, customer)?;
    // Never back, should the clock be set back.
    if last.is_some_and(|last| last >= day) {
        return Ok(None);
    }
    move_to(batch, organization, Active::Customers, last, day);
    put_customer(batch, organization, customer, day);
    Ok(alone)
}
