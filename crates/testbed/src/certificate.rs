//! A certificate for `localhost` that servers of the tests show, made anew for each of them.
//!
//! Used by the mail servers. Invariant: trusted by nobody who was not given it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where certificate and key lie.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes one in a folder, with the program `openssl`.
    ///
    /// # Errors
    /// When the program is missing or fails.
    pub fn make(folder: &Path) -> io::Result<Self> {
        let made = Self {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        let output = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ])
            .args([
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&made.key)
            .arg("-out")
            .arg(&made.certificate)
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        Ok(made)
    }

    /// The certificate's text, to be trusted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pem(&self) -> io::Result<Vec<u8>> {
        std::fs::read(&self.certificate)
    }
}
