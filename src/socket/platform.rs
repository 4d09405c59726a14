//! `/ws`, the socket of the `platform` family: web chat for guests and customers, and agents who join a session.
//!
//! Without a token a new session is opened for a guest; with one, the session it names, if the token may. Refusals come
//! before the upgrade as HTTP answers in the family's error form; from then on there are close codes.

mod admission;
mod handler;
mod incoming;
mod outgoing;

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use switchboard_actors::hub::Hub;

use self::admission::{Admitted, Refusal};
use super::SocketSettings;
use super::upgrade;
use crate::http::limits::rate::RateLimiter;
use crate::http::origin::OriginPolicy;
use crate::http::peer::TrustedProxies;
use crate::http::{Handler, Request, Response};
use crate::shutdown::Signal;

/// What the dialect needs.
#[derive(Debug, Clone)]
pub struct PlatformSocket {
    /// The core.
    pub hub: Hub,
    /// Limits of every connection.
    pub settings: SocketSettings,
    /// Which web pages may connect.
    pub origins: Arc<OriginPolicy>,
    /// How many sessions strangers of one address may open; without it, as many as they like.
    pub guests: Option<Arc<RateLimiter<IpAddr>>>,
    /// Proxies that speak for many clients.
    pub proxies: TrustedProxies,
    /// The order to stop.
    pub stop: Signal,
}

impl Handler for PlatformSocket {
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        let socket = self.clone();
        async move { socket.connect(request).await.unwrap_or_else(Refusal::answer) }.boxed()
    }
}

impl PlatformSocket {
    async fn connect(&self, mut request: Request) -> Result<Response, Refusal> {
        if let Err(error) = upgrade::check(&request) {
            return Ok(error.answer());
        }
        let admitted = Admitted::check(self, &request).await?;
        let hub = self.hub.clone();
        let started = upgrade::start(&mut request, self.settings, self.stop.clone(), move |outbox| {
            handler::PlatformHandler::begin(hub, admitted, outbox)
        });
        Ok(started.unwrap_or_else(upgrade::UpgradeError::answer))
    }
}
