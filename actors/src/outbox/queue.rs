//! Which notices of a webhook are sent next: those about one customer in their order, the oldest first.
//!
//! Called by the lane's runner. A notice that the endpoint would not take for what it is (it answered 400, 404, 500, …)
//! waits by itself and holds nobody back, so that one poisonous notice stops nothing. One that came while nobody was there
//! stays in front of those behind it: it goes in their place when they are due, and at once when the endpoint is back.
//! Invariant: no two notices about one customer are under way at the same time, but for one sent again by hand.

use std::collections::{HashMap, HashSet};

use switchboard_domain::id::{CustomerId, WebhookId};
use switchboard_domain::outbox::{Errand, ErrandState, Lane, Subject};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::time::Timestamp;
use switchboard_domain::webhook::Delivery;

use crate::records::{Records, Stored};

/// Notices looked at, from the oldest that has still to be sent.
const WINDOW: usize = 64;

/// What the runner knows of its lane.
#[derive(Debug)]
pub(super) struct Front<'a> {
    /// What it has under way.
    pub(super) own: &'a HashSet<Subject>,
    /// The last attempt has shown that somebody is there.
    pub(super) is_there: bool,
    pub(super) now: Timestamp,
}

/// What a notice means for those behind it.
enum Turn {
    /// It waits by itself.
    Alone,
    /// It, and all behind it about the same customer, wait.
    Holds,
    /// It goes when one of those behind it is due.
    First,
    /// It goes now.
    Now,
}

impl Front<'_> {
    /// At most `free` notices to send now, or whose lease has ended.
    pub(super) fn next(
        &self,
        records: &Records,
        webhook: WebhookId,
        free: usize,
    ) -> Result<Vec<Stored<Errand>>, StoreError> {
        let (mut next, mut before) = (Vec::new(), Waiting::default());
        for errand in records.list_notice_errands(webhook, WINDOW)? {
            if next.len() >= free {
                break;
            }
            let notice = notice_of(records, &errand.record)?;
            let customer = notice.as_ref().and_then(|notice| notice.record.customer);
            match self.turn(&errand.record, notice.as_ref().map(|notice| &notice.record)) {
                Turn::Alone => {}
                Turn::Holds => before.hold(customer),
                Turn::First => before.wait(customer, errand),
                Turn::Now => next.extend(before.take_turn(customer, errand)),
            }
        }
        Ok(next)
    }

    fn turn(&self, errand: &Errand, notice: Option<&Delivery>) -> Turn {
        let is_due = errand.due <= self.now;
        if self.own.contains(&errand.subject) {
            return Turn::Holds;
        }
        match errand.state {
            // Whoever had claimed it is gone when it is due: the runner settles it.
            _ if is_due => Turn::Now,
            ErrandState::Claimed | ErrandState::InDoubt => Turn::Holds,
            ErrandState::Waiting if notice.is_some_and(was_answered) => Turn::Alone,
            ErrandState::Waiting | ErrandState::Held if self.is_there => Turn::Now,
            ErrandState::Waiting | ErrandState::Held => Turn::First,
        }
    }
}

/// For each customer of whom something waits: the oldest notice, or none where its turn is over.
#[derive(Default)]
struct Waiting(HashMap<Option<CustomerId>, Option<Stored<Errand>>>);

impl Waiting {
    fn hold(&mut self, customer: Option<CustomerId>) {
        self.0.entry(customer).or_default();
    }

    fn wait(&mut self, customer: Option<CustomerId>, errand: Stored<Errand>) {
        self.0.entry(customer).or_insert(Some(errand));
    }

    /// The oldest about this customer in place of this one; none when one is under way or chosen.
    fn take_turn(&mut self, customer: Option<CustomerId>, errand: Stored<Errand>) -> Option<Stored<Errand>> {
        self.0.entry(customer).or_insert(Some(errand)).take()
    }
}

/// Whether the endpoint itself has said that it does not take this one; what a gateway says in its place, and what asks
/// to come later, is said of any.
fn was_answered(notice: &Delivery) -> bool {
    let is_of_any = |status: u16| matches!(status, 408 | 425 | 429 | 502..=599);
    notice.status_code.is_some_and(|status| !is_of_any(status))
}

fn notice_of(records: &Records, errand: &Errand) -> Result<Option<Stored<Delivery>>, StoreError> {
    match (errand.lane, errand.subject) {
        (Lane::Webhook(_), Subject::Notice(webhook, id)) => {
            records.find_delivery(errand.organization, webhook, id)
        }
        _ => Ok(None),
    }
}
