//! A certificate for `localhost` that servers of the tests show, with an authority of its own, made anew for each of them.
//!
//! Used by the mail servers. Invariant: trusted by nobody who was not given the authority.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where certificate, key and authority lie.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// The certificate of who has signed it, PEM.
    pub authority: PathBuf,
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
            authority: folder.join("authority.pem"),
        };
        let authority_key = folder.join("authority-key.pem");
        let mut authority = request("/CN=tests", &["basicConstraints=critical,CA:TRUE"]);
        authority.arg("-keyout").arg(&authority_key);
        run(authority.arg("-out").arg(&made.authority))?;
        let extensions = [
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "basicConstraints=critical,CA:FALSE",
        ];
        let mut signed = request("/CN=localhost", &extensions);
        signed
            .arg("-CA")
            .arg(&made.authority)
            .arg("-CAkey")
            .arg(&authority_key);
        signed.arg("-keyout").arg(&made.key);
        run(signed.arg("-out").arg(&made.certificate))?;
        Ok(made)
    }

    /// The authority's certificate, to be trusted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pem(&self) -> io::Result<Vec<u8>> {
        std::fs::read(&self.authority)
    }
}

fn request(subject: &str, extensions: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-subj", subject]);
    command.args([
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]);
    for extension in extensions {
        command.args(["-addext", extension]);
    }
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(told))
}
