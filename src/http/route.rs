//! One family's table of routes, and the one way a request goes through it.
//!
//! ```text
//! path (404) → method (405, Allow) → credential (401) → role (403) → body (413, 415, 400) → endpoint
//! ```
//!
//! A family is a [`Family`]: its tables of [`Route`]s, one a resource, and its form of errors. The tables are data, so
//! that `Allow`, the API description and the tests of roles are read from them. Nothing in here rejects: every failure
//! is an answer in the family's form.

mod call;
pub mod doc;
mod param;
mod pattern;

use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::Value;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::id::RequestId;
use switchboard_domain::scope::Scope;
use warp::Filter;

use self::call::Head;
pub use self::call::{Call, Caller};
use self::doc::Doc;
pub use self::param::{Kind, Param};
use self::pattern::Pattern;
use super::body::{self, BodyLimits, RawBody};
use super::dispatch::warp_family;
use super::failure::Failure;
use super::peer::{Peer, TrustedProxies};
use super::{Handler, auth};

/// An endpoint's answer.
pub type Answer = hyper::Response<Bytes>;
/// An endpoint's answer, or why there is none.
pub type Reply = Result<Answer, Failure>;
/// Who answers a route: parse, one call into the hub, convert.
#[derive(Debug, Clone, Copy)]
pub enum Endpoint {
    /// Answers at once, from what is there.
    Read(fn(&Call) -> Reply),
    /// Waits for something.
    Act(Acting),
}

/// An endpoint that waits.
pub type Acting = fn(Call) -> BoxFuture<'static, Reply>;

/// Who may call a route at all; the hub decides the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, with or without a credential.
    Public,
    /// Whoever shows a credential that stands.
    Caller,
    /// Agents, admins and services.
    Staff,
    /// Admins.
    Admin,
}

/// What a route takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// No body; one that is sent is not read.
    None,
    /// JSON.
    Json,
    /// JSON with a recording in it.
    Recording,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method; GET answers HEAD, too.
    pub method: Method,
    /// The path from the root; a segment `:name` takes any one segment.
    pub pattern: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it takes in.
    pub upload: Upload,
    /// Who answers.
    pub endpoint: Endpoint,
    /// What the API description tells of it.
    pub doc: Doc,
}

/// One API family.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name, as API keys' scopes name it.
    pub name: &'static str,
    /// The prefixes under which every path is its own, known or not.
    pub prefixes: &'static [&'static str],
    /// Its tables, one a resource.
    pub routes: &'static [&'static [Route]],
    /// A failure in the family's form.
    pub error: fn(&Failure, Option<RequestId>) -> Value,
}

/// What every family stands on.
#[derive(Debug, Clone)]
pub struct Surface {
    /// The core.
    pub hub: Hub,
    /// How large and slow a body may be.
    pub body: BodyLimits,
    /// The most bytes of a recording.
    pub max_recording_bytes: usize,
    /// Proxies that speak for many clients.
    pub proxies: TrustedProxies,
}

/// A family's routes, ready to be asked.
struct Router {
    family: Family,
    surface: Arc<Surface>,
    paths: Vec<Path>,
}

/// All routes of one pattern.
struct Path {
    pattern: Pattern,
    routes: Vec<&'static Route>,
    allow: HeaderValue,
}

impl Route {
    /// Reads something that is there.
    pub const fn read(pattern: &'static str, access: Access, endpoint: fn(&Call) -> Reply) -> Self {
        let endpoint = Endpoint::Read(endpoint);
        Self::new(Method::GET, pattern, access, Upload::None, endpoint)
    }

    /// Makes or does something that a JSON body describes.
    pub const fn post(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            access,
            Upload::Json,
            Endpoint::Act(endpoint),
        )
    }

    /// Does something that needs no description.
    pub const fn act(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            access,
            Upload::None,
            Endpoint::Act(endpoint),
        )
    }

    /// Takes a recording in.
    pub const fn record(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            access,
            Upload::Recording,
            Endpoint::Act(endpoint),
        )
    }

    /// Replaces or changes something.
    pub const fn put(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::PUT,
            pattern,
            access,
            Upload::Json,
            Endpoint::Act(endpoint),
        )
    }

    /// Removes something.
    pub const fn delete(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::DELETE,
            pattern,
            access,
            Upload::None,
            Endpoint::Act(endpoint),
        )
    }

    const fn new(
        method: Method,
        pattern: &'static str,
        access: Access,
        upload: Upload,
        endpoint: Endpoint,
    ) -> Self {
        Self {
            method,
            pattern,
            access,
            upload,
            endpoint,
            doc: Doc::EMPTY,
        }
    }

    fn matches(&self, method: &Method) -> bool {
        self.method == *method || (method == Method::HEAD && self.method == Method::GET)
    }
}

impl Access {
    /// Refuses whoever may not call.
    ///
    /// # Errors
    /// [`HubError::Unauthenticated`] or [`HubError::Forbidden`].
    pub fn check(self, caller: &Caller) -> Result<(), HubError> {
        match self {
            Self::Public => Ok(()),
            Self::Caller => caller.scope().map(drop),
            Self::Staff => allow(caller.scope()?, Scope::is_staff, "Agent or admin access required"),
            Self::Admin => allow(caller.scope()?, Scope::is_admin, "Admin access required"),
        }
    }
}

fn allow(scope: &Scope, may: fn(&Scope) -> bool, needed: &'static str) -> Result<(), HubError> {
    if may(scope) {
        Ok(())
    } else {
        Err(HubError::Forbidden(needed))
    }
}

