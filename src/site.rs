//! The page at `/`: a chat over `/ws`, for a first look; everything else here is not found.

use std::sync::Arc;

use futures_util::FutureExt;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
};
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

/// The empty document that a mail is shown in, and the same for a mail whose images from afar an agent has asked for.
const MAIL: Piece = (
    "/chat/mail.html",
    "text/html; charset=utf-8",
    include_str!("site/chat/mail.html"),
);
const MAIL_WITH_IMAGES: Piece = ("/chat/mail-with-images.html", MAIL.1, MAIL.2);

/// The page, whole, without anything from elsewhere.
const PIECES: &[Piece] = &[
    ("/", "text/html; charset=utf-8", include_str!("site/index.html")),
    (
        "/chat.css",
        "text/css; charset=utf-8",
        include_str!("site/chat.css"),
    ),
    MAIL,
    MAIL_WITH_IMAGES,
    script!("/chat/main.js"),
    script!("/chat/visitor.js"),
    script!("/chat/visitor/kept.js"),
    script!("/chat/visitor/rating.js"),
    script!("/chat/desk.js"),
    script!("/chat/desk/analysis.js"),
    script!("/chat/desk/begun.js"),
    script!("/chat/desk/board_row.js"),
    script!("/chat/desk/boards.js"),
    script!("/chat/desk/case.js"),
    script!("/chat/desk/channels.js"),
    script!("/chat/desk/enclosures.js"),
    script!("/chat/desk/files.js"),
    script!("/chat/desk/letter.js"),
    script!("/chat/desk/letter_frame.js"),
    script!("/chat/desk/lists.js"),
    script!("/chat/desk/open_sessions.js"),
    script!("/chat/desk/quarantine.js"),
    script!("/chat/desk/quotes.js"),
    script!("/chat/desk/sending.js"),
    script!("/chat/desk/sign_in.js"),
    script!("/chat/desk/soon.js"),
    script!("/chat/desk/way.js"),
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

/// Only our own script and style run; only our own sockets are opened. What is looser, and why:
/// - `img-src data:` for the icon in the page's head; `blob:` for images that customers sent: they are fetched with the
///   agent's token, which an address in an `img` cannot carry;
/// - `media-src blob:` for voice messages, for the same reason;
/// - `frame-src 'self'` for the two documents that mails are shown in, which have policies of their own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
     media-src blob:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

/// For the document of a mail, whose words the console puts in: nothing runs, no form is sent, nothing is loaded.
/// Looser than nothing at all, and why:
/// - `img-src data:` for images that came with the mail;
/// - `style-src 'unsafe-inline'` for mails' own style attributes, of which the hub lets through what can neither load
///   anything nor leave its place;
/// - `allow-same-origin` for the console alone, to put the words in and measure them: without `allow-scripts` nothing
///   in there can make use of it;
/// - `allow-popups` so that links open in a tab of their own, which `escape-sandbox` has work as any other.
const MAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
);

/// The same where an agent has asked for the images: from anywhere, and nothing but images.
const MAIL_WITH_IMAGES_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
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
    headers.insert(CONTENT_SECURITY_POLICY, policy(path));
    // Whoever keeps an image that a mail asks for, or a page that it links to, is not told where it was read.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    answer
}

fn policy(path: &str) -> HeaderValue {
    match path {
        _ if path == MAIL.0 => MAIL_POLICY,
        _ if path == MAIL_WITH_IMAGES.0 => MAIL_WITH_IMAGES_POLICY,
        _ => POLICY,
    }
}

fn refused(status: StatusCode, why: &str) -> Response {
    let mut answer = Response::new(full(json!({"detail": why}).to_string()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
