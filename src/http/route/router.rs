//! The way of a request through a family's tables.
//!
//! Built by [`Family::mount`](super::Family::mount). Invariant: a request is counted before anything is done for it,
//! and every answer tells the count.

use std::sync::Arc;

use bytes::Buf;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use hyper::header::HeaderMap;
use switchboard_domain::id::RequestId;

use super::call::{Call, Caller, Head};
use super::paths::Paths;
use super::pattern::Pattern;
use super::{Answer, Endpoint, Family, Reply, Route, Surface, Upload, json_answer, repeat};
use crate::http::auth;
use crate::http::body::{self, RawBody};
use crate::http::failure::Failure;
use crate::http::limits::caller::{FamilyLimits, RateClass};
use crate::http::limits::rate::Verdict;

/// Meta's signature of a call: `sha256=` and hexadecimal digits.
const SIGNATURE: &str = "x-hub-signature-256";

/// A family's routes, ready to be asked.
pub(super) struct Router {
    family: Family,
    surface: Arc<Surface>,
    paths: Paths,
    limits: Option<FamilyLimits>,
}

/// A route with what its path took.
struct Found<'a> {
    pattern: &'a Pattern,
    captured: Vec<String>,
    route: &'static Route,
}

impl Router {
    pub(super) fn new(family: Family, surface: Arc<Surface>, limits: Option<FamilyLimits>) -> Self {
        Self {
            paths: Paths::new(family.routes.iter().copied().flatten()),
            family,
            surface,
            limits,
        }
    }

    /// Boxed, because an endpoint's future is already, and what stands around it is then one allocation.
    pub(super) fn answer<S, B, E>(self: Arc<Self>, head: Head, body: S) -> BoxFuture<'static, Answer>
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Buf + Send,
        E: Send,
    {
        async move {
            let found = self.find(&head);
            let caller = self.caller(&head).await;
            let verdict = self.count(found.as_ref().ok(), &caller);
            let reply = match verdict {
                Some(Verdict { allowed: false, .. }) => Err(Failure::TooManyRequests),
                _ => self.attempt(found, caller, &head, body).await,
            };
            let mut answer = reply.unwrap_or_else(|failure| self.tell(&failure, head.request()));
            if let Some(verdict) = verdict {
                verdict.write_to(answer.headers_mut());
            }
            answer
        }
        .boxed()
    }

    fn find(&self, head: &Head) -> Result<Found<'_>, Failure> {
        let (path, captured) = self.paths.find(head.path()).ok_or(Failure::NoSuchPath)?;
        let route = path.route(head.method())?;
        Ok(Found {
            pattern: &path.pattern,
            captured,
            route,
        })
    }

    async fn caller(&self, head: &Head) -> Caller {
        let authenticated = auth::authenticate(&self.surface.hub, head.headers(), self.family.name);
        Caller::new(authenticated.await, head, &self.surface.proxies)
    }

    fn count(&self, found: Option<&Found<'_>>, caller: &Caller) -> Option<Verdict> {
        let limits = self.limits.as_ref()?;
        let class = found.map_or(RateClass::Family, |found| found.route.rate);
        let now = self.surface.hub.services().now();
        Some(limits.check(class, caller.scope().ok(), caller.address(), now))
    }

    async fn attempt<S, B, E>(
        &self,
        found: Result<Found<'_>, Failure>,
        caller: Caller,
        head: &Head,
        body: S,
    ) -> Reply
    where
        S: Stream<Item = Result<B, E>> + Send,
        B: Buf + Send,
        E: Send,
    {
        let Found {
            pattern,
            captured,
            route,
        } = found?;
        route.access.check(&caller)?;
        let body = self.read(route.upload, head.headers(), body).await?;
        let signature = (route.upload == Upload::Signed)
            .then(|| head.header(SIGNATURE))
            .flatten();
        let call = Call::new(
            Arc::clone(&self.surface),
            caller,
            pattern.captures().zip(captured),
            head.query(),
            body,
        );
        let call = call.with_signature(signature);
        match route.endpoint {
            Endpoint::Read(read) => read(&call),
            Endpoint::Act(act) => repeat::act(route, act, call, head).await,
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
            Upload::Json | Upload::MaybeJson | Upload::Form => self.surface.body,
            Upload::Recording => self.surface.encoded_limits(self.surface.max_recording_bytes),
            Upload::Files => self.surface.encoded_limits(self.surface.max_files_bytes),
            Upload::Signed => self.surface.provider_limits(),
        };
        let bytes = body::read(headers, std::pin::pin!(body), limits).await?;
        Ok(RawBody::new(bytes, headers))
    }

    fn tell(&self, failure: &Failure, id: Option<RequestId>) -> Answer {
        if let Some(inner) = failure.inner() {
            let request = id.map(|id| id.to_string());
            tracing::error!(family = self.family.name, request, inner, "a request has failed");
        }
        // JSON that is a value already can always be written.
        let body = serde_json::to_vec(&(self.family.error)(failure, id)).unwrap_or_default();
        let mut answer = json_answer((self.family.status)(failure), body);
        failure.write_headers(answer.headers_mut());
        answer
    }
}
