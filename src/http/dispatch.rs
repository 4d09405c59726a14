//! The table in front of the families: path prefix → handler, longest first.
//!
//! `startup` fills it and gives it to `serve`. It also does what every answer needs: the request id, one line of log
//! (the path without its query, for that may hold a token), the metrics, cross-origin headers, and an answer even
//! when a handler panics. No route of a family is known here.

mod record;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use switchboard_domain::id::RequestId;
use warp::filters::BoxedFilter;

use self::record::{Family, Seen};
use super::origin::OriginPolicy;
use super::request_id::{self, RequestIds, X_REQUEST_ID};
use super::{Handler, Request, Response, full, wrap};

/// The filled table; the one [`Handler`] that `serve` gets.
pub struct Dispatch {
    mounts: Vec<Mount>,
    fallback: Mount,
    ids: RequestIds,
    origins: OriginPolicy,
}

struct Mount {
    prefix: &'static str,
    handler: Arc<dyn Handler>,
    family: Arc<Family>,
}

impl Dispatch {
    /// An empty table: every path goes to `fallback`.
    ///
    /// The metrics recorder has to be installed before, or nothing is counted.
    pub fn new(ids: RequestIds, origins: OriginPolicy, fallback: Arc<dyn Handler>) -> Self {
        let fallback = Mount {
            prefix: "",
            handler: fallback,
            family: Arc::new(Family::new("none")),
        };
        Self {
            mounts: Vec::new(),
            fallback,
            ids,
            origins,
        }
    }

    /// Sends these prefixes to `handler`. A prefix such as `/api/auth` takes `/api/auth` and all below it, not
    /// `/api/authors`; of two that fit, the longer one wins. `family` is its name in the metrics.
    #[must_use]
    pub fn mount(
        mut self,
        family: &'static str,
        prefixes: &[&'static str],
        handler: &Arc<dyn Handler>,
    ) -> Self {
        let family = Arc::new(Family::new(family));
        for prefix in prefixes {
            let (handler, family) = (Arc::clone(handler), Arc::clone(&family));
            self.mounts.push(Mount {
                prefix: prefix.trim_end_matches('/'),
                handler,
                family,
            });
        }
        self.mounts
            .sort_by_key(|mount| std::cmp::Reverse(mount.prefix.len()));
        self
    }

    fn find(&self, path: &str) -> &Mount {
        self.mounts
            .iter()
            .find(|mount| mount.takes(path))
            .unwrap_or(&self.fallback)
    }
}

impl Mount {
    fn takes(&self, path: &str) -> bool {
        path.strip_prefix(self.prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Handler for Dispatch {
    fn call(&self, mut request: Request) -> BoxFuture<'static, Response> {
        let started = Instant::now();
        let id = self.ids.next();
        request.extensions_mut().insert(id);
        let cors = self.origins.cors(&request);
        let mount = self.find(request.uri().path());
        let seen = Seen::new(&request, id, started, Arc::clone(&mount.family));
        let answer = match cors.preflight() {
            Some(answer) => std::future::ready(answer).boxed(),
            None => guarded(mount.handler.as_ref(), request, id),
        };
        async move {
            let mut answer = answer.await;
            if let Some(value) = request_id::header_value(id) {
                answer.headers_mut().insert(X_REQUEST_ID, value);
            }
            cors.write_to(answer.headers_mut());
            seen.answered(answer.status());
            answer
        }
        .boxed()
    }
}

/// Calls the handler; a panic in it is an answer with status 500 and the request's id.
fn guarded(handler: &dyn Handler, request: Request, id: RequestId) -> BoxFuture<'static, Response> {
    match std::panic::catch_unwind(AssertUnwindSafe(|| handler.call(request))) {
        Ok(answer) => AssertUnwindSafe(answer)
            .catch_unwind()
            .map(move |done| done.unwrap_or_else(|_| broken(id)))
            .boxed(),
        Err(_) => std::future::ready(broken(id)).boxed(),
    }
}

fn broken(id: RequestId) -> Response {
    let error =
        serde_json::json!({"code": "internal_error", "message": "Internal server error", "details": null});
    let body = serde_json::json!({"error": error, "detail": "Internal server error", "requestId": id});
    let mut answer = Response::new(full(body.to_string()));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A family's one boxed warp filter as a handler; its own `recover` must be inside.
pub fn warp_family<R>(filter: BoxedFilter<(R,)>) -> Arc<dyn Handler>
where
    R: warp::Reply + 'static,
{
    let service = TowerToHyperService::new(warp::service(filter));
    Arc::new(move |request: Request| {
        let answer = service.call(request);
        answer
            .map(|done| match done {
                Ok(answer) => answer.map(wrap),
                Err(never) => match never {},
            })
            .boxed()
    })
}

#[cfg(test)]
mod tests;
