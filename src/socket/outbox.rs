//! What one client is to be told: written straight into its socket, queued only while the socket is full.
//!
//! Whoever has a frame for the client holds an [`Outbox`] and calls [`Outbox::send`]; it never waits. What the socket
//! does not take is kept up to a limit and written by the connection's own task when there is room. One lock guards
//! queue and socket together, so that frames never interleave and keep their order.

mod queue;

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use self::queue::Queue;
use super::close::CloseCode;
use super::frame::close_frame;

/// Why frames were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The connection is closing or gone.
    #[error("the connection is closed")]
    Closed,
    /// More waits than allowed: the connection is being closed with 4008, the client comes back and resumes.
    #[error("the client reads too slowly")]
    TooSlow,
}

/// A client's outgoing frames; cheap to copy, outlives the connection harmlessly.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    limit: usize,
    state: Mutex<State>,
    wake: Notify,
}

struct State {
    /// Gone as soon as the connection ends, so that an outbox kept too long holds no file descriptor.
    stream: Option<Arc<TcpStream>>,
    queue: Queue,
    closing: Option<CloseCode>,
}

impl Outbox {
    /// An outbox that writes to this socket and lets `limit` bytes wait.
    pub(super) fn new(stream: Arc<TcpStream>, limit: usize) -> Self {
        let state = State {
            stream: Some(stream),
            queue: Queue::default(),
            closing: None,
        };
        Self {
            inner: Arc::new(Inner {
                limit,
                state: Mutex::new(state),
                wake: Notify::new(),
            }),
        }
    }

    /// Sends complete frames, in order and with nothing between them, in as few writes as possible.
    pub fn send(&self, frames: &[Bytes]) -> Result<(), SendError> {
        self.with_open(|state| state.queue.push_all(frames))
    }

    /// Sends a frame that may be lost (typing): skipped while anything waits. Whether it was sent.
    pub fn send_droppable(&self, frame: &Bytes) -> Result<bool, SendError> {
        self.with_open(|state| {
            let idle = state.queue.is_empty();
            if idle {
                state.queue.push(frame.clone());
            }
            idle
        })
    }

    /// Closes the connection after what waits; only the first code counts.
    pub fn close(&self, code: CloseCode) {
        let mut state = self.inner.state.lock();
        if state.closing.is_none() {
            state.closing = Some(code);
            state.queue.push(close_frame(code));
            state.write_or_give_up();
        }
        drop(state);
        self.inner.wake.notify_one();
    }

    /// The code the connection is being closed with.
    pub fn closing(&self) -> Option<CloseCode> {
        self.inner.state.lock().closing
    }

    /// Whether nothing more can be sent.
    pub fn is_closed(&self) -> bool {
        let state = self.inner.state.lock();
        state.closing.is_some() || state.stream.is_none()
    }

    /// Bytes that wait for the socket.
    pub fn waiting_bytes(&self) -> usize {
        self.inner.state.lock().queue.bytes()
    }

    /// Ends at once: nothing is written any more, and the socket is let go.
    pub(super) fn end(&self) {
        let mut state = self.inner.state.lock();
        state.stream = None;
        state.queue.clear();
        drop(state);
        self.inner.wake.notify_one();
    }

    /// Waits until something changes: bytes were left over, a close was asked for, the socket failed.
    pub(super) async fn changed(&self) {
        self.inner.wake.notified().await;
    }

    /// Writes what waits, as far as the socket takes it; whether nothing is left.
    pub(super) fn flush(&self) -> bool {
        let mut state = self.inner.state.lock();
        state.write_or_give_up();
        state.queue.is_empty()
    }

    /// Adds frames while the connection is open, writes, and keeps to the limit.
    fn with_open<T>(&self, add: impl FnOnce(&mut State) -> T) -> Result<T, SendError> {
        let mut state = self.inner.state.lock();
        if state.closing.is_some() || state.stream.is_none() {
            return Err(SendError::Closed);
        }
        // What waits already waits because the socket was full: its task writes when there is room.
        let was_idle = state.queue.is_empty();
        let added = add(&mut state);
        if was_idle {
            state.write_or_give_up();
        }
        let outcome = state.judge(self.inner.limit);
        let all_written = state.stream.is_some() && state.queue.is_empty();
        drop(state);
        if was_idle && !all_written || outcome.is_err() {
            self.inner.wake.notify_one();
        }
        outcome.map(|()| added)
    }
}

impl State {
    /// Writes what waits; a socket that fails is let go.
    fn write_or_give_up(&mut self) {
        let Some(stream) = &self.stream else { return };
        if self.queue.write_to(|slices| write(stream, slices)).is_err() {
            self.stream = None;
            self.queue.clear();
        }
    }

    /// Whether the connection may stay open; above the limit everything but a begun frame gives way to the close frame.
    fn judge(&mut self, limit: usize) -> Result<(), SendError> {
        if self.stream.is_none() {
            return Err(SendError::Closed);
        }
        if self.queue.bytes() <= limit {
            return Ok(());
        }
        self.queue.keep_begun_frame();
        self.queue.push(close_frame(CloseCode::TooSlow));
        self.closing = Some(CloseCode::TooSlow);
        Err(SendError::TooSlow)
    }
}

fn write(stream: &TcpStream, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [single] => stream.try_write(single),
        many => stream.try_write_vectored(many),
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.inner.state.lock();
        f.debug_struct("Outbox")
            .field("waiting", &state.queue.bytes())
            .field("closing", &state.closing)
            .finish()
    }
}

#[cfg(test)]
mod tests;
