//! What a hub was at when it ended: looked for by the next one before it begins anything, and settled at once.
//!
//! A store has one hub at a time, so at its start nobody is at anything. What waits behind a message in the same
//! conversation would else wait for a lease that nobody holds, and so would a notice that may simply be sent again.

use parking_lot::Mutex;
use switchboard_domain::outbox::{Errand, ErrandState, LEASE};
use switchboard_domain::ports::engine::StoreError;

use super::lane::settle_overdue;
use crate::links::Links;
use crate::records::Stored;

/// Errands of a lane looked at; what lies behind them is settled when its lease ends.
const AT_ONCE: usize = 10_000;

/// What a hub that has ended was at, for whoever takes it first: a dispatcher that is started anew in the same hub leaves
/// what its predecessor was at to its lease, for some of it is being recorded.
#[derive(Debug, Default)]
pub struct Abandoned(Mutex<Vec<Stored<Errand>>>);

impl Abandoned {
    /// Looked for before anything runs; what cannot be looked at waits for the end of its lease.
    pub fn find(links: &Links) -> Self {
        let found = find(links).unwrap_or_else(|error| {
            tracing::warn!(%error, "what was under way when the hub ended could not be looked at");
            Vec::new()
        });
        Self(Mutex::new(found))
    }

    pub(super) fn take(&self) -> Vec<Stored<Errand>> {
        std::mem::take(&mut *self.0.lock())
    }
}

fn find(links: &Links) -> Result<Vec<Stored<Errand>>, StoreError> {
    let (records, now) = (links.services.records(), links.services.now());
    let mut found = Vec::new();
    for lane in records.list_lanes()? {
        let mut leased = records.list_errands_between(lane, now, now.after(LEASE), AT_ONCE)?;
        leased.retain(|errand| errand.record.state == ErrandState::Claimed);
        found.append(&mut leased);
    }
    Ok(found)
}

/// Each becomes what its lane decides where nobody knows what came of it.
pub(super) async fn settle(links: &Links, abandoned: Vec<Stored<Errand>>) {
    for errand in abandoned {
        let subject = errand.record.subject;
        if let Err(error) = settle_overdue(links, &errand).await {
            tracing::warn!(%error, ?subject, "what was under way when the hub ended could not be settled");
        }
    }
}
