//! The library's service: built once, given polls and upgraded streams, closed at the order to stop.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{ParserConfig, SocketIo};
use switchboard_actors::hub::Hub;
use tokio::sync::mpsc;

use super::admission::AuthIn;
use super::door::Door;
use super::lane::Lane;
use super::transport::Transport;
use crate::http::{Request, Response, full, wrap};
use crate::shutdown::{Signal, Trigger};
use crate::socket::SocketSettings;

const PATH: &str = "/socket.io";
/// Bytes read at once; also what an idle WebSocket holds.
const READ_BUFFER: usize = 2048;
/// Time from a handshake to the client's connection, and for an upgrade.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Poll = dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync;
type End = dyn Fn(&str) -> BoxFuture<'static, ()> + Send + Sync;
type Adopt = dyn Fn(Lane, hyper::Request<()>) + Send + Sync;

/// The service, whose type cannot be named, behind what is asked of it.
pub(super) struct Engine {
    poll: Box<Poll>,
    end: Box<End>,
    adopt: Box<Adopt>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// The service for clients of this hub, each with so many events that may wait; once `stop` is given and every
    /// session has ended, or had the time to, it gives `over`.
    pub(super) fn start(
        hub: Hub,
        settings: &SocketSettings,
        waiting: usize,
        stop: Signal,
        over: Trigger,
    ) -> Arc<Self> {
        let most = settings.max_message_bytes;
        let (service, io) = SocketIo::builder()
            .req_path(PATH)
            .ping_interval(settings.ping)
            .ping_timeout(settings.ping * settings.missed_pings.saturating_sub(1).max(1))
            .upgrade_timeout(HANDSHAKE)
            .connect_timeout(HANDSHAKE)
            .max_buffer_size(waiting)
            .max_payload(u64::try_from(most).unwrap_or(u64::MAX))
            .ws_read_buffer_size(READ_BUFFER)
            .ws_max_message_size(most)
            .ws_max_frame_size(most)
            // Nothing of this family comes as an attachment.
            .with_parser(ParserConfig::common().max_incoming_binaries(0))
            .build_svc();
        let (working, idle) = mpsc::channel(1);
        let door = Arc::new(Door::new(hub, most, working, stop.clone()));
        open(&io, &door);
        let (wait, mut stopped) = (settings.close_wait, stop);
        tokio::spawn(async move {
            stopped.given().await;
            close(io, &door, idle, wait).await;
            over.stop();
        });
        let (polls, ends, adopts) = (service.clone(), service.clone(), service);
        Arc::new(Self {
            poll: Box::new(move |request| {
                polls
                    .call(request)
                    .map(|answer| match answer {
                        Ok(answer) => answer.map(wrap),
                        Err(never) => match never {},
                    })
                    .boxed()
            }),
            end: Box::new(move |id| ends.call(farewell(id)).map(drop).boxed()),
            adopt: Box::new(move |lane, request| {
                let adopted = adopts.call((lane, request));
                if let Some(Err(error)) = adopted.now_or_never() {
                    tracing::debug!(%error, "a WebSocket was no Socket.IO client's");
                }
            }),
        })
    }

    /// Answers a request of a session that polls.
    pub(super) fn poll(&self, request: Request) -> BoxFuture<'static, Response> {
        (self.poll)(request)
    }

    /// Ends a session that polls, or whose upgrade has failed; one that has a WebSocket ends with that.
    pub(super) fn end(&self, id: &str) -> BoxFuture<'static, ()> {
        (self.end)(id)
    }

    /// Speaks on an upgraded stream.
    pub(super) fn adopt(&self, lane: Lane, request: hyper::Request<()>) {
        (self.adopt)(lane, request);
    }
}

/// Lets clients connect: first the credential and the handlers, then the client hears that it is connected.
fn open(io: &SocketIo, door: &Arc<Door>) {
    let door = Arc::clone(door);
    let admit = move |socket: SocketRef, TryData(shown): TryData<AuthIn>| {
        let door = Arc::clone(&door);
        async move { door.admit(&socket, shown.ok()).await }
    };
    let welcome = |socket: SocketRef| {
        Door::welcome(&socket);
        std::future::ready(())
    };
    io.ns("/", welcome.with(admit));
}

/// Waits until every client's event at hand is answered, then ends all sessions.
async fn close(io: SocketIo, door: &Door, mut idle: mpsc::Receiver<()>, wait: Duration) {
    door.shut();
    let idle = tokio::time::timeout(wait, idle.recv()).await;
    let closed = tokio::time::timeout(wait, io.close()).await;
    tracing::debug!(
        idle = idle.is_ok(),
        closed = closed.is_ok(),
        "Socket.IO is closed"
    );
}

/// What a client that polls sends when it goes: an Engine.IO packet of type 1, close.
fn farewell(id: &str) -> hyper::Request<Full<Bytes>> {
    let mut request = hyper::Request::new(Full::new(Bytes::from_static(b"1")));
    *request.method_mut() = hyper::Method::POST;
    let uri = format!("{PATH}/?EIO=4&transport=polling&sid={id}");
    // An id that is none is no session's.
    *request.uri_mut() = uri.parse().unwrap_or_default();
    request
}

/// The answer to a handshake, whose session gets its name from it.
pub(super) async fn name(answer: Response, transport: &Arc<Transport>) -> Response {
    let (head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        return Response::from_parts(head, full(""));
    };
    let body = body.to_bytes();
    let packet = body.split_first().map(|(_, packet)| packet);
    let opened: Option<Value> = packet.and_then(|packet| serde_json::from_slice(packet).ok());
    if let Some(id) = opened.as_ref().and_then(|opened| opened.get("sid")?.as_str()) {
        transport.name(id);
    }
    Response::from_parts(head, full(body))
}
