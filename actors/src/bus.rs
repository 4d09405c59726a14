//! The event bus of one process: a table of listeners by topic.
//!
//! Publishing runs on the session's own task and calls each listener in turn; a listener writes ready-made bytes into
//! its socket or queues them, and never waits.

use std::collections::HashMap;
use std::sync::Arc;

use dashmap::DashMap;
use switchboard_domain::event::Occurrence;
use switchboard_domain::id::ConnectionId;
use switchboard_domain::ports::bus::{EventBus, Listener, Topic};

type Listeners = HashMap<ConnectionId, Arc<dyn Listener>>;

/// Listeners in this process.
#[derive(Debug, Default)]
pub struct LocalBus {
    topics: DashMap<Topic, Listeners>,
}

impl EventBus for LocalBus {
    fn publish(&self, topic: Topic, occurrences: &[Arc<Occurrence>]) {
        // Listeners are called outside the table's lock: one of them may be slow to take its own lock.
        let Some(listeners) = self
            .topics
            .get(&topic)
            .map(|all| all.values().cloned().collect::<Vec<_>>())
        else {
            return;
        };
        let plain = occurrences
            .iter()
            .all(|occurrence| occurrence.origin.is_none() && !occurrence.event.staff_only());
        for listener in listeners {
            if plain {
                listener.hear(occurrences);
                continue;
            }
            let heard: Vec<_> = occurrences
                .iter()
                .filter(|o| hears(listener.as_ref(), o))
                .cloned()
                .collect();
            if !heard.is_empty() {
                listener.hear(&heard);
            }
        }
    }

    fn subscribe(&self, topic: Topic, listener: Arc<dyn Listener>) {
        self.topics
            .entry(topic)
            .or_default()
            .insert(listener.id(), listener);
    }

    fn unsubscribe(&self, topic: Topic, listener: ConnectionId) {
        self.topics.remove_if_mut(&topic, |_, listeners| {
            listeners.remove(&listener);
            listeners.is_empty()
        });
    }

    fn end(&self, topic: Topic) {
        let listeners = self.topics.get(&topic);
        let listeners: Vec<_> = listeners
            .map(|all| all.values().cloned().collect())
            .unwrap_or_default();
        for listener in listeners {
            listener.end();
        }
    }

    fn has_staff(&self, topic: Topic) -> bool {
        self.topics
            .get(&topic)
            .is_some_and(|listeners| listeners.values().any(|listener| listener.is_staff()))
    }
}

/// Staff-only events stay with staff; a connection does not hear what it said itself.
fn hears(listener: &dyn Listener, occurrence: &Occurrence) -> bool {
    let own = occurrence.origin == Some(listener.id());
    !own && (listener.is_staff() || !occurrence.event.staff_only())
}
