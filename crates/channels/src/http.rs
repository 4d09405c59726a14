//! One request to a provider: bounded in time and size, and an exact account of what a failure leaves open.
//!
//! Used by the WhatsApp and SMS clients. Invariant: [`Lost::Unreached`] means that not one byte of the request was
//! taken; whatever else goes wrong on the way may have been acted on.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use switchboard_domain::retry_after;

/// Bytes of an answer that is read; real ones have a few hundred.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What a provider answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The wait that `Retry-After` asks for.
    pub(crate) after: Option<Duration>,
    /// JSON, or null where it is anything else.
    pub(crate) body: Value,
}

/// There is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// No connection came about: name, address or TLS.
    Unreached,
    /// The request went out, and nothing that can be read came back in time.
    Unanswered,
    /// The request cannot be written: an address that is none.
    Unwritable,
}

impl Lost {
    /// In words, for staff.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Unreached => "the provider cannot be reached",
            Self::Unanswered => "the provider took the request and gave no answer that can be read",
            Self::Unwritable => "the provider's address in the configuration is not one",
        }
    }
}

/// Sends and reads the answer.
pub(crate) async fn exchange(request: RequestBuilder, patience: Duration) -> Result<Answer, Lost> {
    let response = request
        .timeout(patience)
        .send()
        .await
        .map_err(|error| lost(&error))?;
    let (status, after) = (response.status(), retry_after(response.headers()));
    let bytes = read(response, LONGEST_ANSWER).await.ok_or(Lost::Unanswered)?;
    Ok(Answer {
        status,
        after,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    })
}

/// The whole body; `None` where it breaks off or is longer than `limit`.
pub(crate) async fn read(mut response: Response, limit: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > limit {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

/// What a failed request leaves open.
pub(crate) fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() {
        Lost::Unreached
    } else if error.is_builder() {
        Lost::Unwritable
    } else {
        Lost::Unanswered
    }
}

/// The wait that the provider asks for, at most a day.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let word = |name| headers.get(name)?.to_str().ok();
    retry_after::retry_after(word(RETRY_AFTER)?, word(DATE))
}
