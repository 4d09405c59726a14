//! The bounded queue between callers and the writer thread.
//!
//! While the disk syncs, the writer is called only for a group that is worth it: each group costs two threads their
//! wake-ups and the journal a write, which may have to wait for the page that is being synced. With 64 customers who
//! write at once that is a twentieth of a message's CPU.
//! Invariant: whoever is refused or forgotten is told: dropping a reply says `Closed` to its caller.

use std::collections::VecDeque;
use std::fmt;
use std::thread;

use parking_lot::{Condvar, Mutex, MutexGuard};
use switchboard_domain::ports::engine::{Batch, StoreError, Told};

/// Batches that are worth a group of their own while the disk syncs: they are applied meanwhile.
pub(crate) const WORTH_A_GROUP: usize = 32;

/// Who is told what became of a batch; told `Closed` when it is dropped.
pub(crate) struct Reply(Option<Told>);

impl Reply {
    /// Tells this caller.
    pub(crate) fn to(told: Told) -> Self {
        Self(Some(told))
    }

    /// Tells it.
    pub(crate) fn tell(mut self, outcome: Result<(), StoreError>) {
        if let Some(told) = self.0.take() {
            told(outcome);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(told) = self.0.take() {
            told(Err(StoreError::Closed));
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// A batch and its caller.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) batch: Batch,
    pub(crate) reply: Reply,
}

/// Batches in the order in which they were handed over.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    due: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
    disk_is_busy: bool,
}

impl State {
    /// The writer has something to do.
    fn is_due(&self) -> bool {
        let worth = if self.disk_is_busy { WORTH_A_GROUP } else { 1 };
        self.closed || self.jobs.len() >= worth
    }
}

impl Queue {
    /// An empty queue for at most `limit` batches.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            due: Condvar::new(),
            limit,
        }
    }

    /// Appends a batch, or tells its caller why not.
    pub(crate) fn push(&self, job: Job) {
        let mut state = self.state.lock();
        let refused = if state.closed {
            StoreError::Closed
        } else if state.jobs.len() >= self.limit {
            StoreError::Overloaded
        } else {
            state.jobs.push_back(job);
            let is_due = state.is_due();
            drop(state);
            if is_due {
                self.due.notify_one();
            }
            return;
        };
        drop(state);
        job.reply.tell(Err(refused));
    }

    /// Waits for batches and takes at most `limit` of them; none once the queue is closed and empty.
    pub(crate) fn take(&self, limit: usize) -> Option<Vec<Job>> {
        let mut state = self.state.lock();
        if !state.is_due() {
            while !state.is_due() {
                self.due.wait(&mut state);
            }
            // Whoever can run on this processor may still have something for the group; where it is free, nobody waits.
            MutexGuard::unlocked(&mut state, thread::yield_now);
        }
        let count = state.jobs.len().min(limit);
        (count > 0).then(|| state.jobs.drain(..count).collect())
    }

    /// Tells whether the disk syncs.
    pub(crate) fn set_disk_busy(&self, is_busy: bool) {
        let mut state = self.state.lock();
        state.disk_is_busy = is_busy;
        if state.is_due() {
            self.due.notify_one();
        }
    }

    /// Takes no more batches; those that wait are still served.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.due.notify_all();
    }

    /// Takes no more batches and forgets those that wait.
    pub(crate) fn abandon(&self) {
        self.close();
        let forgotten = std::mem::take(&mut self.state.lock().jobs);
        drop(forgotten);
    }

    /// Batches that wait.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().jobs.len()
    }
}
