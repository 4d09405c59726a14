//! Socket.IO, the socket of the `rooms` family, at `/socket.io/` on the hub's one port.
//!
//! Engine.IO and the Socket.IO protocol are socketioxide's; what is said, who may hear it, and how much may wait are
//! decided here. A request comes in as any other ([`SocketIoSurface`]). A poll is handed to the library's service; an
//! upgrade is done here as for every WebSocket, and the library gets the stream beneath it (`lane`), so that a client
//! that takes nothing, an order to stop and the limits on connections hold as they do on `/ws`. A client's credential
//! is checked and its events' handlers are in place before it hears that it is connected: a `join_room` sent at once
//! is not lost. Its events are done in order by a task of its own (`client`).
//!
//! What a client of this family is told besides the seed's events: `room_status`, `user_typing`, `handover_offer`,
//! `room_rating`, `error` (for an event that asked for no acknowledgement), `credentials_ended` before it is
//! disconnected for good, and `server_restart` before it is to reconnect. Emitted beyond the seed's: `leave_room`,
//! `typing`, `rate_room`, `close_room`, `handover_request`, `handover_accept`, `handover_release`.
//!
//! **What it costs.** The library serializes an event for each reader, queues it and wakes the reader's task, which
//! copies it into the frame that it writes: nothing is shared between readers, unlike on the plain WebSockets, where a
//! frame is made once and written by the publisher itself. So many events of one client may wait (`WAITING`): one
//! that does not read them is cut off, and its memory is bounded by that many of the longest messages.

mod admission;
mod client;
mod door;
mod ear;
mod engine;
mod inbox;
mod incoming;
mod lane;
mod outgoing;
mod rooms;
mod transport;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::json;
use switchboard_actors::hub::Hub;

use self::engine::Engine;
use self::lane::{Lane, Limits};
use self::transport::{ChannelPorts, Transport};
use super::SocketSettings;
use super::upgrade;
use crate::http::limits::connections::{ConnectionLimits, Refused};
use crate::http::origin::OriginPolicy;
use crate::http::peer::{Peer, TrustedProxies};
use crate::http::query::Query;
use crate::http::serve::ServeSettings;
use crate::http::{Handler, Request, Response, full};
use crate::shutdown::{self, Signal};

const NOT_ALLOWED: Denied = Denied::new(StatusCode::FORBIDDEN, 4, "This origin may not connect");
const UNKNOWN_SESSION: Denied = Denied::new(StatusCode::BAD_REQUEST, 1, "Session ID unknown");
const RESTARTS: Denied = Denied::new(StatusCode::SERVICE_UNAVAILABLE, 3, "The server restarts");
const FULL: Denied = Denied::new(StatusCode::SERVICE_UNAVAILABLE, 3, "Too many sessions");
const TOO_MANY: Denied = Denied::new(StatusCode::TOO_MANY_REQUESTS, 3, "Too many sessions");
const TOO_SLOW: Denied = Denied::new(StatusCode::REQUEST_TIMEOUT, 3, "The body took too long");
/// Events of one client that may wait for it to read.
const WAITING: usize = 256;

/// What the surface stands on.
#[derive(Debug)]
pub struct SocketIoSetup {
    /// The core.
    pub hub: Hub,
    /// Limits of every connection.
    pub socket: SocketSettings,
    /// Limits of all connections.
    pub server: ServeSettings,
    /// Time a request's body may take.
    pub body_timeout: Duration,
    /// Which web pages may connect.
    pub origins: Arc<OriginPolicy>,
    /// The order to stop.
    pub stop: Signal,
}

/// Answers everything under `/socket.io/`.
#[derive(Debug)]
pub struct SocketIoSurface {
    engine: Arc<Engine>,
    channels: Arc<ChannelPorts>,
    origins: Arc<OriginPolicy>,
    proxies: TrustedProxies,
    limits: Limits,
    stop: Signal,
    body_timeout: Duration,
}

impl Handler for SocketIoSurface {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        if !self.origins.allows(request.headers()) {
            return answer(NOT_ALLOWED.answer());
        }
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let session = query.text("sid");
        let transport = match session {
            Some(id) => self.channels.find(id).ok_or(UNKNOWN_SESSION),
            None => self.open(&request),
        };
        let is_new = session.is_none();
        match transport {
            Err(denied) => answer(denied.answer()),
            Ok(transport) if query.text("transport") == Some("websocket") => {
                answer(self.upgrade(request, transport, is_new))
            }
            Ok(transport) => self.poll(request, transport, is_new),
        }
    }
}

