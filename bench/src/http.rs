//! A minimal HTTP/1.1 client: one connection that is kept, answers with a `Content-Length`, loopback only.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes the head of an answer may have.
const MAX_HEAD: usize = 16 * 1024;

/// One connection.
#[derive(Debug)]
pub(crate) struct HttpClient {
    stream: TcpStream,
    buffer: BytesMut,
    host: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body of a success.
    ///
    /// # Errors
    /// When it is no success or no JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        let text = String::from_utf8_lossy(&self.body);
        ensure!(self.status == 200, "status {}: {text}", self.status);
        serde_json::from_slice(&self.body).with_context(|| format!("no JSON: {text}"))
    }
}

impl HttpClient {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub(crate) async fn connect(host: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::with_capacity(16 * 1024),
            host,
        })
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// When the connection fails or the answer cannot be read.
    pub(crate) async fn get(&mut self, path: &str, token: Option<&str>) -> Result<Answer> {
        self.call("GET", path, &bearer(token), "").await
    }

    /// Sends JSON to a path.
    ///
    /// # Errors
    /// When the connection fails or the answer cannot be read.
    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: &Value) -> Result<Answer> {
        self.call("POST", path, &bearer(token), &body.to_string()).await
    }

    /// Replaces what is at a path.
    ///
    /// # Errors
    /// When the connection fails or the answer cannot be read.
    pub(crate) async fn put(&mut self, path: &str, token: &str, body: &Value) -> Result<Answer> {
        self.call("PUT", path, &bearer(Some(token)), &body.to_string())
            .await
    }

    /// Sends a provider's call, with its signature.
    ///
    /// # Errors
    /// When the connection fails or the answer cannot be read.
    pub(crate) async fn post_signed(&mut self, path: &str, signature: &str, body: &str) -> Result<Answer> {
        let proof = format!("X-Hub-Signature-256: {signature}\r\n");
        self.call("POST", path, &proof, body).await
    }

    /// `proof` are the lines of the head that say who calls.
    async fn call(&mut self, method: &str, path: &str, proof: &str, body: &str) -> Result<Answer> {
        let content = if body.is_empty() {
            String::new()
        } else {
            format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            )
        };
        let host = self.host;
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{proof}{content}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        tokio::time::timeout(PATIENCE, self.answer())
            .await
            .context("no answer in time")?
    }

    async fn answer(&mut self) -> Result<Answer> {
        let end = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                break end;
            }
            ensure!(self.buffer.len() < MAX_HEAD, "an answer without an end");
            self.read().await?;
        };
        let head = self.buffer.split_to(end);
        let head = std::str::from_utf8(&head)?;
        let status = status(head)?;
        let length = header(head, "content-length").context("an answer without a length")?;
        let length: usize = length.parse()?;
        while self.buffer.len() < length {
            self.read().await?;
        }
        let body = self.buffer.split_to(length).freeze();
        Ok(Answer { status, body })
    }

    async fn read(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the hub closed the connection");
        Ok(())
    }
}

fn bearer(token: Option<&str>) -> String {
    token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"))
}

/// Where the head of a message ends, the empty line included.
pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The status in an answer's first line.
///
/// # Errors
/// When it is no answer.
pub(crate) fn status(head: &str) -> Result<u16> {
    let code = head.split_ascii_whitespace().nth(1);
    Ok(code.context("no HTTP answer")?.parse()?)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_far_as_it_goes() {
        let text = "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\nx: y\r\n\r\nbody";
        let end = end_of_head(text.as_bytes()).unwrap();
        assert_eq!(&text[end..], "body");
        assert_eq!(status(text).unwrap(), 404);
        assert_eq!(header(text, "content-length"), Some("12"));
        assert_eq!(header(text, "missing"), None);
        assert!(end_of_head(b"HTTP/1.1 200 OK\r\n").is_none());
    }
}
