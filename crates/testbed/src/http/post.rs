//! One POST to a loopback address, as a provider's webhook comes.
//!
//! Used by the fakes and by tests that make their own webhooks. Invariant: the status is what the receiver answered,
//! after its whole answer was read.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Posts `body` to `url` (`http://127.0.0.1:4000/path?query`) with these headers; the answer's status and body.
///
/// # Errors
/// An address that is not like that, or whatever breaks on the way.
pub async fn post(url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> io::Result<(u16, Bytes)> {
    let wrong = || io::Error::other(format!("{url} is not an http:// address with a port"));
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let cut = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(cut);
    let stream = TcpStream::connect(host).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let driving = tokio::spawn(connection);
    let mut request = Request::post(if path.is_empty() { "/" } else { path }).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let answer = response
        .into_body()
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    driving.abort();
    Ok((status, answer))
}
