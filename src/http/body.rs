//! Reading a request's body: never more than the limit, never longer than the time-out, never compressed.
//!
//! Families take [`raw`] into their routes and turn a [`BodyError`] into their own form; nothing here rejects, so that
//! warp does not try the next route with a body that is gone.

mod json;

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use warp::{Filter, Rejection};

pub use self::json::{FieldError, Place, parse_json};

/// How large a body may be and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes a body may have.
    pub max_bytes: usize,
    /// Time from the first to the last byte.
    pub timeout: Duration,
}

/// Why a body was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It has more bytes than allowed.
    #[error("The body is too large: at most {limit} bytes are allowed")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// Its content type is another one.
    #[error("The content type must be {expected}")]
    WrongType {
        /// The content type that was expected.
        expected: &'static str,
    },
    /// It is compressed.
    #[error("Compressed bodies are not accepted: send it without Content-Encoding")]
    Encoded,
    /// It did not come within the time allowed.
    #[error("The body did not arrive in time")]
    TooSlow,
    /// The connection ended in the middle of it.
    #[error("The body could not be read to its end")]
    Broken,
    /// It is not JSON, or nested too deeply.
    #[error("{0}")]
    NotJson(String),
    /// It is JSON, and one field is not as expected.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// A body that was read, with what its headers say of it.
#[derive(Debug, Clone)]
pub struct RawBody {
    /// The bytes, as they came.
    pub bytes: Bytes,
    /// The `Content-Type`, as it came.
    pub content_type: Option<String>,
}

impl BodyError {
    /// The status that tells it: 400, 408, 413 or 415.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType { .. } | Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::NotJson(_) | Self::Field(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl RawBody {
    /// No body.
    pub const fn empty() -> Self {
        Self {
            bytes: Bytes::new(),
            content_type: None,
        }
    }

    /// These bytes, with what the request's headers say of them.
    pub fn new(bytes: Bytes, headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE);
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            bytes,
            content_type: content_type.map(text),
        }
    }

    /// Reads the body as JSON; a body without content type is taken for JSON, any other type is refused.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, BodyError> {
        if !self.content_type.as_deref().is_none_or(is_json) {
            return Err(BodyError::WrongType {
                expected: "application/json",
            });
        }
        parse_json(&self.bytes)
    }
}

/// Whether a content type is JSON: `application/json` or `application/…+json`, with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A filter that reads the body within these limits. It takes the body, so it stands last in a route.
pub fn raw(
    limits: BodyLimits,
) -> impl Filter<Extract = (Result<RawBody, BodyError>,), Error = Rejection> + Clone {
    warp::header::headers_cloned().and(warp::body::stream()).then(
        move |headers: HeaderMap, stream| async move {
            let bytes = read(&headers, std::pin::pin!(stream), limits).await?;
            Ok(RawBody::new(bytes, &headers))
        },
    )
}

/// Reads a stream of pieces within these limits; the headers may already say that it is not to be read.
pub async fn read<S, B, E>(headers: &HeaderMap, stream: S, limits: BodyLimits) -> Result<Bytes, BodyError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: Buf,
{
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity")
    {
        return Err(BodyError::Encoded);
    }
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.max_bytes) {
        return Err(BodyError::TooLarge {
            limit: limits.max_bytes,
        });
    }
    let reading = collect(stream, announced.unwrap_or(0), limits.max_bytes);
    tokio::time::timeout(limits.timeout, reading)
        .await
        .unwrap_or(Err(BodyError::TooSlow))
}

/// Joins the pieces; what is announced is only believed up to 64 KiB before it comes.
async fn collect<S, B, E>(mut stream: S, announced: usize, limit: usize) -> Result<Bytes, BodyError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: Buf,
{
    let mut bytes = BytesMut::with_capacity(announced.min(64 * 1024));
    while let Some(piece) = stream.next().await {
        let mut piece = piece.map_err(|_| BodyError::Broken)?;
        if bytes.len().saturating_add(piece.remaining()) > limit {
            return Err(BodyError::TooLarge { limit });
        }
        while piece.has_remaining() {
            let length = piece.chunk().len();
            bytes.extend_from_slice(piece.chunk());
            piece.advance(length);
        }
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests;
