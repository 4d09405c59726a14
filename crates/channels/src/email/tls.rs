//! How a connection to a mail server is protected (RFC 8314), for reading and for sending.
//!
//! Given by the configuration. Invariant: a certificate that is not trusted ends the connection; there is no way to
//! accept any other than to name it.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Clear text, for a server on the same machine.
    None,
    /// Begins in clear text and must change to TLS before anything is said.
    StartTls,
    /// TLS from the first byte.
    #[default]
    Tls,
}

impl Security {
    /// Reads the configuration's word: `none`, `starttls` or `tls`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "starttls" => Some(Self::StartTls),
            "tls" => Some(Self::Tls),
            _ => None,
        }
    }
}

/// Where a mail server is and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or address; TLS checks the certificate for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection of the connection.
    pub security: Security,
    /// Certificates (PEM, one or more) to trust besides those of this machine.
    pub trusted: Option<Vec<u8>>,
}

/// The certificates of a PEM file, at least one.
///
/// # Errors
/// What is wrong with it.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| format!("trusted certificate: {error}"))?;
    if found.is_empty() {
        return Err("trusted certificate: there is none in the file".to_owned());
    }
    Ok(found)
}

/// The client's side of TLS: this machine's certificates, and those that were named.
pub(super) fn client(trusted: Option<&[u8]>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = trusted {
        for certificate in certificates(pem)? {
            let added = roots.add(certificate);
            added.map_err(|error| format!("trusted certificate: {error}"))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}
