//! The port to the public keys of external issuers of tokens: documents that lie at an address (RFC 7517).

use std::fmt;

use super::BoxFuture;

/// Why an issuer's document could not be had; the text is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct KeyDocumentError(pub String);

/// Where issuers' key documents come from.
pub trait KeyDocuments: Send + Sync + fmt::Debug {
    /// The document at this address, as it came; bounded in size and time.
    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Vec<u8>, KeyDocumentError>>;
}
