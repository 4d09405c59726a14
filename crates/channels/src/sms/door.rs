//! What an SMS service tells, in the domain's words: the domain's `Reports` over a provider's callbacks.
//!
//! The hub asks it for every callback. These services sign nothing: whoever calls shows the token of the address it was
//! given, which takes the signature's place. Invariant: nothing is read before the token was compared.

use std::fmt;
use std::sync::Arc;

use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::incoming::{Asks, Incoming, Thread};
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus, Provided};
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::reports::{Report, Reports, Unsigned};
use switchboard_domain::time::Timestamp;

use super::report::{Callbacks, Message, Report as Told, State, Status};
use crate::secret;

/// The label under which the token of the callbacks' addresses is derived from the hub's own secret.
const LABEL: &str = "switchboard sms callbacks 1";

/// The token in the addresses that the service calls.
pub fn token(hub_secret: &[u8]) -> String {
    secret::derived(hub_secret, LABEL)
}

/// Who may tell something, and in which form.
pub struct Door {
    callbacks: Box<dyn Callbacks>,
    token: String,
    clock: Arc<dyn Clock>,
}

/// Leaves the token out.
impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("callbacks", &self.callbacks)
            .finish_non_exhaustive()
    }
}

impl Door {
    /// For callbacks of this form at addresses with this token. The clock stands in where the service does not say when
    /// something was.
    pub fn new(callbacks: Box<dyn Callbacks>, token: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            callbacks,
            token,
            clock,
        }
    }
}

impl Reports for Door {
    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Report>, Unsigned> {
        if !secret::is_same(signature.unwrap_or_default(), &self.token) {
            return Err(Unsigned);
        }
        let now = self.clock.now();
        match self.callbacks.read(body) {
            Told::Message(message) => Ok(vec![Report::Message(Box::new(incoming(message, now)))]),
            Told::Status(status) => Ok(vec![delivery(status, now)]),
            Told::Skipped(reason) => {
                tracing::warn!(reason, "the SMS service told nothing to act on");
                Ok(Vec::new())
            }
        }
    }

    /// There are no subscriptions.
    fn confirms(&self, _: &str, _: &str) -> bool {
        false
    }
}

fn incoming(message: Message, now: Timestamp) -> Incoming {
    let asks = if message.text.trim().is_empty() {
        Asks::Nothing
    } else {
        Asks::Answer
    };
    Incoming {
        channel: Channel::Sms,
        sender: vec![Identity::Phone(message.from.clone())],
        name: String::new(),
        reply_to: message.from,
        subject: String::new(),
        text: message.text,
        files: Vec::new(),
        raw: None,
        provided: Provided {
            id: message.id,
            at: message.at.unwrap_or(now),
            kind: "text".to_owned(),
            ..Provided::default()
        },
        asks,
        thread: Thread::Newest,
    }
}

/// A message that the service has is sent for us, whether or not the operator has it: that settles a send without answer.
fn delivery(status: Status, now: Timestamp) -> Report {
    let reached = match status.state {
        State::Queued | State::Sent => DeliveryStatus::Sent,
        State::Delivered => DeliveryStatus::Delivered,
        State::Failed => DeliveryStatus::Failed,
    };
    let report = DeliveryReport {
        status: reached,
        provider_id: Some(status.id),
        at: status.at.unwrap_or(now),
        failure: status.failure.unwrap_or_default(),
        billing: Billing {
            is_free: status.is_free,
            is_due_on_failure: true,
            parts: status.parts,
        },
    };
    Report::Delivery {
        reference: status.reference,
        report,
    }
}
