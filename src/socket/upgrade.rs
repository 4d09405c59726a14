//! From an HTTP request to a WebSocket (RFC 6455 § 4.2): the checks, the answer, and the socket beneath hyper.
//!
//! A dialect calls [`start`] after it has checked origin, credentials and limits: from the answer on there is no HTTP
//! status left to refuse with.

use std::io;

use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::SocketSettings;
use super::connection::{Connection, SocketHandler};
use super::outbox::Outbox;
use crate::http::limits::connections::ConnectionSlot;
use crate::http::peer::Peer;
use crate::http::{Response, full};
use crate::shutdown::Signal;

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const UPGRADE: HeaderValue = HeaderValue::from_static("Upgrade");
const VERSION_13: HeaderValue = HeaderValue::from_static("13");
/// Length of a key: 16 bytes in base64.
const KEY_LENGTH: usize = 24;

/// Why a request cannot become a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// It does not ask for one.
    #[error("This address speaks WebSocket: connect with Upgrade: websocket")]
    NotAsked,
    /// It asks for another version of the protocol.
    #[error("Only version 13 of the WebSocket protocol is spoken here")]
    WrongVersion,
    /// Its `Sec-WebSocket-Key` is missing or not 16 bytes in base64.
    #[error("Sec-WebSocket-Key must be 16 bytes in base64")]
    BadKey,
}

impl UpgradeError {
    /// The status that tells it: 426 or 400.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotAsked | Self::WrongVersion => StatusCode::UPGRADE_REQUIRED,
            Self::BadKey => StatusCode::BAD_REQUEST,
        }
    }

    /// Adds the headers that belong to the answer (RFC 6455 § 4.4, RFC 9110 § 15.5.22).
    pub fn write_to(self, headers: &mut HeaderMap) {
        if self.status() == StatusCode::UPGRADE_REQUIRED {
            headers.insert(header::UPGRADE, WEBSOCKET);
            headers.insert(header::CONNECTION, UPGRADE);
            headers.insert(header::SEC_WEBSOCKET_VERSION, VERSION_13);
        }
    }

    /// A plain answer, for dialects without a form of their own.
    pub fn answer(self) -> Response {
        let mut answer = Response::new(full(self.to_string()));
        *answer.status_mut() = self.status();
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        self.write_to(answer.headers_mut());
        answer
    }
}

/// A request that was accepted, before its socket is there.
#[derive(Debug)]
pub struct Pending {
    upgrade: OnUpgrade,
    slot: Option<ConnectionSlot>,
}

/// The socket of an accepted request.
#[derive(Debug)]
pub struct Upgraded {
    pub(super) stream: TcpStream,
    pub(super) leftover: Bytes,
    pub(super) slot: Option<ConnectionSlot>,
}

/// Whether the request asks for a WebSocket at all.
fn is_asked(headers: &HeaderMap) -> bool {
    has_token(headers, &header::UPGRADE, "websocket") && has_token(headers, &header::CONNECTION, "upgrade")
}

/// Whether the request can become a WebSocket; a dialect asks before it does anything for the caller.
pub fn check<B>(request: &hyper::Request<B>) -> Result<(), UpgradeError> {
    answer_to(request).map(drop)
}

/// Checks the request and gives the answer with status 101, and what becomes the socket once that is sent.
pub fn accept<B>(request: &mut hyper::Request<B>) -> Result<(Response, Pending), UpgradeError> {
    let answer = answer_to(request)?;
    let slot = request.extensions().get::<Peer>().map(|peer| peer.slot.clone());
    Ok((
        answer,
        Pending {
            upgrade: hyper::upgrade::on(request),
            slot,
        },
    ))
}

fn answer_to<B>(request: &hyper::Request<B>) -> Result<Response, UpgradeError> {
    let headers = request.headers();
    let fitting = request.method() == Method::GET && request.version() >= Version::HTTP_11;
    if !fitting || !is_asked(headers) {
        return Err(UpgradeError::NotAsked);
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&VERSION_13) {
        return Err(UpgradeError::WrongVersion);
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes)
        .ok_or(UpgradeError::BadKey)?;
    switching_protocols(key).ok_or(UpgradeError::BadKey)
}

