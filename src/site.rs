//! The page at `/`: a chat over `/ws`, for a first look; everything else here is not found.

use std::sync::Arc;

use futures_util::FutureExt;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::json;

use crate::http::{Handler, Request, Response, full};

/// The page, in one file, without anything from elsewhere.
const PAGE: &str = include_str!("site/index.html");
const SCRIPT: &str = include_str!("site/chat.js");
const STYLE: &str = include_str!("site/chat.css");
/// Only our own script and style run; only our own sockets are opened.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

/// Answers every path that belongs to no family.
pub fn home() -> Arc<dyn Handler> {
    Arc::new(|request: Request| std::future::ready(answer(request.method(), request.uri().path())).boxed())
}

fn answer(method: &Method, path: &str) -> Response {
    let (kind, content) = match path {
        "/" => ("text/html; charset=utf-8", PAGE),
        "/chat.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/chat.css" => ("text/css; charset=utf-8", STYLE),
        _ => return refused(StatusCode::NOT_FOUND, "Resource not found"),
    };
    if method != Method::GET && method != Method::HEAD {
        let mut answer = refused(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let mut answer = Response::new(full(content));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
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
