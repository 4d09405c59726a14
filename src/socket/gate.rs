//! Before the upgrade: what every dialect checks of a caller, and the place its connection gets in the hub's books.
//!
//! A dialect asks its [`Gate`] for the origin and the credential, finds the conversation, takes a [`Seat`] and upgrades.
//! Whoever is refused gets an HTTP answer in the family's own form ([`Refusal`]); after the upgrade there are close codes
//! alone, so nothing may be left to check by then.

mod query;
mod refusal;
mod seat;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard_actors::credentials::{Authenticated, Credential};
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

pub use self::query::ConnectQuery;
pub use self::refusal::{Cause, Form, Refusal};
pub use self::seat::{LateOutbox, Seat};
use super::SocketSettings;
use super::connection::SocketHandler;
use super::outbox::Outbox;
use super::upgrade::{self, UpgradeError};
use crate::http::limits::caller::network;
use crate::http::limits::rate::RateLimiter;
use crate::http::origin::OriginPolicy;
use crate::http::peer::{Peer, TrustedProxies};
use crate::http::{Request, Response, auth};
use crate::shutdown::Signal;

/// What the sockets of every family stand on.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The core.
    pub hub: Hub,
    /// Limits of every connection.
    pub settings: SocketSettings,
    /// Which web pages may connect.
    pub origins: Arc<OriginPolicy>,
    /// How many conversations strangers of one address may open; without it, as many as they like.
    pub guests: Option<Arc<RateLimiter<IpAddr>>>,
    /// Proxies that speak for many clients.
    pub proxies: TrustedProxies,
    /// The order to stop.
    pub stop: Signal,
}

impl Gate {
    /// Whether the page that connects, if it is one, may.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] for a page of a site that is not configured.
    pub fn check_origin(&self, request: &Request) -> Result<(), HubError> {
        if self.origins.allows(request.headers()) {
            Ok(())
        } else {
            Err(HubError::Forbidden("This origin may not connect"))
        }
    }

    /// Who calls: by the query's `token`, else by the headers REST takes too; `None` when nothing is shown.
    ///
    /// # Errors
    /// Why a credential that is shown does not stand.
    pub async fn authenticate(
        &self,
        request: &Request,
        query: &ConnectQuery,
        family: &str,
    ) -> Result<Option<Authenticated>, HubError> {
        let shown = query.token().map(Credential::Bearer);
        let shown = shown.or_else(|| auth::credential(request.headers()));
        match shown {
            Some(credential) => self.hub.authenticate(credential, family).await.map(Some),
            None => Ok(None),
        }
    }

    /// Counts a stranger: each costs a record, so an address may open so many in a window.
    ///
    /// # Errors
    /// [`HubError::Throttled`] when its address has opened as many as it may.
    pub fn admit_stranger(&self, request: &Request) -> Result<(), HubError> {
        let (Some(guests), Some(peer)) = (&self.guests, request.extensions().get::<Peer>()) else {
            return Ok(());
        };
        let address = self.proxies.client_address(peer.address.ip(), request.headers());
        let verdict = guests.check(network(address), self.hub.services().now());
        if verdict.allowed {
            Ok(())
        } else {
            Err(HubError::Throttled(Duration::from_secs(verdict.retry_after)))
        }
    }

    /// A place among the open connections, for a caller whose credential ends then.
    ///
    /// # Errors
    /// [`HubError::Throttled`] when the account has as many connections as it may have.
    pub fn seat(&self, scope: &Scope, expires: Option<Timestamp>) -> Result<Seat, HubError> {
        Seat::take(&self.hub, scope, expires)
    }

    /// Upgrades, and runs the connection with the handler that is made for its outbox.
    ///
    /// # Errors
    /// When the request asks for no upgrade that is possible; [`upgrade::check`] tells so beforehand.
    pub fn open<H, F>(&self, request: &mut Request, make: F) -> Result<Response, UpgradeError>
    where
        H: SocketHandler + 'static,
        F: FnOnce(Outbox) -> H + Send + 'static,
    {
        upgrade::start(request, self.settings, self.stop.clone(), make)
    }
}
