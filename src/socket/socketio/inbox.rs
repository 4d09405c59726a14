//! What a client emits, on its way to the client's own task: in order, and no more of it than may wait.
//!
//! The library calls an event's handler in the order the events came, but runs what the handler returns side by side.
//! So the handler only puts the event in here, and one task of the connection does one after the other.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::AckSender;
use socketioxide::handler::{FromMessageParts, Value as Raw};
use socketioxide::socket::Socket;
use switchboard_actors::error::HubError;
use tokio::sync::{Notify, mpsc};

use super::incoming::EventIn;
use super::outgoing::Voice;

/// Events of one client that may wait.
const EVENTS: usize = 1024;

/// A client's event, understood or not, with the way to answer it.
pub(super) struct Received {
    /// What it asks for; else what is wrong with it.
    pub(super) event: Result<EventIn, String>,
    /// The event's name.
    pub(super) name: String,
    /// Where its answer goes.
    pub(super) reply: Reply,
    _weight: Weight,
}

/// The acknowledgement a client may have asked for.
pub(super) struct Reply(Option<AckSender>);

/// Where the library's handlers put events.
#[derive(Debug, Clone)]
pub(super) struct Inbox {
    events: mpsc::Sender<Received>,
    waiting: Arc<AtomicUsize>,
    most: usize,
}

/// Bytes that wait, until they are done with.
struct Weight {
    bytes: usize,
    waiting: Arc<AtomicUsize>,
}

/// What a connection's task is told besides events.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// The client hears us from now on.
    pub(super) connected: Notify,
    /// The client is gone.
    pub(super) gone: Notify,
    /// Its credential has ended.
    pub(super) credential_ended: Notify,
}

impl switchboard_actors::channel::web::Closer for Notices {
    fn credential_ended(&self) {
        self.credential_ended.notify_one();
    }
}

impl Inbox {
    /// An inbox that takes `most` bytes, and where its events come out.
    pub(super) fn new(most: usize) -> (Self, mpsc::Receiver<Received>) {
        let (events, received) = mpsc::channel(EVENTS);
        let waiting = Arc::default();
        (
            Self {
                events,
                waiting,
                most,
            },
            received,
        )
    }

    /// Takes an event; one too many is answered as such at once.
    pub(super) fn take(&self, name: String, data: Option<Value>, reply: Reply, voice: &Voice) {
        let event = data
            .ok_or_else(|| "one object must come with the event".to_owned())
            .and_then(|data| EventIn::parse(&name, data));
        let bytes = event.as_ref().map_or(0, EventIn::weight);
        let weight = Weight::new(bytes, &self.waiting);
        if self.waiting.load(Ordering::Relaxed) > self.most {
            return reply.refuse(voice, &name, &HubError::Overloaded);
        }
        let received = Received {
            event,
            name,
            reply,
            _weight: weight,
        };
        if let Err(refused) = self.events.try_send(received) {
            let Received { name, reply, .. } = refused.into_inner();
            reply.refuse(voice, &name, &HubError::Overloaded);
        }
    }
}

impl Weight {
    fn new(bytes: usize, waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(bytes, Ordering::Relaxed);
        Self {
            bytes,
            waiting: Arc::clone(waiting),
        }
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl FromMessageParts<LocalAdapter> for Reply {
    type Error = Infallible;

    fn from_message_parts(
        socket: &Arc<Socket<LocalAdapter>>,
        data: &mut Raw,
        id: &Option<i64>,
    ) -> Result<Self, Infallible> {
        let sender = AckSender::from_message_parts(socket, data, id)?;
        Ok(Self(id.is_some().then_some(sender)))
    }
}

impl Reply {
    /// Answers that it is done; a client that did not ask hears nothing.
    pub(super) fn done(self, voice: &Voice, answer: &Value) {
        if let Some(Err(error)) = self.0.map(|ack| ack.send(answer)) {
            voice.failed(&error);
        }
    }

    /// Answers that the hub would not.
    pub(super) fn refuse(self, voice: &Voice, event: &str, error: &HubError) {
        self.fail(voice, event, code(error), &sentence(error));
    }

    /// Answers with an error: in the acknowledgement, else as an `error` event.
    pub(super) fn fail(self, voice: &Voice, event: &str, code: &str, message: &str) {
        let mut answer = json!({"status": "error", "code": code, "message": message});
        let Some(ack) = self.0 else {
            if let Some(object) = answer.as_object_mut() {
                object.insert("event".to_owned(), json!(event));
            }
            voice.say("error", &answer).ok();
            return;
        };
        if let Err(error) = ack.send(&answer) {
            voice.failed(&error);
        }
    }
}

/// The word for a refusal.
fn code(error: &HubError) -> &'static str {
    match error {
        HubError::Unauthenticated => "unauthorized",
        HubError::Forbidden(_) | HubError::BudgetUsedUp => "forbidden",
        HubError::NotFound(_) => "not_found",
        HubError::Invalid { .. } => "invalid_request",
        HubError::Conflict(_) => "conflict",
        HubError::TooLarge { .. } => "too_large",
        HubError::Throttled(_) => "rate_limit_exceeded",
        HubError::Overloaded | HubError::StoreFull | HubError::Unavailable => "service_unavailable",
        HubError::Internal(inner) => {
            tracing::error!(inner, "an event could not be processed");
            "internal_error"
        }
    }
}

/// The sentence for a refusal, in the family's words.
fn sentence(error: &HubError) -> String {
    match error {
        HubError::Unauthenticated => "Could not validate credentials".to_owned(),
        HubError::NotFound(_) => "Resource not found".to_owned(),
        HubError::Internal(_) => "Internal server error".to_owned(),
        HubError::Forbidden("Agent or admin access required") => "Admin access required".to_owned(),
        HubError::Invalid {
            field: "text",
            message,
        } => format!("message: {message}"),
        other => other.to_string(),
    }
}
