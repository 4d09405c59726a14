//! What goes wrong on the way, on order: refusals, garbage, silence.
//!
//! Given to a fake with its `fail_next`; taken one by one, in order, by the calls they are for. Invariant: whether the
//! call was acted on is part of the fault's name and holds.

use std::collections::VecDeque;
use std::time::{Duration, UNIX_EPOCH};

/// A `Retry-After` that names the moment this far ahead.
pub fn wait_until(wait: Duration) -> String {
    let since = UNIX_EPOCH.elapsed().unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + since + wait)
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not acted on; the provider's own error with this code (an HTTP status at a provider without codes).
    Code(i64),
    /// Not acted on; this status and body, and this `Retry-After` if given.
    Answer(u16, String, Option<String>),
    /// Not acted on; the connection ends without an answer.
    CloseUnread,
    /// Acted on; the connection ends without an answer.
    CloseAccepted,
    /// Acted on; the answer is 200 and makes no sense.
    Garbage,
    /// Acted on; the answer comes after this time.
    Slow(Duration),
}

impl Fault {
    /// Whether the call is acted on all the same.
    pub(crate) const fn is_accepting(&self) -> bool {
        matches!(self, Self::CloseAccepted | Self::Garbage | Self::Slow(_))
    }
}

/// Failures to come.
#[derive(Debug)]
pub(crate) struct Faults<C> {
    waiting: VecDeque<(C, Fault)>,
}

impl<C: Copy + PartialEq> Faults<C> {
    pub(crate) const fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
        }
    }

    pub(crate) fn add(&mut self, call: C, times: usize, fault: Fault) {
        let added = std::iter::repeat_n((call, fault), times);
        self.waiting.extend(added);
    }

    pub(crate) fn take(&mut self, call: C) -> Option<Fault> {
        let place = self.waiting.iter().position(|(wanted, _)| *wanted == call)?;
        self.waiting.remove(place).map(|(_, fault)| fault)
    }
}