impl Family {
    /// The family as the dispatch table takes it: warp brings the parts of a request, the tables do the rest.
    pub fn mount(self, surface: &Arc<Surface>) -> Arc<dyn Handler> {
        let router = Arc::new(Router::new(self, Arc::clone(surface)));
        let query = warp::query::raw().or(warp::any().map(String::new)).unify();
        let parts = warp::method()
            .and(warp::path::full())
            .and(query)
            .and(warp::header::headers_cloned())
            .and(warp::ext::optional::<Peer>())
            .and(warp::ext::optional::<RequestId>())
            .and(warp::body::stream());
        let filter = parts.then(
            move |method, path: warp::path::FullPath, query: String, headers, peer, id, body| {
                let head = Head::new(method, path.as_str(), query, headers, peer, id);
                let router = Arc::clone(&router);
                async move { router.answer(head, body).await }
            },
        );
        warp_family(filter.boxed())
    }
}

impl Router {
    fn new(family: Family, surface: Arc<Surface>) -> Self {
        let mut paths: Vec<Path> = Vec::new();
        for route in family.routes.iter().copied().flatten() {
            add_route(&mut paths, route);
        }
        paths.sort_by(|a, b| a.pattern.rank().cmp(b.pattern.rank()));
        Self {
            family,
            surface,
            paths,
        }
    }

    /// Boxed, because an endpoint's future is already, and what stands around it is then one allocation.
    fn answer<S, B, E>(self: Arc<Self>, head: Head, body: S) -> BoxFuture<'static, Answer>
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Buf + Send,
        E: Send,
    {
        async move {
            let id = head.request;
            match self.attempt(head, body).await {
                Ok(answer) => answer,
                Err(failure) => self.tell(&failure, id),
            }
        }
        .boxed()
    }

    async fn attempt<S, B, E>(&self, head: Head, body: S) -> Reply
    where
        S: Stream<Item = Result<B, E>> + Send,
        B: Buf + Send,
        E: Send,
    {
        let (path, captured) = find(&self.paths, &head.path).ok_or(Failure::NoSuchPath)?;
        let route = path.route(&head.method)?;
        let authenticated = auth::authenticate(&self.surface.hub, &head.headers, self.family.name);
        let caller = Caller::new(authenticated, &head, &self.surface.proxies);
        route.access.check(&caller)?;
        let body = self.read(route.upload, &head.headers, body).await?;
        let names = path.pattern.captures();
        let call = Call::new(
            Arc::clone(&self.surface),
            caller,
            names.zip(captured),
            &head.query,
            body,
        );
        match route.endpoint {
            Endpoint::Read(read) => read(&call),
            Endpoint::Act(act) => act(call).await,
        }
    }

    async fn read<S, B, E>(&self, upload: Upload, headers: &HeaderMap, body: S) -> Result<RawBody, Failure>
    where
        S: Stream<Item = Result<B, E>> + Send,
        B: Buf + Send,
        E: Send,
    {
        let limits = match upload {
            Upload::None => return Ok(RawBody::empty()),
            Upload::Json => self.surface.body,
            Upload::Recording => self.surface.recording_limits(),
        };
        let bytes = body::read(headers, std::pin::pin!(body), limits).await?;
        Ok(RawBody::new(bytes, headers))
    }

    fn tell(&self, failure: &Failure, id: Option<RequestId>) -> Answer {
        if let Some(inner) = failure.inner() {
            let request = id.map(|id| id.to_string());
            tracing::error!(family = self.family.name, request, inner, "a request has failed");
        }
        let mut answer = json_answer(failure.status(), (self.family.error)(failure, id).to_string());
        failure.write_headers(answer.headers_mut());
        answer
    }
}

fn add_route(paths: &mut Vec<Path>, route: &'static Route) {
    let pattern = Pattern::new(route.pattern);
    match paths.iter_mut().find(|path| path.pattern == pattern) {
        Some(path) => path.add(route),
        None => paths.push(Path::new(pattern, route)),
    }
}

/// The best pattern for a path, with what its `:name` segments took.
fn find<'a>(paths: &'a [Path], path: &str) -> Option<(&'a Path, Vec<String>)> {
    paths
        .iter()
        .find_map(|known| Some((known, known.pattern.take(path)?)))
}

impl Path {
    fn new(pattern: Pattern, route: &'static Route) -> Self {
        let mut path = Self {
            pattern,
            routes: Vec::new(),
            allow: HeaderValue::from_static(""),
        };
        path.add(route);
        path
    }

    fn add(&mut self, route: &'static Route) {
        self.routes.push(route);
        let methods = self.routes.iter().map(|route| match route.method {
            Method::GET => "GET, HEAD",
            _ => route.method.as_str(),
        });
        let listed = methods.collect::<Vec<_>>().join(", ");
        // Names of methods are visible ASCII.
        self.allow = HeaderValue::try_from(listed).unwrap_or(HeaderValue::from_static("GET"));
    }

    fn route(&self, method: &Method) -> Result<&'static Route, Failure> {
        let found = self.routes.iter().find(|route| route.matches(method));
        found.copied().ok_or_else(|| Failure::NoSuchMethod {
            allow: self.allow.clone(),
        })
    }
}

impl Surface {
    /// Room for the largest recording as Base64, and for what stands around it.
    fn recording_limits(&self) -> BodyLimits {
        let encoded = self.max_recording_bytes.div_ceil(3).saturating_mul(4);
        BodyLimits {
            max_bytes: encoded.saturating_add(self.body.max_bytes),
            ..self.body
        }
    }
}

/// An answer of ready-made JSON.
pub(super) fn json_answer(status: StatusCode, json: impl Into<Bytes>) -> Answer {
    let mut answer = Answer::new(json.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

#[cfg(test)]
mod tests;
