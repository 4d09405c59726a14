//! A connection's place in the hub's books, taken before the upgrade and left when the connection ends.

use std::sync::{Arc, OnceLock};

use switchboard_actors::channel::web::Closer;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::connections::Registration;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use crate::socket::close::CloseCode;
use crate::socket::outbox::Outbox;

/// A registered connection that is not upgraded yet.
#[derive(Debug)]
pub struct Seat {
    /// Who is connected.
    pub scope: Scope,
    /// The place; left when this is dropped.
    pub registration: Registration,
    /// Closes the connection once it is open.
    pub outbox: Arc<LateOutbox>,
}

/// The connection's outbox, which exists only after the upgrade; until then there is nothing to close.
#[derive(Debug, Default)]
pub struct LateOutbox(OnceLock<Outbox>);

impl Seat {
    pub(super) fn take(hub: &Hub, scope: &Scope, expires: Option<Timestamp>) -> Result<Self, HubError> {
        let outbox = Arc::new(LateOutbox::default());
        let closer: Arc<dyn Closer> = Arc::<LateOutbox>::clone(&outbox);
        let registration = hub.register_connection(hub.new_connection_id(), scope, expires, closer)?;
        Ok(Self {
            scope: scope.clone(),
            registration,
            outbox,
        })
    }
}

impl LateOutbox {
    /// From now on this is what closes the connection.
    pub fn set(&self, outbox: Outbox) {
        // Set once, by the handler of this connection.
        drop(self.0.set(outbox));
    }
}

impl Closer for LateOutbox {
    fn credential_ended(&self) {
        if let Some(outbox) = self.0.get() {
            outbox.close(CloseCode::CredentialsEnded);
        }
    }
}
