//! One client's socket for as long as it is open: one task that reads, answers pings, and writes what was left over.
//!
//! [`start`](super::upgrade::start) runs it. The next frame is read only after the handler is done with the one before,
//! so a client that sends too much is slowed down by its own socket; what goes out does not wait for that.

mod farewell;
mod liveness;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use self::farewell::farewell;
use self::liveness::Liveness;
use super::SocketSettings;
use super::close::CloseCode;
use super::outbox::Outbox;
use super::upgrade::Upgraded;
use super::wire::Wire;
use crate::http::limits::connections::ConnectionSlot;
use crate::shutdown::Signal;

/// Bytes read at once; also what an idle connection holds. Most frames of a conversation are smaller, and with twice as
/// much an idle connection took 5.2 KB in all.
const READ_BUFFER: usize = 1024;
/// Broken frames in a row that close the socket.
const BROKEN_FRAMES: u32 = 3;

type Reader = WebSocketStream<Wire>;

/// What a dialect does with a client's frames.
pub trait SocketHandler: Send {
    /// Takes one text message; the next is read after it is done. Cancelled when the connection ends meanwhile.
    fn on_text(&mut self, text: &str) -> impl Future<Output = Flow> + Send;

    /// Answers a binary message, which no dialect knows, with the dialect's error frame.
    fn on_binary(&mut self) -> impl Future<Output = Flow> + Send;

    /// Hears, once, that the connection is over and why.
    fn on_close(&mut self, ended: Ended) -> impl Future<Output = ()> + Send;
}

/// What comes after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// The frame was broken or unknown and has been answered so; three in a row close the socket with 1008.
    Broken,
    /// Close the socket.
    Close(CloseCode),
}

/// An open connection that does not run yet.
pub struct Connection {
    wire: Wire,
    settings: SocketSettings,
    slot: Option<ConnectionSlot>,
}

/// How a connection came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// We closed it, with this code.
    Here(CloseCode),
    /// The client closed it.
    There,
    /// The socket was lost without a close frame.
    Gone,
}

impl Connection {
    /// The connection on this socket.
    pub fn new(upgraded: Upgraded, settings: SocketSettings) -> Self {
        let stream = Arc::new(upgraded.stream);
        let outbox = Outbox::new(Arc::clone(&stream), settings.outbox_bytes);
        let wire = Wire {
            stream,
            leftover: upgraded.leftover,
            outbox,
        };
        Self {
            wire,
            settings,
            slot: upgraded.slot,
        }
    }

    /// Where frames for this client go.
    pub fn outbox(&self) -> Outbox {
        self.wire.outbox.clone()
    }

    /// Runs until either side closes, the client falls silent or the order to stop comes; says why it ended.
    ///
    /// The handler comes in a box: a future keeps each of its arguments twice.
    pub async fn run<H: SocketHandler>(self, mut handler: Box<H>, stop: Signal) -> Ended {
        let Self { wire, settings, slot } = self;
        let (stream, outbox) = (Arc::clone(&wire.stream), wire.outbox.clone());
        let mut reader = WebSocketStream::from_raw_socket(wire, Role::Server, Some(config(&settings))).await;
        let liveness = Liveness::default();
        let ended = tokio::select! {
            biased;
            ended = write_left_over(&outbox, &stream) => ended,
            ended = read_all(&mut reader, handler.as_mut(), &liveness, stop.clone()) => ended,
            () = liveness.until_lost(&outbox, &settings) => Ended::Here(CloseCode::TooSlow),
            () = overdue(stop, settings.close_wait) => Ended::Here(CloseCode::Restart),
        };
        let ended = outbox.closing().map_or(ended, Ended::Here);
        // In a box, so that no open connection holds the room for its own end.
        Box::pin(farewell(
            &mut reader,
            &stream,
            &outbox,
            ended,
            settings.close_wait,
        ))
        .await;
        Box::pin(handler.on_close(ended)).await;
        drop(slot);
        ended
    }
}

fn config(settings: &SocketSettings) -> WebSocketConfig {
    let most = Some(settings.max_message_bytes);
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(most)
        .max_frame_size(most)
}

/// Writes what the outbox could not, whenever there is room; ends when the connection is to be closed.
async fn write_left_over(outbox: &Outbox, stream: &TcpStream) -> Ended {
    let mut written = outbox.flush();
    loop {
        if let Some(code) = outbox.closing() {
            return Ended::Here(code);
        }
        if outbox.is_closed() {
            return Ended::Gone;
        }
        tokio::select! {
            () = outbox.changed() => {}
            ready = stream.writable(), if !written => if ready.is_err() { return Ended::Gone },
        }
        written = outbox.flush();
    }
}

/// The order to stop was given so long ago that a frame's handler is not waited for any more.
async fn overdue(mut stop: Signal, wait: Duration) {
    stop.given().await;
    tokio::time::sleep(wait).await;
}

/// Reads frame after frame and gives them to the handler, until the order to stop: the frame at hand is still answered.
async fn read_all<H: SocketHandler>(
    reader: &mut Reader,
    handler: &mut H,
    liveness: &Liveness,
    mut stop: Signal,
) -> Ended {
    let mut broken = 0;
    loop {
        let next = tokio::select! {
            biased;
            () = stop.given() => return Ended::Here(CloseCode::Restart),
            next = reader.next() => next,
        };
        liveness.begin();
        let flow = match next {
            // In a box, so that a connection that says nothing does not hold the room for all of it.
            Some(Ok(Message::Text(text))) => Box::pin(handler.on_text(text.as_str())).await,
            Some(Ok(Message::Binary(_))) => handler.on_binary().await,
            Some(Ok(Message::Close(_))) => return Ended::There,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                liveness.done();
                continue;
            }
            Some(Err(error)) => return code_of(&error).map_or(Ended::Gone, Ended::Here),
            None => return Ended::Gone,
        };
        liveness.done();
        match flow {
            Flow::Continue => broken = 0,
            Flow::Broken if broken + 1 < BROKEN_FRAMES => broken += 1,
            Flow::Broken => return Ended::Here(CloseCode::Policy),
            Flow::Close(code) => return Ended::Here(code),
        }
    }
}

/// The code for a client's mistake; `None` when the socket itself failed.
fn code_of(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(_) => Some(CloseCode::TooLarge),
        Error::Utf8(_) => Some(CloseCode::BadData),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(CloseCode::ProtocolError),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
