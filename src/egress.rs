//! The one HTTP client for requests of our own to the outside; called once, at the start.
//!
//! Cryptography is ring's, certificates are checked by the platform's own roots; redirects are never followed.

use std::time::Duration;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// The client.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Whoever comes second finds it done.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}
