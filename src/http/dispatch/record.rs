//! What is written down about a request: a line of log, a count by family and status class, its time.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode, Uri};
use metrics::{Counter, Histogram};
use switchboard_domain::id::RequestId;

use crate::http::Request;

/// The status classes that are counted apart.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Digits of a secret in a path.
const SECRET: usize = 64;

/// The meters of one family, looked up once.
pub(super) struct Family {
    name: &'static str,
    requests: [Counter; 5],
    seconds: Histogram,
}

/// A request that is being answered.
pub(super) struct Seen {
    method: Method,
    uri: Uri,
    id: RequestId,
    started: Instant,
    family: Arc<Family>,
}

impl Family {
    pub(super) fn new(name: &'static str) -> Self {
        let count = |class| metrics::counter!("http_requests_total", "family" => name, "status" => class);
        let seconds = metrics::histogram!("http_request_seconds", "family" => name);
        Self {
            name,
            requests: CLASSES.map(count),
            seconds,
        }
    }
}

impl Seen {
    pub(super) fn new(request: &Request, id: RequestId, started: Instant, family: Arc<Family>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            id,
            started,
            family,
        }
    }

    /// Writes it down; server errors at `warn`, so that they are seen where the access log is off.
    pub(super) fn answered(&self, status: StatusCode) {
        let taken = self.started.elapsed();
        if let Some(counter) = self
            .family
            .requests
            .get(usize::from(status.as_u16() / 100).saturating_sub(1))
        {
            counter.increment(1);
        }
        self.family.seconds.record(taken);
        if status.is_server_error() {
            self.warn(status, taken);
        } else {
            self.tell(status, taken);
        }
    }

    fn warn(&self, status: StatusCode, taken: Duration) {
        let (method, path, status, micros) = (
            self.method.as_str(),
            shown(self.uri.path()),
            status.as_u16(),
            taken.as_micros(),
        );
        let (request, family) = (self.id, self.family.name);
        tracing::warn!(target: "access", method, path = path.as_ref(), status, micros, %request, family, "answered");
    }

    fn tell(&self, status: StatusCode, taken: Duration) {
        let (method, path, status, micros) = (
            self.method.as_str(),
            shown(self.uri.path()),
            status.as_u16(),
            taken.as_micros(),
        );
        let (request, family) = (self.id, self.family.name);
        tracing::info!(target: "access", method, path = path.as_ref(), status, micros, %request, family, "answered");
    }
}

/// The path without the secrets in it: providers that sign nothing are given addresses with a token of hexadecimal digits.
fn shown(path: &str) -> Cow<'_, str> {
    let is_secret = |part: &str| part.len() >= SECRET && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if path.len() < SECRET || !path.split('/').any(is_secret) {
        return Cow::Borrowed(path);
    }
    let parts = path
        .split('/')
        .map(|part| if is_secret(part) { "(hidden)" } else { part });
    Cow::Owned(parts.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_path_is_not_written_down() {
        let secret = "0123456789abcdef".repeat(4);
        assert_eq!(
            shown(&format!("/api/channels/sms/incoming/{secret}")),
            "/api/channels/sms/incoming/(hidden)"
        );
        assert_eq!(shown("/api/faq/faq_01"), "/api/faq/faq_01");
    }
}
