//! Meta's Graph API for WhatsApp, as strict as the real one about what it is sent.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use switchboard_testbed::graph::{self, Call, Graph, Webhook, samples};
//! use switchboard_testbed::fault::Fault;
//!
//! let graph = Graph::start().await?;
//! // Configure the hub: graph.base_url(), graph::VERSION, NUMBER_ID, ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN.
//! let hook = "http://127.0.0.1:8000/webhook";
//! graph.deliver(hook, &Webhook::of(samples::text("16505551234", "wamid.1", "Hello"))).await?;
//! graph.fail_next(Call::Message, 2, Fault::Code(131_056));
//! let sent = graph.wait_for_sent(1).await;
//! assert_eq!(sent[0].body["text"]["body"], "Hi!");
//! # Ok(())
//! # }
//! ```
//!
//! Invariant: [`Graph::sent`] holds exactly the messages that the real provider would have delivered, in order; a call
//! that breaks any documented rule is answered with the documented error and leaves no trace there.
//!
//! Meta's pages: <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>,
//! `business-phone-numbers/media`, `support/error-codes`.

mod body;
mod error;
mod field;
mod files;
pub mod samples;
mod serve;
mod state;
mod webhook;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::serve::Serving;
use self::state::State;
pub use self::state::{File, ReadMark, Sent, Upload};
pub use self::webhook::{Webhook, sign};
use crate::fault::Fault;
use crate::http::Server;

/// The version that is spoken.
pub const VERSION: &str = "v23.0";
/// The business number's id.
pub const NUMBER_ID: &str = "106540352242922";
/// The business number as people see it.
pub const DISPLAY_NUMBER: &str = "15550783881";
/// The token that is good.
pub const ACCESS_TOKEN: &str = "EAAtestbed";
/// What webhooks are signed with.
pub const APP_SECRET: &str = "testbed-app-secret";
/// What confirms the subscription.
pub const VERIFY_TOKEN: &str = "testbed-verify-token";
/// How long a wait for a message lasts at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The calls that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A message is sent.
    Message,
    /// A message is marked as read.
    ReadMark,
    /// A file is uploaded.
    Upload,
    /// A file's address is asked for.
    Address,
    /// A file is fetched.
    Download,
    /// The number is looked at.
    Probe,
}

/// The fake; it listens from its start until it is dropped.
#[derive(Debug)]
pub struct Graph {
    server: Server,
    state: Arc<State>,
}

impl Graph {
    /// Starts on a free loopback port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        let server = Server::start(Arc::new(Serving::new(Arc::clone(&state)))).await?;
        state.know_base(server.base_url(), server.port());
        Ok(Self { server, state })
    }

    /// What to configure as `whatsapp.graph_base_url`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Makes the next `times` calls of a kind fail.
    pub fn fail_next(&self, call: Call, times: usize, fault: Fault) {
        self.state.faults.lock().add(call, times, fault);
    }

    /// Answers every call only after this time.
    pub fn delay(&self, delay: Duration) {
        *self.state.delay.lock() = delay;
    }

    /// Closes the port and all connections, as a provider that is gone.
    ///
    /// # Errors
    /// When something else took the port at once.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.server.pause().await
    }

    /// Opens the same port again.
    ///
    /// # Errors
    /// When nobody may listen there.
    pub fn accept_connections(&self) -> io::Result<()> {
        self.server.resume()
    }

    /// Reports `sent` of every message to this address before its own answer goes out; `None` ends it.
    pub fn report_before_answer(&self, url: Option<String>) {
        *self.state.early_reports.lock() = url;
    }

    /// Approves a template with so many variables in its body.
    pub fn approve_template(&self, name: &str, language: &str, variables: usize) {
        let key = (name.to_owned(), language.to_owned());
        self.state.templates.lock().insert(key, variables);
    }

    /// Keeps a file of a customer; its id for [`samples::media`].
    pub fn keep_file(&self, media_type: &str, content: impl Into<Vec<u8>>) -> String {
        self.keep(File::new(media_type, content.into()))
    }

    /// Keeps a file that is not what it says: see [`File`].
    pub fn keep(&self, file: File) -> String {
        self.state.keep(file)
    }

    /// The messages that were taken, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.state.sent.borrow().clone()
    }

    /// Waits until at least so many messages were taken, and gives them all; what there is after 20 seconds.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        let mut watched = self.state.sent.subscribe();
        let enough = watched.wait_for(|sent| sent.len() >= count);
        drop(tokio::time::timeout(PATIENCE, enough).await);
        self.sent()
    }

    /// The read marks that were taken, in order.
    pub fn read_marks(&self) -> Vec<ReadMark> {
        self.state.read_marks.lock().clone()
    }

    /// The files that were uploaded, in order.
    pub fn uploads(&self) -> Vec<Upload> {
        self.state.uploads.lock().clone()
    }

    /// Every refusal that was answered because a call was wrong (those made to fail are not among them).
    pub fn refusals(&self) -> Vec<Value> {
        self.state.refusals.lock().clone()
    }

    /// Signs a webhook and posts it; the status it was answered with.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn deliver(&self, url: &str, webhook: &Webhook) -> io::Result<u16> {
        webhook.post(url, APP_SECRET).await
    }
}
