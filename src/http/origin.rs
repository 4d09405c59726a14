//! Which web pages may call: an exact check of `Origin`, and the cross-origin headers that follow from it.
//!
//! `dispatch` adds the headers to every answer; a socket's upgrade asks [`OriginPolicy::allows`]. A request without an
//! `Origin` does not come from a page of another site, and is allowed.

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use super::{Response, full};

/// Headers that a page may read from an answer of ours.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Request-Id, X-Total-Count, X-Page-Size, X-Page, X-Total-Pages, X-RateLimit-Limit, X-RateLimit-Remaining, \
     X-RateLimit-Reset, Retry-After, Idempotent-Replayed, X-Mail-Form",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const DEFAULT_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, X-API-Key, Idempotency-Key");
/// Seconds a browser may remember a preflight's answer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The allowed origins.
#[derive(Debug, Clone, Default)]
pub struct OriginPolicy {
    any: bool,
    allowed: Vec<String>,
}

/// What to say about the origin of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Cors {
    allowed: Option<HeaderValue>,
    preflight: Option<HeaderValue>,
}

impl OriginPolicy {
    /// These origins (`https://shop.example`), compared as a whole; `"*"` means all.
    pub fn new(origins: &[String]) -> Self {
        let allowed = origins
            .iter()
            .map(|origin| origin.trim_end_matches('/').to_ascii_lowercase())
            .collect();
        Self {
            any: origins.iter().any(|origin| origin == "*"),
            allowed,
        }
    }

    /// Whether a request with these headers may go on: no origin, our own, or an allowed one.
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::ORIGIN)
            .is_none_or(|origin| self.knows(origin, headers))
    }

    fn knows(&self, origin: &HeaderValue, headers: &HeaderMap) -> bool {
        let Ok(origin) = origin.to_str().map(str::to_ascii_lowercase) else {
            return false;
        };
        self.any || is_own(&origin, headers) || self.allowed.contains(&origin)
    }

    /// What to say about this request's origin.
    pub(super) fn cors<B>(&self, request: &hyper::Request<B>) -> Cors {
        let headers = request.headers();
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Cors::default();
        };
        let allowed = self.knows(origin, headers).then(|| origin.clone());
        let asks = request.method() == Method::OPTIONS
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        Cors {
            allowed,
            preflight: asks.then(|| wanted.unwrap_or(DEFAULT_HEADERS)),
        }
    }
}

/// Whether the origin is the host that was called.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    host.is_some_and(|host| authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)))
}

impl Cors {
    /// The answer to a browser that asks beforehand; `None` when this is an ordinary request.
    pub(super) fn preflight(&self) -> Option<Response> {
        let wanted = self.preflight.as_ref()?;
        let mut answer = Response::new(full(""));
        *answer.status_mut() = StatusCode::NO_CONTENT;
        if self.allowed.is_some() {
            let headers = answer.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
        Some(answer)
    }

    /// Adds the headers that let an allowed page read the answer.
    pub(super) fn write_to(&self, headers: &mut HeaderMap) {
        let Some(origin) = &self.allowed else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(configured: &[&str], origin: &str, host: &str) -> bool {
        let entries: Vec<String> = configured.iter().map(|&entry| entry.to_owned()).collect();
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        OriginPolicy::new(&entries).allows(&headers)
    }

    #[test]
    fn an_origin_is_compared_as_a_whole() {
        let shop = &["https://shop.example"][..];
        assert!(allows(shop, "https://shop.example", "hub.example"));
        assert!(!allows(shop, "https://shop.example.evil.example", "hub.example"));
        assert!(!allows(shop, "http://shop.example", "hub.example"));
        assert!(!allows(shop, "null", "hub.example"));
        assert!(allows(&["*"], "https://anyone.example", "hub.example"));
    }

    #[test]
    fn the_hubs_own_pages_and_callers_that_are_no_pages_are_allowed() {
        assert!(allows(&[], "http://127.0.0.1:8000", "127.0.0.1:8000"));
        assert!(!allows(&[], "http://127.0.0.1:8001", "127.0.0.1:8000"));
        assert!(OriginPolicy::default().allows(&HeaderMap::new()));
    }
}
