//! The port by which notices reach the organizations' own systems: one request, and how it was answered.
//!
//! The outbox calls it after the notice's own commit, never inside it. Invariant: an implementation calls no address that
//! it has not looked at, follows no redirect and ends in time by itself.

use std::fmt;
use std::time::Duration;

use super::BoxFuture;

/// A notice as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Where it goes.
    pub url: String,
    /// Headers, beside those of every request; lower case.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, byte for byte.
    pub body: String,
}

/// How it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Not before this time has gone by, if it was asked for.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The address is none that may be called.
    #[error("{0}")]
    Refused(String),
    /// Nobody is there, or nobody answered in time or in HTTP.
    #[error("{0}")]
    Failed(String),
}

/// The way out.
pub trait Poster: Send + Sync + fmt::Debug {
    /// Sends one notice.
    fn post(&self, post: Post) -> BoxFuture<'_, Result<Answered, PostError>>;

    /// Whether a URL names something that may never be called, as far as can be told without asking anybody; an error
    /// says what was expected.
    fn check(&self, url: &str) -> Result<(), String>;
}
