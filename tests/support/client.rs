//! Somebody who speaks HTTP to the hub: one connection a request, as plain as it gets.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use switchboard_actors::credentials::Credential;
use switchboard_actors::hub::Hub;
use tokio::net::TcpStream;

/// A caller with its credential.
#[derive(Debug, Clone)]
pub(crate) struct Persona {
    address: SocketAddr,
    /// The core behind that address, where it is in this process.
    hub: Option<Hub>,
    credential: Option<(&'static str, String)>,
    /// Headers besides.
    extra: Vec<(&'static str, String)>,
}

/// What the hub answered; `body` is null where it was no JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Persona {
    /// Somebody without a credential, at a hub in this process.
    pub(crate) const fn nobody(address: SocketAddr, hub: Hub) -> Self {
        Self {
            address,
            hub: Some(hub),
            credential: None,
            extra: Vec::new(),
        }
    }

    /// The same at a hub in a process of its own.
    pub(crate) const fn outside(address: SocketAddr) -> Self {
        Self {
            address,
            hub: None,
            credential: None,
            extra: Vec::new(),
        }
    }

    /// The core itself.
    pub(super) fn hub(&self) -> &Hub {
        self.hub.as_ref().expect("a hub in this process")
    }

    /// Where it finds the hub.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same with this header on every request.
    pub(crate) fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut with = self.clone();
        with.extra.push((name, value.to_owned()));
        with
    }

    /// What it shows, as the core takes it.
    pub(super) fn credential(&self) -> Credential<'_> {
        match &self.credential {
            Some((name, text)) if *name == AUTHORIZATION => {
                Credential::Bearer(text.strip_prefix("Bearer ").unwrap())
            }
            Some((_, key)) => Credential::ApiKey(key),
            None => panic!("nobody has no credential"),
        }
    }

    /// The token it shows.
    pub(crate) fn token(&self) -> &str {
        let (Credential::Bearer(text) | Credential::ApiKey(text)) = self.credential();
        text
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            credential: Some((AUTHORIZATION.as_str(), format!("Bearer {token}"))),
            ..self.clone()
        }
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self {
            credential: Some(("x-api-key", key.to_owned())),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Bytes::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let bytes = Bytes::from(body.to_string());
        self.send(method, path, Some("application/json"), bytes).await
    }

    /// Sends these very bytes.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(HOST, "hub");
        if let Some((name, value)) = &self.credential {
            request = request.header(*name, value);
        }
        for (name, value) in &self.extra {
            request = request.header(*name, value);
        }
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        self.exchange(request.body(Full::new(body)).unwrap()).await
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
