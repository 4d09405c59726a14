//! Requests of our own to the outside: the client for what the operator has configured, and who fetches issuers' key
//! documents with it. What others name is called by [`outward`] alone.
//!
//! Built by `startup` where something is configured that needs it. Cryptography is ring's, certificates are checked by
//! the platform's own roots. Invariant: it follows no redirects, so no answer can send it elsewhere.

pub mod address;
pub mod outward;

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::keys::{KeyDocumentError, KeyDocuments};

/// Time a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Time a key document may take, from the request to its last byte.
const DOCUMENT: Duration = Duration::from_secs(10);
/// Bytes of a key document.
const MAX_DOCUMENT: usize = 256 * 1024;

/// The client for configured addresses; whoever asks says how long an answer may take.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client() -> Result<Client, reqwest::Error> {
    builder().build()
}

fn builder() -> ClientBuilder {
    // Whoever comes second finds it done.
    drop(rustls::crypto::ring::default_provider().install_default());
    let agent = concat!("switchboard/", env!("CARGO_PKG_VERSION"));
    Client::builder()
        .user_agent(agent)
        .connect_timeout(CONNECT)
        .redirect(Policy::none())
}

/// Fetches issuers' key documents; without a client it says why there is none.
#[derive(Debug)]
pub struct KeyFetcher {
    client: Result<Client, String>,
}

impl KeyFetcher {
    /// With this client, or for want of one.
    pub fn new(client: Result<Client, String>) -> Self {
        Self { client }
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let asked = client.get(url).timeout(DOCUMENT).send().await;
        let answer = asked.map_err(|error| error.to_string())?;
        if answer.status().as_u16() != 200 {
            return Err(format!("it answered {}", answer.status()));
        }
        bounded(answer).await
    }
}

impl KeyDocuments for KeyFetcher {
    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Vec<u8>, KeyDocumentError>> {
        Box::pin(async move { self.get(url).await.map_err(KeyDocumentError) })
    }
}

async fn bounded(answer: Response) -> Result<Vec<u8>, String> {
    let mut document = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        document.extend_from_slice(&piece.map_err(|error| error.to_string())?);
        if document.len() > MAX_DOCUMENT {
            return Err(format!("it has more than {MAX_DOCUMENT} bytes"));
        }
    }
    Ok(document)
}
