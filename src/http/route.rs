//! One family's table of routes, and the one way a request goes through it.
//!
//! ```text
//! rate (429) → path (404) → method (405, Allow) → credential (401) → role (403) → body (413, 415, 400) → endpoint
//! ```
//!
//! A family is a [`Family`]: its tables of [`Route`]s, one a resource, and its form of errors. The tables are data, so
//! that `Allow`, the API description and the tests of roles are read from them. Nothing in here rejects: every failure
//! is an answer in the family's form.

mod call;
pub mod doc;
mod param;
mod paths;
mod pattern;
mod repeat;
mod router;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
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
use self::router::Router;
use super::body::BodyLimits;
use super::dispatch::warp_family;
use super::failure::Failure;
use super::limits::caller::{FamilyLimits, RateClass};
use super::peer::TrustedProxies;
use super::{Handler, Request};

/// Bytes of a provider's call.
const MAX_PROVIDER_CALL: usize = 3 * 1024 * 1024;

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
    /// JSON, or nothing.
    MaybeJson,
    /// JSON with a recording in it.
    Recording,
    /// JSON with files in it.
    Files,
    /// A provider's call, signed over its raw bytes; nothing is read before the signature was checked.
    Signed,
    /// A provider's call as a form; what proves it is a secret in its path.
    Form,
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
    /// Against which rate it counts.
    pub rate: RateClass,
    /// Whether its answer is never kept, because it holds a credential.
    pub secret: bool,
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
    /// Roots under which the whole family is found again: with `/v1`, `/v1/auth` is `/auth`.
    pub aliases: &'static [&'static str],
    /// Its tables, one a resource.
    pub routes: &'static [&'static [Route]],
    /// A failure in the family's form.
    pub error: fn(&Failure, Option<RequestId>) -> Value,
    /// The status that tells it; [`Failure::status`] unless the family's callers know another one.
    pub status: fn(&Failure) -> StatusCode,
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
    /// The most bytes of a message's files together.
    pub max_files_bytes: usize,
    /// Proxies that speak for many clients.
    pub proxies: TrustedProxies,
}

impl Route {
    /// Reads something that is there.
    pub const fn read(pattern: &'static str, access: Access, endpoint: fn(&Call) -> Reply) -> Self {
        let endpoint = Endpoint::Read(endpoint);
        Self::new(Method::GET, pattern, access, Upload::None, endpoint)
    }

    /// Reads something and notes that it was read.
    pub const fn look(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::GET,
            pattern,
            access,
            Upload::None,
            Endpoint::Act(endpoint),
        )
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

    /// Makes or does something that a JSON body may describe, and need not.
    pub const fn post_or_act(pattern: &'static str, access: Access, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            access,
            Upload::MaybeJson,
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

    /// Takes in what a provider signs.
    pub const fn signed(pattern: &'static str, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            Access::Public,
            Upload::Signed,
            Endpoint::Act(endpoint),
        )
    }

    /// Takes in what a provider tells in a form, at an address that nobody else knows.
    pub const fn form(pattern: &'static str, endpoint: Acting) -> Self {
        Self::new(
            Method::POST,
            pattern,
            Access::Public,
            Upload::Form,
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
            rate: RateClass::Family,
            secret: false,
            endpoint,
            doc: Doc::EMPTY,
        }
    }

    /// This route takes files in with its JSON.
    #[must_use]
    pub const fn with_files(mut self) -> Self {
        self.upload = Upload::Files;
        self
    }

    /// This route answers a credential: its answer is never kept, so an `Idempotency-Key` has no say.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// This route tells how the hub is: it has a rate of its own, which monitors share with nobody.
    #[must_use]
    pub const fn health(mut self) -> Self {
        self.rate = RateClass::Health;
        self
    }

    /// This route takes a provider's webhooks: they have a rate of their own, for they come in bursts.
    #[must_use]
    pub const fn provider(mut self) -> Self {
        self.rate = RateClass::Provider;
        self
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
    /// The family as the dispatch table takes it: warp brings a request, the tables do the rest.
    ///
    /// Without `limits` nobody's requests are counted.
    pub fn mount(self, surface: &Arc<Surface>, limits: Option<FamilyLimits>) -> Arc<dyn Handler> {
        let router = Arc::new(Router::new(self, Arc::clone(surface), limits));
        let filter =
            warp::ext::get::<Arc<Parts>>()
                .and(warp::body::stream())
                .then(move |parts: Arc<Parts>, body| {
                    let head = Head::new(parts, self.aliases);
                    Arc::clone(&router).answer(head, body)
                });
        let family = warp_family(filter.boxed());
        Arc::new(move |request: Request| family.call(whole_head(request)))
    }
}

/// The head goes through warp as one piece: each filter that takes a part of it copies that part, and together they cost
/// more than all that the tables do.
fn whole_head(request: Request) -> Request {
    let (parts, body) = request.into_parts();
    let mut request = Request::new(body);
    request.extensions_mut().insert(Arc::new(parts));
    request
}

impl Surface {
    /// Room for the largest call of a provider: WhatsApp's may have 3 MB.
    ///
    /// Source: <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks>.
    fn provider_limits(&self) -> BodyLimits {
        BodyLimits {
            max_bytes: self.body.max_bytes.max(MAX_PROVIDER_CALL),
            ..self.body
        }
    }

    /// Room for so many bytes as Base64, and for what stands around them.
    const fn encoded_limits(&self, bytes: usize) -> BodyLimits {
        let encoded = bytes.div_ceil(3).saturating_mul(4);
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
