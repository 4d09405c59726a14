//! How a lane's runner is reached: something more is owed, or somebody wants one errand to be tried now.
//!
//! Shared by the dispatcher and the runner. Invariant: what is asked for is a wish about an errand that is in the store;
//! when it is lost, the errand is tried when it is due.

use parking_lot::Mutex;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::outbox::Subject;
use tokio::sync::Notify;

/// Wishes that are kept; those beyond wait as everybody does.
const MAX_ASKED: usize = 100;

/// One lane's.
#[derive(Debug, Default)]
pub(super) struct Wake {
    owed: Notify,
    asked: Mutex<Vec<(OrganizationId, Subject)>>,
}

impl Wake {
    /// Something more is owed.
    pub(super) fn owe(&self) {
        self.owed.notify_one();
    }

    /// Somebody wants this to be tried now, whatever is known of the destination.
    pub(super) fn ask(&self, organization: OrganizationId, subject: Subject) {
        let wish = (organization, subject);
        let mut asked = self.asked.lock();
        if asked.len() < MAX_ASKED && !asked.contains(&wish) {
            asked.push(wish);
        }
        drop(asked);
        self.owed.notify_one();
    }

    /// At most so many of the errands that are to be tried now, each once.
    pub(super) fn take_asked(&self, most: usize) -> Vec<(OrganizationId, Subject)> {
        let mut asked = self.asked.lock();
        let most = most.min(asked.len());
        asked.drain(..most).collect()
    }

    /// Whether something is to be tried now.
    pub(super) fn is_asked(&self) -> bool {
        !self.asked.lock().is_empty()
    }

    /// Waits until something is owed or asked for.
    pub(super) async fn called(&self) {
        self.owed.notified().await;
    }
}
