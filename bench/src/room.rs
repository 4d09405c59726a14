//! A conversation made for measuring: opened by a guest, taken over by an agent, so that the assistant stays out of it.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::server::Server;
use crate::socket::{Socket, text};

/// The hub's address with a key to it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    address: SocketAddr,
    token: String,
}

/// A conversation with both of its parties.
#[derive(Debug)]
pub(crate) struct Room {
    /// Its id.
    pub(crate) session: String,
    /// The customer's connection.
    pub(crate) guest: Socket,
    /// The agent's connection.
    pub(crate) agent: Socket,
    /// The newest sequence, which both have seen.
    pub(crate) newest: u64,
}

impl Door {
    /// The door of a hub, with the admin's key.
    ///
    /// # Errors
    /// When the login is refused.
    pub(crate) async fn of(server: &Server) -> Result<Self> {
        Ok(Self {
            address: server.address(),
            token: server.admin_token().await?,
        })
    }

    /// The admin's token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Where it is.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// An agent's connection to a session, greeted.
    ///
    /// # Errors
    /// When the hub refuses.
    pub(crate) async fn join(&self, session: &str) -> Result<Socket> {
        let mut socket = Socket::connect(self.address, &self.query(session)).await?;
        socket.greeting().await?;
        Ok(socket)
    }

    /// The query that joins a session as an agent.
    pub(crate) fn query(&self, session: &str) -> String {
        format!("sessionId={session}&token={}", self.token)
    }

    /// A conversation that an agent is in charge of.
    ///
    /// # Errors
    /// When the hub refuses.
    pub(crate) async fn open_room(&self) -> Result<Room> {
        let mut guest = Socket::connect(self.address, "").await?;
        let greeting = guest.greeting().await?;
        let session = greeting.get("sessionId").and_then(Value::as_str);
        let session = session.context("a greeting without a session")?.to_owned();
        let mut agent = self.join(&session).await?;
        agent
            .send(r#"{"type":"text","text":"Hello!","id":"first"}"#)
            .await?;
        let ack = agent.next_of("ack").await?;
        let newest = text::sequence(&ack).context("an ack without a sequence")?;
        let heard = guest.next_of("message").await?;
        anyhow::ensure!(
            text::sequence(&heard) == Some(newest),
            "another message than was sent"
        );
        Ok(Room {
            session,
            guest,
            agent,
            newest,
        })
    }
}
