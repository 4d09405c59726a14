//! A client of the hub's WebSockets, as a customer's page or an agent's desk would be one.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::PATIENCE;
use super::http::{self, Answer};

/// Header lines of an upgrade (RFC 6455 § 4.1).
pub(crate) const UPGRADE: [&str; 4] = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// An open connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

/// What comes next on a connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Frame(Value),
    /// A close frame with this code.
    Closed(u16),
    /// The end without a close frame.
    Gone,
}

impl Socket {
    /// Opens `/ws?query`; the status when it is refused, 0 when nobody listens.
    pub(crate) async fn open(at: SocketAddr, query: &str) -> Result<Self, u16> {
        Self::over(TcpSocket::new_v4().unwrap(), at, query).await
    }

    /// Opens this path and query; the status when it is refused, 0 when nobody listens.
    pub(crate) async fn open_at(at: SocketAddr, target: &str) -> Result<Self, u16> {
        Self::over_at(TcpSocket::new_v4().unwrap(), at, target).await
    }

    /// Like [`Socket::open`] over a socket that was prepared.
    pub(crate) async fn over(socket: TcpSocket, at: SocketAddr, query: &str) -> Result<Self, u16> {
        Self::over_at(socket, at, &format!("/ws?{query}")).await
    }

    async fn over_at(socket: TcpSocket, at: SocketAddr, target: &str) -> Result<Self, u16> {
        let Ok(stream) = socket.connect(at).await else {
            return Err(0);
        };
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{at}{target}");
        let opened = tokio::time::timeout(PATIENCE, tokio_tungstenite::client_async(url, stream)).await;
        match opened.expect("an answer to the upgrade") {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Sends a frame; false when the connection is gone.
    pub(crate) async fn try_send(&mut self, frame: Message) -> bool {
        self.stream.send(frame).await.is_ok()
    }

    /// Sends a JSON frame.
    pub(crate) async fn send(&mut self, frame: Value) {
        assert!(
            self.try_send(Message::text(frame.to_string())).await,
            "the connection is open"
        );
    }

    /// Sends these characters as a text frame.
    pub(crate) async fn send_raw(&mut self, text: &str) {
        assert!(self.try_send(Message::text(text)).await, "the connection is open");
    }

    /// Whatever comes next.
    pub(crate) async fn next(&mut self) -> Heard {
        tokio::time::timeout(PATIENCE, self.next_now())
            .await
            .expect("something comes")
    }

    async fn next_now(&mut self) -> Heard {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => {
                    return close.map_or(Heard::Gone, |close| Heard::Closed(close.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Gone,
            }
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.next().await {
            Heard::Frame(frame) => frame,
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The next frame of this type; others before it are let go.
    pub(crate) async fn hear(&mut self, kind: &str) -> Value {
        self.hear_with(kind).await.pop().unwrap()
    }

    /// Everything up to the next frame of this type, which is the last.
    pub(crate) async fn hear_with(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.frame().await);
            if heard.last().unwrap()["type"] == kind {
                return heard;
            }
        }
    }

    /// The code that the connection is closed with; frames before it are let go.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Heard::Frame(_) => {}
                Heard::Closed(code) => return code,
                Heard::Gone => panic!("gone without a close frame"),
            }
        }
    }

    /// Says something under an id, and waits for its ack.
    pub(crate) async fn say(&mut self, text: &str, id: &str) -> Value {
        self.send(json!({"type": "text", "text": text, "id": id})).await;
        let answer = self.answer(id).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        answer
    }

    /// Sends a frame under an id, and waits for the ack or the error that carries it.
    pub(crate) async fn ask(&mut self, mut frame: Value, id: &str) -> Value {
        frame["id"] = json!(id);
        self.send(frame).await;
        self.answer(id).await
    }

    /// The ack or error with this id.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if (frame["type"] == "ack" || frame["type"] == "error") && frame["id"] == id {
                return frame;
            }
        }
    }

    /// Closes in order, and waits for the other side.
    pub(crate) async fn close(mut self) {
        self.stream.close(None).await.ok();
        while !matches!(self.next().await, Heard::Closed(_) | Heard::Gone) {}
    }
}

/// Asks for the upgrade of `/ws` by hand, to see the answer.
pub(crate) async fn upgrade(at: SocketAddr, query: &str, headers: &[&str]) -> Answer {
    upgrade_at(at, &format!("/ws?{query}"), headers).await
}

/// The same for any path and query.
pub(crate) async fn upgrade_at(at: SocketAddr, target: &str, headers: &[&str]) -> Answer {
    http::request(at, &format!("GET {target}"), headers, "").await
}
