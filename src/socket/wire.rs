//! The stream that the WebSocket reader reads: the shared socket on one side, the outbox on the other.
//!
//! Writes of the reader (its pongs) go through the outbox as whole frames, so that they never cut into others. When the
//! wire is dropped the outbox ends, however the connection's task came to its end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::outbox::Outbox;

/// One connection's bytes in both directions.
pub(super) struct Wire {
    pub(super) stream: Arc<TcpStream>,
    /// What the client sent together with its request for the upgrade.
    pub(super) leftover: Bytes,
    pub(super) outbox: Outbox,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.leftover.has_remaining() {
            let taken = self.leftover.len().min(buf.remaining());
            buf.put_slice(&self.leftover.split_to(taken));
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            match self.stream.try_read(buf.initialize_unfilled()) {
                Ok(read) => {
                    buf.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // A closing connection needs no pongs any more: a refusal is as good as sent.
        let _closed_or_not = self.outbox.send(&[Bytes::copy_from_slice(bytes)]);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.outbox.end();
    }
}
