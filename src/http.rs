//! HTTP: the accept loop, the table of families in front, and what every family needs to read a request.
//!
//! `startup` builds a [`Dispatch`](dispatch::Dispatch) and gives it to [`serve`](serve::serve). Neither knows the hub: a
//! family is a prefix and a [`Handler`]. Families are made of tables of [`route`]s over the hub, and share what they read
//! ([`auth`], [`query`], [`page`], [`wire`]) and how they fail ([`failure`], [`status`]).

pub mod auth;
pub mod body;
pub mod dispatch;
pub mod failure;
pub mod health;
pub mod limits;
pub mod origin;
pub mod page;
pub mod peer;
pub mod period;
pub mod query;
pub mod reply;
pub mod request_id;
pub mod route;
pub mod serve;
pub mod status;
pub mod wire;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

/// The error of a body that stops in the middle.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of every answer.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;
/// A request as it comes from the socket.
pub type Request = hyper::Request<Incoming>;
/// An answer, whoever made it.
pub type Response = hyper::Response<Body>;

/// Whoever answers requests: a family, a page, the table of all of them.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request; failures are answers too.
    fn call(&self, request: Request) -> BoxFuture<'static, Response>;
}

impl<F> Handler for F
where
    F: Fn(Request) -> BoxFuture<'static, Response> + Send + Sync + 'static,
{
    fn call(&self, request: Request) -> BoxFuture<'static, Response> {
        self(request)
    }
}

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Any other kind of body as the one body type.
pub fn wrap<B>(body: B) -> Body
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}
