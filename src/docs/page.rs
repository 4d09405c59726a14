//! The pages and what they are made of, from files in this program.

use bytes::Bytes;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
};
use hyper::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

use crate::http::{Response, full};

/// `ReDoc`'s script, as compressed by gzip.
const REDOC: &[u8] = include_bytes!("redoc/redoc.standalone.js.gz");
const HTML: &str = "text/html; charset=utf-8";

/// Our own scripts and the document, nothing else. Both pages write styles while they run; `ReDoc` searches in a worker
/// that it makes of a blob.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
     img-src 'self' data:; font-src 'self' data:; worker-src blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'",
);

/// One file.
pub(super) struct Page {
    kind: String,
    bytes: Bytes,
    gzip: bool,
}

impl Page {
    fn of(kind: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: kind.into(),
            bytes: bytes.into(),
            gzip: false,
        }
    }
}

/// The document.
pub(super) fn json(document: Bytes) -> Page {
    Page::of("application/json", document)
}

/// Swagger UI's file of this path.
pub(super) fn swagger(path: &str) -> Option<Page> {
    let file = path.strip_prefix("/docs")?.trim_start_matches('/');
    if file.is_empty() {
        return Some(Page::of(HTML, include_str!("swagger/index.html")));
    }
    let config = Config::from("/openapi.json")
        .use_base_layout()
        .doc_expansion("none")
        .display_request_duration(true)
        .persist_authorization(false)
        // Anything else asks a service on the Internet what it thinks of the document.
        .validator_url("none");
    let found = utoipa_swagger_ui::serve(file, Arc::new(config)).ok()??;
    Some(Page::of(found.content_type, found.bytes.into_owned()))
}

/// `ReDoc`'s file of this path.
pub(super) fn redoc(path: &str) -> Option<Page> {
    match path.strip_prefix("/redoc")?.trim_start_matches('/') {
        "" => Some(Page::of(HTML, include_str!("redoc/index.html"))),
        "page.css" => Some(Page::of(
            "text/css; charset=utf-8",
            include_str!("redoc/page.css"),
        )),
        "redoc.standalone.js" => Some(Page {
            gzip: true,
            ..Page::of("text/javascript; charset=utf-8", REDOC)
        }),
        _ => None,
    }
}

/// The answer that brings a page, or says why there is none.
pub(super) fn answer(method: &Method, page: Option<Page>) -> Response {
    let Some(page) = page else {
        return refused(StatusCode::NOT_FOUND, "Resource not found");
    };
    if method != Method::GET && method != Method::HEAD {
        let mut answer = refused(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let mut answer = Response::new(full(page.bytes));
    let headers = answer.headers_mut();
    // The types of our own files are visible ASCII.
    let kind =
        HeaderValue::try_from(page.kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    if page.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn refused(status: StatusCode, why: &str) -> Response {
    let mut answer = Response::new(full(json!({"detail": why}).to_string()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
