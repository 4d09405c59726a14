//! The bytes of a connection to a mail server, clear or encrypted, with a limit on what comes in.
//!
//! Below [`super::dialogue::Dialogue`]. Invariant: no more bytes come out of it than were allowed since the last command,
//! because the IMAP library would buffer whatever length a server announces, up to 512 MiB.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection.
#[derive(Debug)]
pub(super) struct Stream {
    wire: Wire,
    allowed: usize,
}

#[derive(Debug)]
enum Wire {
    Clear(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) fn clear(stream: TcpStream, allowed: usize) -> Self {
        Self {
            wire: Wire::Clear(stream),
            allowed,
        }
    }

    pub(super) fn encrypted(stream: TlsStream<TcpStream>, allowed: usize) -> Self {
        Self {
            wire: Wire::Encrypted(Box::new(stream)),
            allowed,
        }
    }

    /// From now on so many bytes may come in.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.allowed = bytes;
    }

    /// The connection itself, while it is not encrypted.
    pub(super) fn into_clear(self) -> Option<TcpStream> {
        match self.wire {
            Wire::Clear(stream) => Some(stream),
            Wire::Encrypted(_) => None,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.allowed == 0 {
            return Poll::Ready(Err(io::Error::other(
                "the server sent more than it was asked for",
            )));
        }
        let before = buf.filled().len();
        let read = match &mut this.wire {
            Wire::Clear(stream) => Pin::new(stream).poll_read(cx, buf),
            Wire::Encrypted(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        ready!(read)?;
        this.allowed = this.allowed.saturating_sub(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().wire {
            Wire::Clear(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
