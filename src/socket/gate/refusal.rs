//! A connection that is refused before the upgrade: an HTTP answer, whose body each family writes in its own form.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use switchboard_actors::error::HubError;
use switchboard_domain::id::RequestId;

use crate::http::failure::Failure;
use crate::http::{Request, Response, full, request_id};
use crate::socket::upgrade::UpgradeError;

/// How a family tells a failure: the status and the body.
pub type Form = fn(&Failure, Option<RequestId>) -> (StatusCode, Value);

/// Why a connection is refused.
#[derive(Debug)]
pub enum Cause {
    /// The caller may not, or its address is wrong.
    Failure(Failure),
    /// It does not ask for an upgrade that is possible.
    Upgrade(UpgradeError),
}

/// A refused connection.
#[derive(Debug)]
pub struct Refusal {
    cause: Cause,
    request: Option<RequestId>,
}

impl Refusal {
    /// This request, refused for this.
    pub fn of(request: &Request, cause: impl Into<Cause>) -> Self {
        Self {
            cause: cause.into(),
            request: request_id::of(request.extensions()),
        }
    }

    /// The answer, in this form.
    pub fn answer(self, form: Form) -> Response {
        let (status, body) = match &self.cause {
            Cause::Failure(failure) => form(failure, self.request),
            Cause::Upgrade(error) => (error.status(), form(&told(*error), self.request).1),
        };
        if let Cause::Failure(failure) = &self.cause
            && let Some(inner) = failure.inner()
        {
            tracing::error!(inner, request = ?self.request, "a socket could not be opened");
        }
        self.write(status, &body)
    }

    fn write(&self, status: StatusCode, body: &Value) -> Response {
        let mut answer = Response::new(full(Bytes::from(body.to_string())));
        *answer.status_mut() = status;
        let headers: &mut HeaderMap = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match &self.cause {
            Cause::Failure(failure) => failure.write_headers(headers),
            Cause::Upgrade(error) => error.write_to(headers),
        }
        answer
    }
}

/// The caller's mistake, in words that every form has a place for.
fn told(error: UpgradeError) -> Failure {
    Failure::Hub(HubError::Conflict(error.to_string()))
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<HubError> for Cause {
    fn from(error: HubError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<UpgradeError> for Cause {
    fn from(error: UpgradeError) -> Self {
        Self::Upgrade(error)
    }
}
