//! One HTTP/1.1 request over a connection of its own, byte for byte as the test wants it.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::PATIENCE;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Still open; after a status 101 it speaks another protocol.
    pub(crate) stream: TcpStream,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {:?}", self.status, self.body))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Sends a request with these header lines, and reads the answer.
pub(crate) async fn request(at: SocketAddr, line: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let headers = headers.iter().fold(String::new(), |lines, header| {
        lines
            + header
            + "
"
    });
    let length = body.len();
    let text = format!("{line} HTTP/1.1\r\nHost: {at}\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    tokio::time::timeout(PATIENCE, read(stream))
        .await
        .expect("an answer")
}

/// GET, with a token unless it is empty.
pub(crate) async fn get(at: SocketAddr, path: &str, token: &str) -> Answer {
    send(at, "GET", path, token, &Value::Null).await
}

/// Sends JSON, with a token unless it is empty.
pub(crate) async fn send(at: SocketAddr, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let authorization = format!("Authorization: Bearer {token}");
    let mut headers = vec!["Content-Type: application/json"];
    headers.extend((!token.is_empty()).then_some(authorization.as_str()));
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    request(at, &format!("{method} {path}"), &headers, &body).await
}

async fn read(mut stream: TcpStream) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a whole head"));
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    stream.read_exact(&mut body).await.expect("a whole body");
    let body = String::from_utf8(body).unwrap();
    Answer {
        status,
        headers,
        body,
        stream,
    }
}