impl SocketIoSurface {
    /// The surface over this setup; it hears the order to stop by itself.
    pub fn new(setup: SocketIoSetup) -> Self {
        let SocketIoSetup {
            hub,
            socket,
            server,
            body_timeout,
            origins,
            stop,
        } = setup;
        let proxies = server.trusted_proxies;
        // Counted apart from connections: a session that polls has one only now and then.
        let (most, per_address) = (server.max_connections, server.max_connections_per_address);
        let (sessions, _) = ConnectionLimits::new(most, per_address, proxies.clone());
        let channels = ChannelPorts::new(sessions);
        let (ended, over) = shutdown::channel();
        let engine = Engine::start(hub, &socket, WAITING, stop.clone(), ended);
        channels.ended_by(&engine);
        let stall = socket.ping * socket.missed_pings;
        Self {
            engine,
            channels,
            origins,
            proxies,
            limits: Limits { over, stall },
            stop,
            body_timeout,
        }
    }

    /// A new session, if there may be one more.
    fn open(&self, request: &Request) -> Result<Arc<Transport>, Denied> {
        if self.stop.is_given() {
            return Err(RESTARTS);
        }
        let peer = request.extensions().get::<Peer>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.address.ip());
        let address = self.proxies.client_address(address, request.headers());
        self.channels.open(address).map_err(|error| match error {
            Refused::Total => FULL,
            Refused::Address => TOO_MANY,
        })
    }

    /// A long poll, or packets of a session that polls.
    fn poll(
        &self,
        mut request: Request,
        transport: Arc<Transport>,
        is_new: bool,
    ) -> BoxFuture<'static, Response> {
        // The library keeps the handshake for as long as the session: it must hold no place among the connections.
        request.extensions_mut().remove::<Peer>();
        if is_new {
            request.extensions_mut().insert(Arc::clone(&transport));
        }
        let is_sending = request.method() == Method::POST;
        let (engine, patience) = (Arc::clone(&self.engine), self.body_timeout);
        let mut over = self.limits.over.clone();
        async move {
            let answer = tokio::select! {
                answer = engine.poll(request) => answer,
                () = transport.until_cut() => return UNKNOWN_SESSION.answer(),
                () = over.given() => return UNKNOWN_SESSION.answer(),
                () = tokio::time::sleep(patience), if is_sending => {
                    return TOO_SLOW.answer();
                }
            };
            if is_new {
                return engine::name(answer, &transport).await;
            }
            transport.wrote(length(answer.headers()));
            answer
        }
        .boxed()
    }

    /// A WebSocket: of a session that has polled so far, or of a new one.
    fn upgrade(&self, mut request: Request, transport: Arc<Transport>, is_new: bool) -> Response {
        let (answer, pending) = match upgrade::accept(&mut request) {
            Ok(accepted) => accepted,
            Err(error) => return error.answer(),
        };
        let (mut head, _) = request.into_parts();
        head.extensions.remove::<Peer>();
        if is_new {
            head.extensions.insert(Arc::clone(&transport));
        }
        let handshake = hyper::Request::from_parts(head, ());
        let (engine, limits) = (Arc::clone(&self.engine), self.limits.clone());
        tokio::spawn(async move {
            match pending.socket().await {
                Ok(upgraded) => engine.adopt(Lane::new(upgraded, transport, limits), handshake),
                Err(error) => {
                    tracing::debug!(%error, "the client left before the upgrade");
                    transport.cut();
                }
            }
        });
        answer
    }
}

fn answer(ready: Response) -> BoxFuture<'static, Response> {
    std::future::ready(ready).boxed()
}

/// A refusal as Engine.IO's servers write it.
#[derive(Debug, Clone, Copy)]
struct Denied {
    status: StatusCode,
    /// The protocol's number for it.
    code: u8,
    message: &'static str,
}

impl Denied {
    const fn new(status: StatusCode, code: u8, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
        }
    }

    fn answer(self) -> Response {
        let body = json!({"code": self.code, "message": self.message});
        let mut answer = Response::new(full(body.to_string()));
        *answer.status_mut() = self.status;
        let json = HeaderValue::from_static("application/json");
        answer.headers_mut().insert(CONTENT_TYPE, json);
        answer
    }
}

fn length(headers: &HeaderMap) -> usize {
    let length = headers.get(CONTENT_LENGTH);
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}