/// Accepts the request and runs the connection on a task of its own; `make` gets the outbox for its handler.
pub fn start<B, H, F>(
    request: &mut hyper::Request<B>,
    settings: SocketSettings,
    stop: Signal,
    make: F,
) -> Result<Response, UpgradeError>
where
    H: SocketHandler + 'static,
    F: FnOnce(Outbox) -> H + Send + 'static,
{
    let (answer, pending) = accept(request)?;
    tokio::spawn(async move {
        match pending.socket().await {
            Ok(upgraded) => {
                let connection = Connection::new(upgraded, settings);
                let handler = Box::new(make(connection.outbox()));
                connection.run(handler, stop).await;
            }
            Err(error) => tracing::debug!(%error, "the client left before the upgrade"),
        }
    });
    Ok(answer)
}

impl Pending {
    /// The socket, once the answer has been sent.
    pub async fn socket(self) -> io::Result<Upgraded> {
        let upgraded = self.upgrade.await.map_err(io::Error::other)?;
        let parts = upgraded
            .downcast::<TokioIo<TcpStream>>()
            .map_err(|_| io::Error::other("the connection is no plain TCP stream"))?;
        // A copy, since the bytes are a piece of the buffer that the request was read into.
        let leftover = Bytes::copy_from_slice(&parts.read_buf);
        Ok(Upgraded {
            stream: parts.io.into_inner(),
            leftover,
            slot: self.slot,
        })
    }
}

fn switching_protocols(key: &[u8]) -> Option<Response> {
    let fits = key.len() == KEY_LENGTH && key.ends_with(b"==");
    let accept = HeaderValue::try_from(derive_accept_key(key))
        .ok()
        .filter(|_| fits)?;
    let mut answer = Response::new(full(Bytes::new()));
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(header::CONNECTION, UPGRADE);
    headers.insert(header::UPGRADE, WEBSOCKET);
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Some(answer)
}

/// Whether one of the header's comma-separated words is `token`.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|word| word.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut HeaderMap)) -> hyper::Request<()> {
        let mut request = hyper::Request::get("/ws").body(()).unwrap();
        let headers = request.headers_mut();
        headers.insert(header::CONNECTION, "keep-alive, Upgrade".parse().unwrap());
        headers.insert(header::UPGRADE, WEBSOCKET);
        headers.insert(header::SEC_WEBSOCKET_VERSION, VERSION_13);
        headers.insert(
            header::SEC_WEBSOCKET_KEY,
            "dGhlIHNhbXBsZSBub25jZQ==".parse().unwrap(),
        );
        change(headers);
        request
    }

    fn refused(change: impl FnOnce(&mut HeaderMap)) -> UpgradeError {
        accept(&mut request(change)).unwrap_err()
    }

    #[test]
    fn the_example_of_the_standard_is_accepted() {
        let (answer, _) = accept(&mut request(|_| {})).unwrap();
        assert_eq!(answer.status(), 101);
        assert_eq!(
            answer.headers()[header::SEC_WEBSOCKET_ACCEPT],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let wrong =
            refused(|headers| drop(headers.insert(header::SEC_WEBSOCKET_VERSION, "8".parse().unwrap())));
        assert_eq!(wrong.answer().headers()[header::SEC_WEBSOCKET_VERSION], "13");
        assert_eq!(wrong.answer().status(), 426);
        assert_eq!(
            refused(|headers| drop(headers.remove(header::UPGRADE))),
            UpgradeError::NotAsked
        );
        assert_eq!(
            refused(|headers| drop(headers.remove(header::SEC_WEBSOCKET_KEY))),
            UpgradeError::BadKey
        );
        let short =
            |headers: &mut HeaderMap| drop(headers.insert(header::SEC_WEBSOCKET_KEY, "abc".parse().unwrap()));
        assert_eq!(refused(short), UpgradeError::BadKey);
    }
}
