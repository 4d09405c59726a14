//! Where clients come in: each gets its task, its inbox and its place in the hub's books.
//!
//! All of it is there before the client hears that it is connected; its task waits for that moment. What the library
//! keeps of a client must not hold the client itself, or neither would ever go.

use std::future::ready;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use socketioxide::extract::{Event, SocketRef, TryData};
use switchboard_actors::channel::web::Closer;
use switchboard_actors::hub::Hub;
use tokio::sync::mpsc;

use super::admission::{self, AuthIn, Refusal};
use super::client::{Client, Feed};
use super::inbox::{Inbox, Notices, Reply};
use super::outgoing::Voice;
use super::rooms::{Known, Rooms};
use crate::shutdown::Signal;

/// Lets clients in until the order to stop.
pub(super) struct Door {
    hub: Hub,
    /// Bytes of one client's events that may wait.
    inbox_bytes: usize,
    /// Copied for each client's task; none any more once the door is shut.
    working: Mutex<Option<mpsc::Sender<()>>>,
    stop: Signal,
}

impl Door {
    /// An open door; `working` ends when it is shut and every client's task is done.
    pub(super) fn new(hub: Hub, inbox_bytes: usize, working: mpsc::Sender<()>, stop: Signal) -> Self {
        Self {
            hub,
            inbox_bytes,
            working: Mutex::new(Some(working)),
            stop,
        }
    }

    /// Lets nobody in any more.
    pub(super) fn shut(&self) {
        self.working.lock().take();
    }

    /// Checks who connects, and prepares all that its first event needs.
    ///
    /// # Errors
    /// Why it is not let in.
    pub(super) async fn admit(&self, socket: &SocketRef, shown: Option<AuthIn>) -> Result<(), Refusal> {
        let restarts = || Refusal::Other("The server restarts".to_owned());
        let working = self.working.lock().clone().ok_or_else(restarts)?;
        let voice = Voice::of(socket).ok_or_else(restarts)?;
        let notices = Arc::<Notices>::default();
        let who = self.who(socket, shown, &notices).await?;
        let (inbox, received) = Inbox::new(self.inbox_bytes);
        listen(socket, inbox, &notices);
        let client = Client {
            hub: self.hub.clone(),
            rooms: Rooms::new(self.hub.clone(), voice.clone(), who),
            voice,
        };
        let feed = Feed {
            received,
            notices,
            stop: self.stop.clone(),
            _working: working,
        };
        tokio::spawn(client.run(feed));
        Ok(())
    }

    /// The client hears us from now on.
    pub(super) fn welcome(socket: &SocketRef) {
        if let Some(notices) = socket.extensions.get::<Arc<Notices>>() {
            notices.connected.notify_one();
        }
    }

    async fn who(
        &self,
        socket: &SocketRef,
        shown: Option<AuthIn>,
        notices: &Arc<Notices>,
    ) -> Result<Option<Known>, Refusal> {
        let shown = shown.ok_or(Refusal::Credentials)?;
        let Some(caller) = admission::caller(&self.hub, socket, &shown).await? else {
            return Ok(None);
        };
        let closer: Arc<dyn Closer> = Arc::<Notices>::clone(notices);
        let id = self.hub.new_connection_id();
        let registration = self
            .hub
            .register_connection(id, &caller.scope, caller.expires, closer)?;
        let scope = caller.scope;
        Ok(Some(Known { scope, registration }))
    }
}

/// Puts what the client emits into its inbox, and tells its task when it has gone.
fn listen(socket: &SocketRef, inbox: Inbox, notices: &Arc<Notices>) {
    socket.on_fallback(
        move |socket: SocketRef, Event(name): Event, TryData(data): TryData<Value>, reply: Reply| {
            if let Some(voice) = Voice::of(&socket) {
                inbox.take(name, data.ok(), reply, &voice);
            }
            ready(())
        },
    );
    let gone = Arc::clone(notices);
    socket.on_disconnect(move || {
        gone.gone.notify_one();
        ready(())
    });
    socket.extensions.insert(Arc::clone(notices));
}
