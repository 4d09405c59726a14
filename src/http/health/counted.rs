//! Counts who asks how the hub is, by address, apart from everything else they ask.
//!
//! Put by `startup` in front of the endpoints for machines. A family's own health routes are counted by its router.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use hyper::StatusCode;
use serde_json::json;
use switchboard_domain::ports::clock::Clock;

use crate::http::limits::caller::SharedLimits;
use crate::http::peer::{Peer, TrustedProxies};
use crate::http::{Handler, Request, Response};

/// A handler whose callers are counted.
pub struct Counted {
    /// What is counted.
    pub limits: Arc<SharedLimits>,
    /// Proxies that speak for many clients.
    pub proxies: TrustedProxies,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who answers.
    pub handler: Arc<dyn Handler>,
}

impl Counted {
    /// As the dispatch table takes it.
    pub fn into_handler(self) -> Arc<dyn Handler> {
        Arc::new(self)
    }

    fn address(&self, request: &Request) -> IpAddr {
        let socket = request.extensions().get::<Peer>().map(|peer| peer.address.ip());
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        socket.map_or(unknown, |socket| {
            self.proxies.client_address(socket, request.headers())
        })
    }
}

impl Handler for Counted {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        let verdict = self.limits.check_health(self.address(&request), self.clock.now());
        let answer = if verdict.allowed {
            self.handler.call(request)
        } else {
            ready(refused()).boxed()
        };
        answer
            .map(move |mut answer| {
                verdict.write_to(answer.headers_mut());
                answer
            })
            .boxed()
    }
}

fn refused() -> Response {
    let error = json!({"code": "rate_limit_exceeded", "message": "Rate limit exceeded", "details": null});
    super::answer(
        StatusCode::TOO_MANY_REQUESTS,
        "application/json",
        json!({"error": error}).to_string(),
    )
}
