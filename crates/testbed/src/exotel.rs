//! Exotel's SMS service, as strict as the real one about what it is sent.
//!
//! Configure the hub with [`Exotel::base_url`], [`ACCOUNT_SID`], [`API_KEY`], [`API_TOKEN`] and [`SENDER`]; see what it
//! took with [`Exotel::sent`]; call the hub back with [`Exotel::deliver_status`] and [`Exotel::deliver_message`].
//!
//! Invariant: [`Exotel::sent`] holds exactly the messages that the real service would have taken, in order.
//!
//! Exotel's page: <https://developer.exotel.com/api/sms>.

mod serve;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use self::serve::Serving;
use crate::fault::{Fault, Faults};
use crate::http::Server;
use crate::http::post::post;

/// The account.
pub const ACCOUNT_SID: &str = "testbed1";
/// User of the basic authentication.
pub const API_KEY: &str = "testbed-key";
/// Password of the basic authentication.
pub const API_TOKEN: &str = "testbed-token";
/// A sender that the account has.
pub const SENDER: &str = "SWTCHB";
/// How long a wait for a message lasts at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The calls that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A message is sent.
    Message,
    /// A message is asked for, which is how credentials are probed.
    Details,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// Its receiver.
    pub to: String,
    /// Its text.
    pub body: String,
    /// Said to be outside the GSM alphabet.
    pub is_unicode: bool,
    /// `CustomField`.
    pub reference: Option<String>,
    /// `StatusCallback`.
    pub status_callback: Option<String>,
}

/// What the fake remembers.
#[derive(Debug)]
struct State {
    faults: Mutex<Faults<Call>>,
    delay: Mutex<Duration>,
    sent: watch::Sender<Vec<Sent>>,
    refusals: Mutex<Vec<String>>,
    port: Mutex<u16>,
}

/// The fake; it listens from its start until it is dropped.
#[derive(Debug)]
pub struct Exotel {
    server: Server,
    state: Arc<State>,
}

impl Exotel {
    /// Starts on a free loopback port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(State {
            faults: Mutex::new(Faults::new()),
            delay: Mutex::default(),
            sent: watch::Sender::new(Vec::new()),
            refusals: Mutex::default(),
            port: Mutex::default(),
        });
        let server = Server::start(Arc::new(Serving::new(Arc::clone(&state)))).await?;
        *state.port.lock() = server.port();
        Ok(Self { server, state })
    }

    /// What to configure as `sms.base_url`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Makes the next `times` calls of a kind fail; [`Fault::Code`] is an HTTP status here.
    pub fn fail_next(&self, call: Call, times: usize, fault: Fault) {
        self.state.faults.lock().add(call, times, fault);
    }

    /// Answers every call only after this time.
    pub fn delay(&self, delay: Duration) {
        *self.state.delay.lock() = delay;
    }

    /// Closes the port and all connections.
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

    /// Why calls were refused that were wrong (those made to fail are not among them).
    pub fn refusals(&self) -> Vec<String> {
        self.state.refusals.lock().clone()
    }

    /// Calls `url` back about a message, as the service does; the status it was answered with.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn deliver_status(
        &self,
        url: &str,
        sent: &Sent,
        status: &str,
        detail: &str,
    ) -> io::Result<u16> {
        let mut fields = vec![
            ("SmsSid", sent.id.as_str()),
            ("To", sent.to.as_str()),
            ("Status", status),
            ("DetailedStatus", detail),
            ("SmsUnits", "1"),
            ("DateSent", "2026-03-01 10:00:00"),
        ];
        if let Some(reference) = &sent.reference {
            fields.push(("CustomField", reference));
        }
        deliver(url, &fields).await
    }

    /// Calls `url` with a customer's message; the status it was answered with.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn deliver_message(&self, url: &str, id: &str, from: &str, body: &str) -> io::Result<u16> {
        let fields = [
            ("SmsSid", id),
            ("From", from),
            ("To", "08088919888"),
            ("Date", "2026-03-01 10:00:00"),
            ("Body", body),
        ];
        deliver(url, &fields).await
    }
}

async fn deliver(url: &str, fields: &[(&str, &str)]) -> io::Result<u16> {
    let body = serde_urlencoded::to_string(fields).map_err(io::Error::other)?;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    post(url, &headers, body.into_bytes())
        .await
        .map(|(status, _)| status)
}
