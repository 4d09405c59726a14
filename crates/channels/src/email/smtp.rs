//! Handing mails to a mail server (RFC 5321): the way out of the email channel.
//!
//! Built by the composition root, called by the outbox as a [`Transport`]. Invariant: [`SendError::Uncertain`] is said
//! exactly where the server may have taken the mail, which is from the end of its `DATA` command on. The steps are taken
//! one by one because lettre's own transport does not tell before which of them a connection was lost.

mod answer;
mod connection;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::transport::{Outgoing, Receipt, SendError, Transport};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::connection::Connection;
use super::compose::{Composed, Sender, compose};
use super::login::Login;
use super::tls::Server;

/// How long a server may take (RFC 5321, section 4.5.3.2, allows more; an outbox rather comes again).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until it is connected, greeted and encrypted.
    pub connect: Duration,
    /// For the answer to a command.
    pub command: Duration,
    /// For taking the mail itself.
    pub delivery: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(60),
            delivery: Duration::from_secs(300),
        }
    }
}

/// Where mails are handed over, and in whose name.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub server: Server,
    /// Who logs in; `None` where the server asks for nobody.
    pub login: Option<Login>,
    /// Who sends.
    pub sender: Sender,
    /// How long it may take.
    pub patience: Patience,
    /// How many connections at a time.
    pub connections: usize,
}

/// A connection is used again within this time, and not later: servers close idle ones.
const KEPT: Duration = Duration::from_secs(20);

/// The way out through one mail server.
#[derive(Debug)]
pub struct Smtp {
    settings: Settings,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    /// Connections that wait for the next mail, and since when.
    kept: Mutex<Vec<(Connection, Instant)>>,
}

impl Smtp {
    /// A way out; nothing is connected yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let places = Semaphore::new(settings.connections.max(1));
        Self {
            settings,
            clock,
            places,
            kept: Mutex::new(Vec::new()),
        }
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Receipt, SendError> {
        let now = self.clock.now();
        let mail = compose(message, &self.settings.sender, now);
        let mail = mail.map_err(|flaw| SendError::Refused {
            reason: flaw.to_string(),
        })?;
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|_| later("the way out was closed"))?;
        let mut connection = self.connection().await?;
        self.hand_over(&mut connection, &mail).await?;
        self.keep(connection);
        Ok(Receipt {
            provider_id: mail.message_id,
            parts: 1,
        })
    }

    async fn hand_over(&self, connection: &mut Connection, mail: &Composed) -> Result<(), SendError> {
        let outcome = connection.hand_over(mail, &self.settings.patience).await;
        // Who was told no takes leave; a server that is silent or gone would only keep us waiting.
        if matches!(
            outcome,
            Err(SendError::Refused { .. } | SendError::AccountStopped { .. })
        ) {
            connection.leave().await;
        }
        outcome
    }

    /// One that is still open, else a new one.
    async fn connection(&self) -> Result<Connection, SendError> {
        while let Some((mut connection, since)) = self.take() {
            if since.elapsed() < KEPT && connection.is_open().await {
                return Ok(connection);
            }
        }
        Connection::open(&self.settings).await
    }

    fn take(&self) -> Option<(Connection, Instant)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: Connection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < self.settings.connections {
            kept.push((connection, Instant::now()));
        }
    }
}

fn later(reason: &str) -> SendError {
    SendError::Later {
        reason: reason.to_owned(),
        after: None,
    }
}

impl Transport for Smtp {
    fn send(&self, message: Outgoing) -> BoxFuture<'_, Result<Receipt, SendError>> {
        Box::pin(async move { self.deliver(&message).await })
    }

    /// Email knows neither typing nor read marks.
    fn acknowledge(&self, _provider_id: String, _is_typing: bool) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let mut connection = Connection::open(&self.settings)
                .await
                .map_err(|error| error.to_string())?;
            connection.leave().await;
            Ok(())
        })
    }
}
