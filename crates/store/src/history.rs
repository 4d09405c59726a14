//! What reads must not show yet: a chain of applied groups, each knowing what stood there before it.
//!
//! A reader pins the newest durable node, reads the backend as it is, and puts back the old value of every key that a
//! later node of the chain has changed. A group joins the chain before it is applied, so a reader that saw a change
//! finds its undoing; nodes that no reader pins and that are durable are dropped.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use switchboard_domain::ports::engine::KeyRange;

use crate::group::{Slots, Value};

/// A group in the chain.
#[derive(Debug, Default)]
pub(crate) struct Node {
    slots: Slots,
    next: OnceLock<Arc<Node>>,
}

impl Node {
    /// A node that follows no other yet.
    pub(crate) fn new(slots: Slots) -> Arc<Self> {
        Arc::new(Self {
            slots,
            next: OnceLock::new(),
        })
    }

    /// Appends `node`; only the single writer does, once for each node.
    pub(crate) fn link(&self, node: Arc<Self>) {
        let linked = self.next.set(node);
        debug_assert!(linked.is_ok(), "one writer links each node once");
    }

    /// The changes of this node's group.
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The value of `key` right after this node's group, if a later group has changed it since.
    pub(crate) fn value_here(&self, key: &[u8]) -> Option<Value> {
        self.later().find_map(|node| node.slots.before(key).cloned())
    }

    /// The same for all keys of a range.
    pub(crate) fn values_here(&self, range: &KeyRange) -> BTreeMap<Bytes, Value> {
        let mut values = BTreeMap::new();
        for (key, value) in self.later().flat_map(|node| node.slots.before_in(range)) {
            values.entry(key.clone()).or_insert_with(|| value.clone());
        }
        values
    }

    fn later(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(self.next.get(), |node| node.next.get()).map(AsRef::as_ref)
    }
}

impl Drop for Node {
    /// In a loop: a long read may be the only holder of a long chain, and dropping that recursively needs a deep stack.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.next.take();
        }
    }
}
