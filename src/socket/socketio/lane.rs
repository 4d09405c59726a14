//! The TCP stream beneath a session's WebSocket, as the library reads and writes it.
//!
//! It ends when the session is cut, when the time to stop is over, and when its client takes nothing for too long: the
//! library's own writer would wait for such a client forever, and hold the connection's place.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::transport::Transport;
use crate::http::limits::connections::ConnectionSlot;
use crate::shutdown::Signal;
use crate::socket::upgrade::Upgraded;

/// One WebSocket's bytes in both directions.
pub(super) struct Lane {
    stream: TcpStream,
    /// What the client sent together with its request for the upgrade.
    leftover: Bytes,
    transport: Arc<Transport>,
    limits: Limits,
    over: BoxFuture<'static, ()>,
    /// Runs while the client takes nothing.
    stalled: Option<BoxFuture<'static, ()>>,
    _slot: Option<ConnectionSlot>,
}

/// How long a lane waits, and for whom.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Given when the hub stops and all sessions have had their time to end.
    pub(super) over: Signal,
    /// Time a client may take nothing while something waits for it.
    pub(super) stall: Duration,
}

impl Lane {
    /// The lane on this socket, for this session.
    pub(super) fn new(upgraded: Upgraded, transport: Arc<Transport>, limits: Limits) -> Self {
        let over = over(Arc::clone(&transport), limits.clone()).boxed();
        Self {
            stream: upgraded.stream,
            leftover: upgraded.leftover,
            transport,
            limits,
            over,
            stalled: None,
            _slot: upgraded.slot,
        }
    }

    /// Waits for as long as the client may keep us waiting.
    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let stalled = self.stalled.get_or_insert_with(|| {
            let (transport, stall) = (Arc::clone(&self.transport), self.limits.stall);
            async move {
                tokio::select! { () = tokio::time::sleep(stall) => {}, () = transport.until_cut() => {} }
                transport.cut();
            }
            .boxed()
        });
        stalled.as_mut().poll(cx).map(|()| ended())
    }
}

/// Ends when the session is cut, or the time to stop is over.
async fn over(transport: Arc<Transport>, mut limits: Limits) {
    tokio::select! { () = transport.until_cut() => {}, () = limits.over.given() => {} }
}

/// A session does not outlive its WebSocket, nor one that it should have got.
impl Drop for Lane {
    fn drop(&mut self) {
        self.transport.cut();
    }
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the session is over")
}

impl AsyncRead for Lane {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.transport.is_cut() || self.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(ended()));
        }
        if self.leftover.has_remaining() {
            let taken = self.leftover.len().min(buf.remaining());
            buf.put_slice(&self.leftover.split_to(taken));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Lane {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.transport.is_cut() {
            return Poll::Ready(Err(ended()));
        }
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.poll_stalled(cx).map(Err),
            Poll::Ready(Ok(written)) => {
                self.stalled = None;
                self.transport.wrote(written);
                Poll::Ready(Ok(written))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::transport::ChannelPorts;
    use super::*;
    use crate::http::limits::connections::ConnectionLimits;
    use crate::http::peer::TrustedProxies;
    use crate::shutdown;

    /// A lane and its client, who never reads, with so much time to take something.
    async fn lane(stall: Duration, over: Signal) -> (Lane, TcpStream, Arc<Transport>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, address) = listener.accept().await.unwrap();
        let (limits, _) = ConnectionLimits::new(1, 1, TrustedProxies::default());
        let transport = ChannelPorts::new(limits).open(address.ip()).unwrap();
        let upgraded = Upgraded {
            stream,
            leftover: Bytes::from_static(b"left"),
            slot: None,
        };
        let limits = Limits { over, stall };
        let lane = Lane::new(upgraded, Arc::clone(&transport), limits);
        (lane, client, transport)
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go() {
        let (_trigger, stop) = shutdown::channel();
        let (mut lane, _client, transport) = lane(Duration::from_millis(50), stop).await;
        let bytes = vec![0; 1 << 20];
        let error = loop {
            if let Err(error) = lane.write_all(&bytes).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert!(transport.is_cut() && transport.written() > 0);
    }

    #[tokio::test]
    async fn what_came_with_the_request_is_read_first_and_a_cut_or_a_stop_ends_the_reading() {
        let (trigger, stop) = shutdown::channel();
        let (mut cut, _one, transport) = lane(Duration::MAX, stop.clone()).await;
        let (mut stopped, _other, _) = lane(Duration::MAX, stop).await;
        let mut text = [0; 4];
        cut.read_exact(&mut text).await.unwrap();
        assert_eq!(&text, b"left");
        transport.cut();
        assert!(cut.read_u8().await.is_err());
        stopped.read_exact(&mut text).await.unwrap();
        trigger.stop();
        assert!(stopped.read_u8().await.is_err());
    }
}
