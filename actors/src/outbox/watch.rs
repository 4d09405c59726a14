//! What the last attempt in each lane has shown of its destination, for whoever asks how the hub is.
//!
//! Written by the runners and by whoever probes a way out, read by the hub's health.

use dashmap::DashMap;
use switchboard_domain::outbox::Lane;

/// What was seen of each lane since the start.
#[derive(Debug, Default)]
pub struct LaneWatch(DashMap<Lane, bool>);

impl LaneWatch {
    /// Whether a lane's destination was there at the last look; none where nobody has looked.
    pub fn works(&self, lane: Lane) -> Option<bool> {
        self.0.get(&lane).map(|works| *works)
    }

    /// Its destination is there, or is not. Webhooks are others' and are not watched.
    pub(crate) fn note(&self, lane: Lane, works: bool) {
        if !matches!(lane, Lane::Webhook(_)) {
            self.0.insert(lane, works);
        }
    }
}
