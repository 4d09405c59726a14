//! WebSockets: the transport beneath every dialect.
//!
//! A dialect lets a caller in by the [`Gate`](gate::Gate), and from then on is a [`Dialect`](talk::Dialect) of a
//! [`Talk`](talk::Talk): what it reads, where a frame belongs, how it writes. Beneath that nothing knows the hub: a
//! request becomes a socket ([`upgrade`]), its frames go to a [`SocketHandler`](connection::SocketHandler), and what is
//! said to many is made into a frame once ([`frame`]) and handed to each reader's [`Outbox`](outbox::Outbox), which
//! writes it straight into the socket.

pub mod assistant;
pub mod care;
pub mod close;
pub mod connection;
pub mod frame;
pub mod gate;
pub mod live;
pub mod merge;
pub mod outbox;
pub mod platform;
pub mod socketio;
pub mod talk;
pub mod upgrade;
mod wire;

use std::time::Duration;

/// What every connection keeps to.
#[derive(Debug, Clone, Copy)]
pub struct SocketSettings {
    /// Bytes a message of a client may have, in one frame or many.
    pub max_message_bytes: usize,
    /// Bytes that may wait for a client that reads slowly.
    pub outbox_bytes: usize,
    /// Time between two pings.
    pub ping: Duration,
    /// Pings that may stay unanswered.
    pub missed_pings: u32,
    /// Time a client has to answer our close frame.
    pub close_wait: Duration,
}
