//! The sync thread: makes applied groups durable, shows them to readers, answers their callers, in this order.
//!
//! Fed by the writer thread. One sync serves every group applied before it. A failed sync is never tried again: what
//! the disk holds is then unknown, so the engine is dead.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use switchboard_domain::ports::engine::StoreError;

use crate::backend::Backend;
use crate::engine::Shared;
use crate::group::Answer;
use crate::history::Node;

/// A group on its way to the disk.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) node: Arc<Node>,
    pub(crate) answers: Vec<Answer>,
    /// Something was written, so a sync is needed.
    pub(crate) changed: bool,
}

/// What the sync thread owns.
pub(crate) struct Syncer<B: Backend> {
    pub(crate) backend: Arc<B>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) applied: Receiver<Applied>,
}

impl<B: Backend> Syncer<B> {
    /// Syncs until the writer has ended or the disk fails.
    pub(crate) fn run(self) {
        while let Ok(first) = self.applied.recv() {
            let groups: Vec<Applied> = std::iter::once(first).chain(self.applied.try_iter()).collect();
            if let Err(error) = self.sync(&groups) {
                self.shared.die(&error);
                Answer::refuse_all(groups.into_iter().flat_map(|group| group.answers), &error);
                return;
            }
            self.publish(groups);
        }
    }

    fn sync(&self, groups: &[Applied]) -> Result<(), StoreError> {
        if !groups.iter().any(|group| group.changed) {
            return Ok(());
        }
        self.shared.queue.set_disk_busy(true);
        let synced = self.backend.sync();
        self.shared.queue.set_disk_busy(false);
        synced
    }

    fn publish(&self, groups: Vec<Applied>) {
        let batches = groups.iter().map(|group| group.answers.len() as u64).sum();
        if let Some(last) = groups.last() {
            self.shared.publish(last.node.clone(), batches);
        }
        groups
            .into_iter()
            .flat_map(|group| group.answers)
            .for_each(Answer::give);
    }
}

impl<B: Backend> Drop for Syncer<B> {
    /// Also when the backend panics.
    fn drop(&mut self) {
        self.shared.thread_ends();
    }
}

impl Answer {
    fn give(self) {
        self.reply.tell(self.outcome);
    }

    /// Tells all callers that nothing was made durable; those whose batch was refused already keep their reason.
    pub(crate) fn refuse_all(answers: impl IntoIterator<Item = Self>, error: &StoreError) {
        for answer in answers {
            let reason = answer.outcome.err().unwrap_or_else(|| error.clone());
            answer.reply.tell(Err(reason));
        }
    }
}
