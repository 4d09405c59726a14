//! What an endpoint gets to see of a request.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hyper::Method;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use serde::de::DeserializeOwned;
use switchboard_actors::credentials::Authenticated;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::id::RequestId;
use switchboard_domain::scope::Scope;

use super::Surface;
use crate::http::body::{BodyError, RawBody};
use crate::http::peer::{Peer, TrustedProxies};
use crate::http::query::Query;
use crate::http::wire::Object;

/// A request without its body.
pub(super) struct Head {
    parts: Arc<Parts>,
    /// Bytes of the root it came by, where that is none of the tables' (see [`Family::aliases`](super::Family)).
    root: usize,
}

/// Who calls, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    authenticated: Result<Authenticated, HubError>,
    address: IpAddr,
}

/// A request that may be answered: the path is known, the role is right, the body is read.
#[derive(Debug)]
pub struct Call {
    surface: Arc<Surface>,
    caller: Caller,
    captures: Vec<(&'static str, String)>,
    query: Query,
    body: RawBody,
    key: Option<String>,
    signature: Option<String>,
}

impl Head {
    /// Of a family that is also found below these roots.
    pub(super) fn new(parts: Arc<Parts>, aliases: &[&str]) -> Self {
        let path = parts.uri.path();
        let is_below = |alias: &&&str| {
            path.strip_prefix(**alias)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let root = aliases.iter().find(is_below).map_or(0, |alias| alias.len());
        Self { parts, root }
    }

    pub(super) fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The path as the tables name it, whichever root it came by.
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path().get(self.root..).unwrap_or_default()
    }

    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    pub(super) fn request(&self) -> Option<RequestId> {
        self.parts.extensions.get().copied()
    }

    /// The value of a header, where it is text.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers().get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The client's address; unknown only where no accept loop stands in front.
    fn address(&self, proxies: &TrustedProxies) -> IpAddr {
        let peer = self.parts.extensions.get::<Peer>();
        let socket = peer.map(|peer| peer.address.ip());
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        socket.map_or(unknown, |socket| proxies.client_address(socket, self.headers()))
    }
}

impl Caller {
    pub(super) fn new(
        authenticated: Result<Authenticated, HubError>,
        head: &Head,
        proxies: &TrustedProxies,
    ) -> Self {
        Self {
            authenticated,
            address: head.address(proxies),
        }
    }

    /// Where it calls from.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whose records this call may reach.
    ///
    /// # Errors
    /// Why the credential does not stand, [`HubError::Unauthenticated`] when there is none.
    pub fn scope(&self) -> Result<&Scope, HubError> {
        match &self.authenticated {
            Ok(authenticated) => Ok(&authenticated.scope),
            Err(error) => Err(error.clone()),
        }
    }
}

impl Call {
    pub(super) fn new(
        surface: Arc<Surface>,
        caller: Caller,
        captures: impl Iterator<Item = (&'static str, String)>,
        query: &str,
        body: RawBody,
    ) -> Self {
        Self {
            surface,
            caller,
            captures: captures.collect(),
            query: Query::parse(query),
            body,
            key: None,
            signature: None,
        }
    }

    /// The same call, done under this key.
    pub(super) fn with_key(self, key: String) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    pub(super) fn with_signature(self, signature: Option<String>) -> Self {
        Self { signature, ..self }
    }

    /// A provider's call: its signature, where it has one, and the bytes as they came.
    pub fn signed(&self) -> (Option<&str>, &[u8]) {
        (self.signature.as_deref(), &self.body.bytes)
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body.bytes
    }

    /// An id for what this call makes, where the caller sent an `Idempotency-Key` and names no id of its own: the same
    /// when the same request comes again, so that what a crash left half done is found and not made twice.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The core.
    pub fn hub(&self) -> &Hub {
        &self.surface.hub
    }

    /// What every family stands on.
    pub fn surface(&self) -> &Surface {
        &self.surface
    }

    /// Whose records this call may reach; never an error on a route that is not public.
    ///
    /// # Errors
    /// See [`Caller::scope`].
    pub fn scope(&self) -> Result<&Scope, HubError> {
        self.caller.scope()
    }

    /// The client's address.
    pub fn address(&self) -> IpAddr {
        self.caller.address
    }

    /// What the segment `:name` of the route's pattern took; empty for a name the pattern does not have.
    pub fn path(&self, name: &str) -> &str {
        let found = self.captures.iter().find(|(capture, _)| *capture == name);
        found.map_or("", |(_, value)| value)
    }

    /// The query.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The body, a JSON object.
    ///
    /// # Errors
    /// What about the body is not as expected.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, BodyError> {
        self.body.json().map(|Object(body)| body)
    }

    /// The body, a JSON object, or its default where there is none.
    ///
    /// # Errors
    /// What about the body is not as expected.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, BodyError> {
        if self.body.bytes.is_empty() {
            return Ok(T::default());
        }
        self.json()
    }
}
