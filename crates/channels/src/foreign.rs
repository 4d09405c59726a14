//! The way to addresses that an answer names: whoever could make a provider name one must not reach our own network by it.
//!
//! Used by the fetcher of files; implemented by the composition root with its guarded client. Invariant: an address is
//! called only with the client that was given for it.

use std::fmt;

use reqwest::{Client, Url};

/// What keeps foreign addresses apart from our own.
pub trait Guard: Send + Sync + fmt::Debug {
    /// The client for an address; it follows no redirects.
    ///
    /// # Errors
    /// Why the address is not called.
    fn client_for(&self, url: &Url) -> Result<Client, String>;

    /// Why the client did not connect, where the address that the name stands for is one of those.
    fn refusal(&self, error: &reqwest::Error) -> Option<String>;
}
