//! Whether the client is still there: a ping when it is due, and how many of them stayed unanswered.
//!
//! Any frame counts as an answer, and while the handler is at work nothing is counted, for then nothing is read.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::socket::SocketSettings;
use crate::socket::frame::PING;
use crate::socket::outbox::Outbox;

/// Shared by the reading and the pinging half of one task.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    unanswered: AtomicU32,
    at_work: AtomicBool,
}

impl Liveness {
    /// A frame has come, the handler begins.
    pub(super) fn begin(&self) {
        self.at_work.store(true, Ordering::Relaxed);
    }

    /// The handler is done, reading goes on.
    pub(super) fn done(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
        self.at_work.store(false, Ordering::Relaxed);
    }

    /// Pings until the client has left too many of them unanswered.
    pub(super) async fn until_lost(&self, outbox: &Outbox, settings: &SocketSettings) {
        loop {
            tokio::time::sleep(settings.ping).await;
            if self.at_work.load(Ordering::Relaxed) {
                continue;
            }
            if self.unanswered.fetch_add(1, Ordering::Relaxed) >= settings.missed_pings {
                return;
            }
            // Where anything waits, the client has enough to answer: no ping is needed behind it.
            let _sent_or_closing = outbox.send_droppable(&PING);
        }
    }
}
