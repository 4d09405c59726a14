//! A small HTTP/1.1 server on a loopback port, under a fake's full control.
//!
//! Used by the fakes. Invariant: it ends with the value that holds it, and no connection outlives it.

pub(crate) mod post;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// Bytes of a request's body that are read.
const LONGEST_BODY: usize = 128 * 1024 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;

/// A request, whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// The text of a header, empty without.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer; `None` in its place ends the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=UTF-8".into())],
            body: body.to_string().into(),
        }
    }

    /// Any body, and this `Retry-After` if given.
    pub(crate) fn plain(status: u16, body: &str, after: Option<String>) -> Self {
        let after = after.map(|after| ("retry-after", after));
        Self {
            status,
            headers: after.into_iter().collect(),
            body: body.to_owned().into(),
        }
    }
}

/// An answer under way.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

/// What answers.
pub(crate) trait Service: Send + Sync + 'static {
    fn answer(self: Arc<Self>, request: Request) -> Answering;
}

/// The server.
pub(crate) struct Server {
    address: SocketAddr,
    service: Arc<dyn Service>,
    running: Mutex<Option<watch::Sender<()>>>,
    /// Keeps the port for this server while it is closed: bound, and nobody listens.
    closed: Mutex<Option<TcpSocket>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    pub(crate) async fn start(service: Arc<dyn Service>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let running = Mutex::new(Some(listen(listener, Arc::clone(&service))));
        Ok(Self {
            address,
            service,
            running,
            closed: Mutex::default(),
        })
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Closes the port and every connection; when it returns, nobody can connect any more.
    pub(crate) async fn pause(&self) -> io::Result<()> {
        let running = self.running.lock().take();
        if let Some(stop) = running {
            stop.send_replace(());
            stop.closed().await;
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(self.address)?;
            self.closed.lock().replace(socket);
        }
        Ok(())
    }

    /// Opens the same port again.
    pub(crate) fn resume(&self) -> io::Result<()> {
        let held = self.closed.lock().take();
        let Some(socket) = held else {
            return Ok(());
        };
        let listener = socket.listen(BACKLOG)?;
        let stop = listen(listener, Arc::clone(&self.service));
        self.running.lock().replace(stop);
        Ok(())
    }
}

fn listen(listener: TcpListener, service: Arc<dyn Service>) -> watch::Sender<()> {
    let (stop, stopped) = watch::channel(());
    tokio::spawn(accept(stopped, service, listener));
    stop
}

/// The listener is the last parameter, and so the first to go: who waits for the end of `stopped` finds the port closed.
async fn accept(mut stopped: watch::Receiver<()>, service: Arc<dyn Service>, listener: TcpListener) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        if let Ok((stream, _)) = stream {
            tokio::spawn(connection(stream, Arc::clone(&service), stopped.clone()));
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<dyn Service>, mut stopped: watch::Receiver<()>) {
    let answering = service_fn(move |request| respond(Arc::clone(&service), request));
    let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answering);
    tokio::select! {
        // How a client leaves is its own business.
        _ = served => {}
        _ = stopped.changed() => {}
    }
}

/// An error here makes hyper end the connection without an answer.
async fn respond(
    service: Arc<dyn Service>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_BODY).collect().await;
    let body = body.map_err(io::Error::other)?.to_bytes();
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    let closed = || io::Error::other("the connection ends here, on order");
    let answer = service.answer(request).await.ok_or_else(closed)?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(answer.body)).map_err(io::Error::other)
}
