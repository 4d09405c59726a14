//! The threads that run the model, so that no thread of the async runtime ever computes for milliseconds.
//!
//! The queue is bounded: a full one refuses at once instead of letting customers wait for an answer nobody reads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::{io, thread};

use parking_lot::Mutex;
use switchboard_domain::ports::assistant::AssistantError;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of threads behind one bounded queue; they end when the pool is dropped.
#[derive(Debug)]
pub(crate) struct Pool {
    jobs: SyncSender<Job>,
}

impl Pool {
    /// Starts `threads` threads (at least one) with room for `queue` waiting jobs.
    pub(crate) fn start(threads: usize, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for index in 0..threads.max(1) {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new()
                .name(format!("assistant-{index}"))
                .spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs })
    }

    /// Runs `job` on a thread of the pool.
    ///
    /// Fails with `Overloaded` when the queue is full, with `Failed` when the job panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AssistantError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move || drop(reply.send(job())));
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => AssistantError::Overloaded,
            TrySendError::Disconnected(_) => AssistantError::Failed("its threads have ended".into()),
        })?;
        answer
            .await
            .map_err(|_| AssistantError::Failed("the model stopped at this text".into()))
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let Ok(job) = waiting.lock().recv() else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a job of the assistant panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let pool = Pool::start(1, 1).unwrap();
        let (started, is_started) = channel();
        let (release, released) = channel::<()>();
        let busy = pool.run(move || (started.send(()).is_ok(), released.recv().is_ok()));
        let mut busy = std::pin::pin!(busy);
        assert!(futures_poll(busy.as_mut()).is_none());
        is_started.recv().unwrap();
        let mut queued = std::pin::pin!(pool.run(|| 7));
        assert!(futures_poll(queued.as_mut()).is_none());
        assert!(matches!(pool.run(|| 8).await, Err(AssistantError::Overloaded)));
        release.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), (true, true));
        assert_eq!(queued.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_fails_one_job_and_the_thread_lives_on() {
        let pool = Pool::start(1, 4).unwrap();
        let failed = pool
            .run(|| [1, 2].iter().map(|n: &u32| 4 / (n - 1)).sum::<u32>())
            .await;
        assert!(matches!(failed, Err(AssistantError::Failed(_))));
        assert_eq!(pool.run(|| 3).await.unwrap(), 3);
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
