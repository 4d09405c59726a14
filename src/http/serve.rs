//! The accept loop: one task a listener, one task a connection, HTTP/1.1 on clear text.
//!
//! `startup` calls [`serve`] with bound listeners and the table of families; tests do the same on port 0. A client
//! that sends nothing is cut off after the header time-out; an order to stop lets what was begun finish.

mod connection;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use self::connection::Shared;
use super::Handler;
use super::limits::connections::{ConnectionLimits, Refused};
use super::peer::{Peer, TrustedProxies};
use crate::shutdown::Signal;

/// Pause after a failed accept (no file descriptor left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const BACKLOG: u32 = 4096;
/// Bytes the kernel keeps for one slow reader, beside what the outbox does.
const SEND_BUFFER: u32 = 256 * 1024;

/// What the loop keeps to.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// Open connections of the process, WebSockets included.
    pub max_connections: usize,
    /// Open connections of one client address; loopback and trusted proxies are exempt.
    pub max_connections_per_address: usize,
    /// Proxies that speak for many clients.
    pub trusted_proxies: TrustedProxies,
    /// Time a client has to send a request's head, also on a connection it keeps.
    pub header_timeout: Duration,
    /// Bytes a request's head may have.
    pub max_header_bytes: usize,
    /// Time that what was begun has to finish after the order to stop.
    pub drain: Duration,
}

/// Opens listening sockets for these addresses, `SO_REUSEADDR` set.
///
/// # Errors
/// The address that cannot be listened on, with the reason.
pub fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, (SocketAddr, io::Error)> {
    addresses
        .iter()
        .map(|&address| bind_one(address).map_err(|error| (address, error)))
        .collect()
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    // Connections inherit it: a reader that does not read holds no more of the kernel's memory than this.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts and answers until the order to stop, then waits for open connections, at most `settings.drain`.
///
/// Upgraded connections count: they must hear the same order. Returns how many were still open at the end.
pub async fn serve(
    listeners: Vec<TcpListener>,
    handler: Arc<dyn Handler>,
    settings: &ServeSettings,
    mut stop: Signal,
) -> usize {
    let (limits, mut gone) = ConnectionLimits::new(
        settings.max_connections,
        settings.max_connections_per_address,
        settings.trusted_proxies.clone(),
    );
    let shared = Arc::new(Shared::new(handler, settings, stop.clone()));
    let mut loops = JoinSet::new();
    for listener in listeners {
        loops.spawn(accept_all(listener, Arc::clone(&limits), Arc::clone(&shared)));
    }
    stop.given().await;
    loops.shutdown().await;
    drain(limits, &mut gone, settings.drain).await
}

/// Waits until no connection holds the counters any more.
async fn drain(
    limits: Arc<ConnectionLimits>,
    gone: &mut tokio::sync::mpsc::Receiver<()>,
    longest: Duration,
) -> usize {
    let weak = Arc::downgrade(&limits);
    drop(limits);
    if tokio::time::timeout(longest, gone.recv()).await.is_ok() {
        return 0;
    }
    let left = weak.upgrade().map_or(0, |limits| limits.open());
    tracing::warn!(
        connections = left,
        "the time to finish is over, connections are cut off"
    );
    left
}

async fn accept_all(listener: TcpListener, limits: Arc<ConnectionLimits>, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => admit(stream, address, &limits, &shared),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn admit(stream: TcpStream, address: SocketAddr, limits: &Arc<ConnectionLimits>, shared: &Arc<Shared>) {
    match limits.admit(address.ip().to_canonical()) {
        // Without this, small answers wait for the client's acknowledgement of those before.
        Ok(slot) if stream.set_nodelay(true).is_ok() => {
            let shared = Arc::clone(shared);
            tokio::spawn(connection::run(stream, Peer { address, slot }, shared));
        }
        Ok(_) => tracing::debug!("the connection ended before it began"),
        Err(refused) => refuse(stream, refused),
    }
}

/// Tells the client why in one write and hangs up; it costs no task and waits for nobody.
fn refuse(stream: TcpStream, refused: Refused) {
    let answer: &[u8] = match refused {
        Refused::Total => {
            b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        }
        Refused::Address => {
            b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        }
    };
    metrics::counter!("http_connections_refused_total").increment(1);
    // The runtime does not know yet that a fresh socket can be written: hence the standard one, which does not block.
    let written = stream.into_std().and_then(|mut plain| plain.write(answer));
    tracing::debug!(%refused, ?written, "connection refused");
}

#[cfg(test)]
mod tests;
