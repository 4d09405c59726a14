//! The id every answer carries: in its `X-Request-Id`, in its error body, in the log.
//!
//! `dispatch` makes one for each request; a value that the caller sent is never taken over.

use std::sync::Arc;

use hyper::header::{HeaderName, HeaderValue};
use switchboard_domain::id::RequestId;
use switchboard_domain::ports::clock::{Clock, Random};

/// The header that names the request.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes request ids from the hub's clock and randomness.
#[derive(Debug, Clone)]
pub struct RequestIds {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl RequestIds {
    /// Ids whose time and random bits come from these two.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// A new id.
    pub fn next(&self) -> RequestId {
        RequestId::generate(self.clock.now(), self.random.as_ref())
    }
}

/// The id of this request; `None` only where no [`Dispatch`](super::dispatch::Dispatch) stands in front.
pub fn of(extensions: &hyper::http::Extensions) -> Option<RequestId> {
    extensions.get::<RequestId>().copied()
}

/// The header's value for an id.
pub fn header_value(id: RequestId) -> Option<HeaderValue> {
    HeaderValue::try_from(id.to_string()).ok()
}
