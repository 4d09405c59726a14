//! One accepted connection: requests in, answers out, until it ends, is upgraded or has to stop.
//!
//! The task ends with an upgrade: what the upgraded connection needs is its handler's.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1::{Builder, UpgradeableConnection};
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::ServeSettings;
use crate::http::peer::Peer;
use crate::http::{Body, Handler, Request};
use crate::shutdown::Signal;

/// Time for a first request that is already on its way when the order to stop comes.
const FIRST_REQUEST: Duration = Duration::from_millis(250);

/// What all connections have in common.
pub(super) struct Shared {
    handler: Arc<dyn Handler>,
    http: Builder,
    stop: Signal,
}

impl Shared {
    pub(super) fn new(handler: Arc<dyn Handler>, settings: &ServeSettings, stop: Signal) -> Self {
        let mut http = Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(settings.header_timeout)
            .max_header_size(settings.max_header_bytes)
            .keep_alive(true)
            .half_close(false);
        Self { handler, http, stop }
    }
}

/// Answers this connection's requests.
pub(super) async fn run(stream: TcpStream, peer: Peer, shared: Arc<Shared>) {
    let asked = Arc::new(AtomicBool::new(false));
    let service = {
        let (handler, asked) = (Arc::clone(&shared.handler), Arc::clone(&asked));
        hyper::service::service_fn(move |mut request: Request| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer.clone());
            let answer = handler.call(request);
            async move { Ok::<_, Infallible>(answer.await) }
        })
    };
    let connection = shared
        .http
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let ended = until_ended(std::pin::pin!(connection), &asked, shared.stop.clone()).await;
    tracing::debug!(
        error = ended.err().map(tracing::field::display),
        "connection ended"
    );
}

/// Drives the connection; after the order to stop it finishes the request it is at, and none after it.
async fn until_ended<S>(
    mut connection: Pin<&mut UpgradeableConnection<TokioIo<TcpStream>, S>>,
    asked: &AtomicBool,
    mut stop: Signal,
) -> hyper::Result<()>
where
    S: HttpService<hyper::body::Incoming, ResBody = Body>,
    S::Error: Into<crate::http::BoxError>,
{
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = stop.given() => connection.as_mut().graceful_shutdown(),
    }
    if !asked.load(Ordering::Relaxed) {
        let first = tokio::time::timeout(FIRST_REQUEST, connection.as_mut()).await;
        if first.is_ok() || !asked.load(Ordering::Relaxed) {
            return first.unwrap_or(Ok(()));
        }
    }
    connection.await
}
