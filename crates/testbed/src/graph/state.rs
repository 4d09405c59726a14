//! What the fake remembers.
//!
//! Invariant: a message is in `sent` once, from the moment on that it was taken.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use super::Call;
use crate::fault::Faults;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// Its receiver, as it was named: a phone number's digits or a user id.
    pub to: String,
    /// Its type.
    pub kind: String,
    /// `biz_opaque_callback_data`.
    pub reference: Option<String>,
    /// The whole body.
    pub body: Value,
}

/// A read mark that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadMark {
    /// The message.
    pub message_id: String,
    /// Whether typing is to be shown.
    pub is_typing: bool,
}

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A file of a customer, and in what it is not what it says.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub content: Vec<u8>,
    /// Says another hash than it has.
    pub has_wrong_hash: bool,
    /// Says so many bytes, whatever it has.
    pub said_size: Option<u64>,
    /// Says that it is kept at this address.
    pub elsewhere: Option<String>,
    /// Its address is known and it is not there any more.
    pub is_gone: bool,
}

impl File {
    /// A file that is what it says.
    pub fn new(media_type: &str, content: Vec<u8>) -> Self {
        Self {
            media_type: media_type.to_owned(),
            content,
            ..Self::default()
        }
    }
}

/// Everything the fake remembers.
#[derive(Debug)]
pub(super) struct State {
    base: Mutex<(String, u16)>,
    counter: Mutex<u64>,
    pub(super) faults: Mutex<Faults<Call>>,
    pub(super) delay: Mutex<Duration>,
    pub(super) early_reports: Mutex<Option<String>>,
    /// Variables of each approved template, by name and language.
    pub(super) templates: Mutex<HashMap<(String, String), usize>>,
    pub(super) files: Mutex<HashMap<String, File>>,
    pub(super) uploads: Mutex<Vec<Upload>>,
    pub(super) sent: watch::Sender<Vec<Sent>>,
    pub(super) read_marks: Mutex<Vec<ReadMark>>,
    pub(super) refusals: Mutex<Vec<Value>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            base: Mutex::default(),
            counter: Mutex::default(),
            faults: Mutex::new(Faults::new()),
            delay: Mutex::default(),
            early_reports: Mutex::default(),
            templates: Mutex::default(),
            files: Mutex::default(),
            uploads: Mutex::default(),
            sent: watch::Sender::new(Vec::new()),
            read_marks: Mutex::default(),
            refusals: Mutex::default(),
        }
    }
}

impl State {
    pub(super) fn know_base(&self, url: String, port: u16) {
        *self.base.lock() = (url, port);
    }

    pub(super) fn base_url(&self) -> String {
        self.base.lock().0.clone()
    }

    /// A number that no other fake of this machine gives at the same time.
    fn next(&self) -> u64 {
        let mut counter = self.counter.lock();
        *counter += 1;
        u64::from(self.base.lock().1) * 1_000_000 + *counter
    }

    pub(super) fn keep(&self, file: File) -> String {
        let id = self.next().to_string();
        self.files.lock().insert(id.clone(), file);
        id
    }

    pub(super) fn add_upload(&self, name: String, media_type: String, content: Vec<u8>) -> String {
        let id = self.next().to_string();
        self.uploads.lock().push(Upload {
            id: id.clone(),
            name,
            media_type,
            content,
        });
        id
    }

    /// Takes a message; its id.
    pub(super) fn add_sent(&self, body: Value) -> String {
        let id = format!("wamid.{}", self.next());
        let word = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let sent = Sent {
            id: id.clone(),
            to: word("to").or_else(|| word("recipient")).unwrap_or_default(),
            kind: word("type").unwrap_or_else(|| "text".into()),
            reference: word("biz_opaque_callback_data"),
            body,
        };
        self.sent.send_modify(|all| all.push(sent));
        id
    }
}
