//! Answers whose bytes somebody outside has written: raw mails, mails as HTML, files of messages.
//!
//! Called by this family's endpoints that give such bytes out. Invariant: no browser takes them for anything but what
//! the answer says, and none runs anything of them.

use bytes::Bytes;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};

use crate::http::route::Answer;

/// What is no page, wherever it is opened.
pub(super) const KEPT_APART: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// What somebody outside has written, of this type and under this policy.
pub(super) fn foreign(content: Bytes, media_type: HeaderValue, policy: HeaderValue) -> Answer {
    let mut answer = Answer::new(content);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    answer
}
