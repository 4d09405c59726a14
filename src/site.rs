//! The page at `/`: a chat over `/ws`, for a first look; everything else here is not found.

use std::sync::Arc;

use futures_util::FutureExt;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::json;

use crate::http::{Handler, Request, Response, full};

/// One thing the page is made of: its path, its content type, its content.
type Piece = (&'static str, &'static str, &'static str);

/// A module of the page's script, served at the path it has below `site/`, so that its imports need no translation.
macro_rules! script {
    ($path:literal) => {
        (
            $path,
            "text/javascript; charset=utf-8",
            include_str!(concat!("site", $path)),
        )
    };
}

/// The page, whole, without anything from elsewhere.
const PIECES: &[Piece] = &[
    ("/", "text/html; charset=utf-8", include_str!("site/index.html")),
    (
        "/chat.css",
        "text/css; charset=utf-8",
        include_str!("site/chat.css"),
    ),
    script!("/chat/main.js"),
    script!("/chat/visitor.js"),
    script!("/chat/visitor/kept.js"),
    script!("/chat/visitor/rating.js"),
    script!("/chat/desk.js"),
    script!("/chat/desk/analysis.js"),
    script!("/chat/desk/case.js"),
    script!("/chat/desk/lists.js"),
    script!("/chat/desk/sign_in.js"),
    script!("/chat/conversation.js"),
    script!("/chat/conversation/composer.js"),
    script!("/chat/conversation/log.js"),
    script!("/chat/conversation/outbox.js"),
    script!("/chat/conversation/requests.js"),
    script!("/chat/conversation/typing.js"),
    script!("/chat/connection.js"),
    script!("/chat/dom.js"),
    script!("/chat/http.js"),
    script!("/chat/id.js"),
    script!("/chat/words.js"),
];

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
    let Some(&(_, kind, content)) = PIECES.iter().find(|(at, ..)| *at == path) else {
        return refused(StatusCode::NOT_FOUND, "Resource not found");
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
