//! A client of `/ws`: a WebSocket (RFC 6455) that costs little, so that it measures the hub and not itself.
//!
//! Frames are masked with the key zero, which the standard's form requires and which changes no byte; what the hub
//! does with the mask costs the same whatever the key.

mod frame;
pub(crate) mod text;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use self::frame::Incoming;
use crate::http::{end_of_head, status};

/// How long a frame may let itself be waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes kept for reading.
const BUFFER: usize = 4096;
/// Any key will do: nothing on loopback reads along.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// An open connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Socket {
    /// Connects to `/ws` with this query.
    ///
    /// # Errors
    /// When the hub refuses.
    pub(crate) async fn connect(address: SocketAddr, query: &str) -> Result<Self> {
        Self::connect_with(TcpSocket::new_v4()?, address, query).await
    }

    /// The same, with room for this many received bytes in the system.
    ///
    /// # Errors
    /// When the hub refuses.
    pub(crate) async fn connect_narrow(address: SocketAddr, query: &str, bytes: u32) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(bytes)?;
        Self::connect_with(socket, address, query).await
    }

    async fn connect_with(socket: TcpSocket, address: SocketAddr, query: &str) -> Result<Self> {
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream,
            buffer: BytesMut::with_capacity(BUFFER),
        };
        let request = format!(
            "GET /ws?{query} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        client.stream.write_all(request.as_bytes()).await?;
        let upgraded = tokio::time::timeout(PATIENCE, client.upgraded()).await;
        upgraded.context("no answer to the upgrade")??;
        Ok(client)
    }

    async fn upgraded(&mut self) -> Result<()> {
        let end = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                break end;
            }
            self.read().await?;
        };
        let head = self.buffer.split_to(end);
        let head = std::str::from_utf8(&head)?;
        ensure!(status(head)? == 101, "the upgrade was refused: {head}");
        Ok(())
    }

    /// Sends a text frame.
    ///
    /// # Errors
    /// When the connection is lost.
    pub(crate) async fn send(&mut self, text: &str) -> Result<()> {
        self.stream.write_all(&frame::text(text)).await?;
        Ok(())
    }

    /// Waits for the next text frame; answers pings meanwhile.
    ///
    /// # Errors
    /// When the hub closes the connection, or nothing comes for a minute.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        loop {
            match frame::take(&mut self.buffer)? {
                Some(Incoming::Text(text)) => return Ok(text),
                Some(Incoming::Ping(payload)) => self.stream.write_all(&frame::pong(&payload)).await?,
                Some(Incoming::Pong) => {}
                Some(Incoming::Close(code)) => bail!("the hub closed the socket with {code}"),
                None => {
                    let read = tokio::time::timeout(PATIENCE, self.read()).await;
                    read.context("nothing came in a minute")??;
                }
            }
        }
    }

    /// Waits for a frame of this type, passing over others.
    ///
    /// # Errors
    /// When the connection is lost, or an error frame comes.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Result<Bytes> {
        loop {
            let frame = self.next().await?;
            match text::kind(&frame) {
                found if found == kind.as_bytes() => return Ok(frame),
                b"error" => bail!("the hub refused: {}", String::from_utf8_lossy(&frame)),
                _ => {}
            }
        }
    }

    /// Waits for the hub's greeting.
    ///
    /// # Errors
    /// When the connection is lost.
    pub(crate) async fn greeting(&mut self) -> Result<Value> {
        let frame = self.next_of("connection_established").await?;
        Ok(serde_json::from_slice(&frame)?)
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(BUFFER);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the hub has gone");
        Ok(())
    }
}
