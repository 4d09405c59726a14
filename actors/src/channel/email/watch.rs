//! What the readers of the mailboxes have seen of late, for whoever asks how the hub is.
//!
//! Written by the readers, read by the hub's health. Invariant: a folder counts as read only for as long as it was heard
//! from lately.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_domain::time::Timestamp;

/// A folder that was not heard from for this long beyond its poll is not read.
const SILENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
struct Seen {
    heard: Option<Timestamp>,
    failure: Option<String>,
}

/// What was seen of each folder.
#[derive(Debug, Default)]
pub struct MailWatch(Mutex<HashMap<String, Seen>>);

impl MailWatch {
    /// A folder is to be read.
    pub(super) fn awaits(&self, folder: &str) {
        self.0.lock().entry(folder.to_owned()).or_default();
    }

    /// A folder's server has answered.
    pub(super) fn heard(&self, folder: &str, now: Timestamp) {
        let seen = Seen {
            heard: Some(now),
            failure: None,
        };
        self.0.lock().insert(folder.to_owned(), seen);
    }

    /// A folder could not be read.
    pub(super) fn failed(&self, folder: &str, reason: &str) {
        let mut folders = self.0.lock();
        folders.entry(folder.to_owned()).or_default().failure = Some(reason.to_owned());
    }

    /// Nobody reads any more.
    pub(super) fn stopped(&self) {
        self.0.lock().clear();
    }

    /// How many folders are to be read, and how many of them are.
    pub fn count(&self, poll: Duration, now: Timestamp) -> (usize, usize) {
        let folders = self.0.lock();
        let is_read = |seen: &&Seen| {
            let lately = seen.heard.is_some_and(|at| at.after(poll + SILENCE) >= now);
            lately && seen.failure.is_none()
        };
        (folders.len(), folders.values().filter(is_read).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_while_it_is_heard_from_and_has_not_failed() {
        let (watch, poll) = (MailWatch::default(), Duration::from_secs(60));
        let at = |seconds: u64| Timestamp::from_millis(0).after(Duration::from_secs(seconds));
        watch.awaits("INBOX");
        assert_eq!(watch.count(poll, at(0)), (1, 0));
        watch.heard("INBOX", at(0));
        assert_eq!(watch.count(poll, at(180)), (1, 1));
        assert_eq!(watch.count(poll, at(181)), (1, 0));
        watch.failed("INBOX", "cut");
        assert_eq!(watch.count(poll, at(1)), (1, 0));
        watch.stopped();
        assert_eq!(watch.count(poll, at(1)), (0, 0));
    }
}
