//! A real SMTP server that keeps what it takes, and one that fails at any step it is told to: Debian's aiosmtpd.
//!
//! Started by the tests of the email channel. Of Debian's daemons this is the one that runs without root, without an
//! account or a configuration of the system's, and that starts nothing when it is installed; exim4 and opensmtpd do not.
//! Invariant: a mail is in its folder before the server has said that it took it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::program::{Process, leave_out};

/// Who may log in, where somebody has to.
pub const USER: &str = "support@shop.example";
/// That account's password.
pub const PASSWORD: &str = "smtp-secret";

/// How a server is to behave; by default as it should, in clear text, for everybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Behaviour<'a> {
    /// Stages at which it fails, and how: `("rcpt", "550 5.1.1 unknown")`, `("end", "close")`, `("data", "hang")`.
    /// The stages are `connect`, `ehlo`, `auth`, `mail`, `rcpt`, `data` and `end`.
    pub faults: &'a [(&'a str, &'a str)],
    /// `starttls` or `tls`; clear text when empty.
    pub tls: &'a str,
    /// Asks for [`USER`] and [`PASSWORD`].
    pub has_login: bool,
    /// Asks for [`USER`] and this access token (XOAUTH2); for none when empty.
    pub token: &'a str,
    /// Takes no addresses beyond ASCII.
    pub is_ascii_only: bool,
}

/// A running server.
#[derive(Debug)]
pub struct Daemon {
    // Dropped before the folder it works in.
    process: Process,
    folder: TempDir,
    certificate: Certificate,
    port: u16,
}

impl Daemon {
    /// Starts one that behaves; `None` when this machine lacks aiosmtpd and tests may be left out.
    ///
    /// # Errors
    /// When it is there and does not start.
    pub fn start() -> io::Result<Option<Self>> {
        Self::behaving(Behaviour::default())
    }

    /// Starts one that behaves so.
    ///
    /// # Errors
    /// When it is there and does not start.
    pub fn behaving(behaviour: Behaviour<'_>) -> io::Result<Option<Self>> {
        let Some(python) = interpreter() else {
            return leave_out("aiosmtpd (Debian: python3-aiosmtpd)");
        };
        let folder = TempDir::new()?;
        let certificate = Certificate::make(folder.path())?;
        let kept = folder.path().join("kept");
        fs::create_dir(&kept)?;
        let script = folder.path().join("server.py");
        fs::write(&script, include_str!("smtp/server.py"))?;
        let mut command = Command::new(python);
        command
            .args(["-W", "ignore"])
            .arg(script)
            .arg(kept)
            .args(arguments(&behaviour))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("log"))?);
        command
            .arg("--certificate")
            .arg(&certificate.certificate)
            .arg("--key")
            .arg(&certificate.key);
        let mut process = Process::start(command)?;
        let log = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        let port = port(&mut process)?.ok_or_else(|| io::Error::other(log()))?;
        Ok(Some(Self {
            process,
            folder,
            certificate,
            port,
        }))
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate it shows, for `localhost`.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The mails it took, in order; `X-Envelope-From` and `X-Envelope-To` were put in front of each.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn mails(&self) -> io::Result<Vec<Vec<u8>>> {
        let entries = fs::read_dir(self.folder.path().join("kept"))?;
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        paths.retain(|path| path.extension().is_none());
        paths.sort();
        paths.iter().map(fs::read).collect()
    }

    /// Ends it.
    pub fn stop(mut self) {
        self.process.stop();
    }
}

/// A Python that has aiosmtpd: Debian's own one knows Debian's packages.
fn interpreter() -> Option<&'static str> {
    let has = |python: &&str| {
        let look = Command::new(python)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        look.is_ok_and(|status| status.success())
    };
    ["/usr/bin/python3", "python3"].into_iter().find(has)
}

fn arguments(behaviour: &Behaviour<'_>) -> Vec<String> {
    let faults = behaviour
        .faults
        .iter()
        .map(|(stage, what)| format!("--fault={stage}={what}"));
    let mut arguments: Vec<String> = faults.collect();
    if !behaviour.tls.is_empty() {
        arguments.push(format!("--tls={}", behaviour.tls));
    }
    if behaviour.has_login {
        arguments.extend([format!("--user={USER}"), format!("--password={PASSWORD}")]);
    }
    if !behaviour.token.is_empty() {
        arguments.extend([format!("--user={USER}"), format!("--token={}", behaviour.token)]);
    }
    if behaviour.is_ascii_only {
        arguments.push("--ascii-only".to_owned());
    }
    arguments
}

/// Reads the port that the server prints once it listens; `None` when it ends instead.
fn port(process: &mut Process) -> io::Result<Option<u16>> {
    let output = process.child().stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim().parse().ok())
}
