//! The writer thread: takes what is queued, checks and merges it, applies it as one group, passes it on to be synced.
//!
//! Started by the engine, one for each store. It is the only writer, so the state it reads is the state it left.
//! It does not wait for the disk: the next group is applied while the previous one is synced.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use switchboard_domain::ports::engine::{StoreError, WriteHealth};

use crate::backend::Backend;
use crate::engine::Shared;
use crate::group::{Answer, Group};
use crate::history::Node;
use crate::queue::Job;
use crate::sync::Applied;

/// Batches in one group at most.
const GROUP_BATCHES: usize = 4096;

/// Free space to ask for per byte of a group: sled and fjall write more than they are given.
const WRITE_AMPLIFICATION: u64 = 4;

/// What the writer thread owns.
pub(crate) struct Writer<B: Backend> {
    pub(crate) backend: Arc<B>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) newest: Arc<Node>,
    pub(crate) applied: SyncSender<Applied>,
}

impl<B: Backend> Writer<B> {
    /// Writes until the queue is closed and empty, or the backend fails.
    pub(crate) fn run(mut self) {
        while let Some(jobs) = self.shared.queue.take(GROUP_BATCHES) {
            if self.write(jobs).is_err() {
                break;
            }
        }
    }

    /// Fails when nothing can be written again.
    fn write(&mut self, jobs: Vec<Job>) -> Result<(), StoreError> {
        let group = self.form(jobs);
        // It waits its turn all the same: it was compared with what may not be durable yet.
        if group.slots.is_unchanged() {
            return self.pass_on(Applied {
                node: self.newest.clone(),
                answers: group.answers,
                changed: false,
            });
        }
        if !self
            .shared
            .room
            .has(group.bytes.saturating_mul(WRITE_AMPLIFICATION))
        {
            tracing::error!("no space left for the store: batches are refused");
            self.shared.set_health(WriteHealth::Full);
            Answer::refuse_all(group.answers, &StoreError::Full);
            return Ok(());
        }
        self.apply(group)
    }

    fn form(&self, jobs: Vec<Job>) -> Group {
        let mut group = Group::default();
        let read = |key: &[u8]| self.backend.get(key);
        for job in jobs {
            group.admit(job.batch, job.reply, &read);
        }
        group
    }

    /// The group joins the history first: from then on reads take it back.
    fn apply(&mut self, group: Group) -> Result<(), StoreError> {
        let Group { slots, answers, .. } = group;
        let node = Node::new(slots);
        self.newest.link(node.clone());
        self.newest = node.clone();
        if let Err(error) = self.backend.apply(node.slots()) {
            self.shared.die(&error);
            Answer::refuse_all(answers, &error);
            return Err(error);
        }
        self.pass_on(Applied {
            node,
            answers,
            changed: true,
        })
    }

    fn pass_on(&self, applied: Applied) -> Result<(), StoreError> {
        self.applied.send(applied).map_err(|_| StoreError::Closed)
    }
}

impl<B: Backend> Drop for Writer<B> {
    /// Also when the backend panics: nobody may wait for a writer that is gone.
    fn drop(&mut self) {
        self.shared.thread_ends();
    }
}
