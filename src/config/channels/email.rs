//! `[email]`: a mailbox read by IMAP, mail sent by SMTP.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use crate::config::error::{Invalid, require};
use crate::config::values::{Secret, seconds, secret};

/// Folders of one mailbox, and mailboxes, that are read at most.
const FOLDERS: usize = 20;

/// How a mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// In clear text.
    None,
    /// Clear text first, then TLS.
    Starttls,
    /// TLS from the first byte.
    Tls,
}

/// The section's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// Whether the channel is on.
    pub enabled: bool,
    /// What customers write to.
    pub address: String,
    /// Host of the mailbox.
    pub imap_host: String,
    /// Port of the mailbox.
    pub imap_port: u16,
    /// User of the mailbox.
    pub imap_username: String,
    /// Password of the mailbox.
    #[serde(deserialize_with = "secret")]
    pub imap_password: Option<Secret>,
    /// File with an access token that is shown in the password's stead; empty for none.
    pub imap_token_file: String,
    /// Encryption to the mailbox.
    pub imap_tls: Encryption,
    /// Folders of the mailbox that are read.
    pub folders: Vec<String>,
    /// Further mailboxes that are read.
    pub mailboxes: Vec<FurtherMailbox>,
    /// Whether answers are asked to an address with the conversation in it (`support+…@`).
    pub plus_addresses: bool,
    /// Time between two looks into the mailbox.
    #[serde(rename = "poll_seconds", deserialize_with = "seconds")]
    pub poll: Duration,
    /// Host that sends.
    pub smtp_host: String,
    /// Port of that host.
    pub smtp_port: u16,
    /// User at that host.
    pub smtp_username: String,
    /// Password at that host.
    #[serde(deserialize_with = "secret")]
    pub smtp_password: Option<Secret>,
    /// File with an access token that is shown in the password's stead; empty for none.
    pub smtp_token_file: String,
    /// Encryption to that host.
    pub smtp_tls: Encryption,
    /// File of certificates to trust besides those of this machine; empty for none.
    pub certificates: String,
    /// Automatic mails to one correspondent in an hour.
    pub automatic_per_hour: u32,
}

/// Another account whose mails come in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherMailbox {
    /// Host of the mailbox.
    pub imap_host: String,
    /// Port of the mailbox.
    #[serde(default = "imap_port")]
    pub imap_port: u16,
    /// User of the mailbox.
    pub imap_username: String,
    /// Password of the mailbox.
    #[serde(default, deserialize_with = "secret")]
    pub imap_password: Option<Secret>,
    /// File with an access token that is shown in the password's stead; empty for none.
    #[serde(default)]
    pub imap_token_file: String,
    /// Encryption to the mailbox.
    #[serde(default = "imap_tls")]
    pub imap_tls: Encryption,
    /// Folders of the mailbox that are read.
    #[serde(default = "inbox")]
    pub folders: Vec<String>,
}

fn imap_port() -> u16 {
    993
}

fn imap_tls() -> Encryption {
    Encryption::Tls
}

fn inbox() -> Vec<String> {
    vec!["INBOX".to_owned()]
}

impl Email {
    /// Nothing is asked of a channel that is off.
    pub(in crate::config) fn validate(&self) -> Result<(), Invalid> {
        if !self.enabled {
            return Ok(());
        }
        require(is_address(&self.address), "address", "an email address")?;
        require(is_host(&self.imap_host), "imap_host", "the name of a host")?;
        require(is_host(&self.smtp_host), "smtp_host", "the name of a host")?;
        require(self.imap_port > 0, "imap_port", "a whole number above zero")?;
        require(self.smtp_port > 0, "smtp_port", "a whole number above zero")?;
        self.validate_login()?;
        let seconds = self.poll.as_secs();
        require(
            (1..=1_500).contains(&seconds),
            "poll_seconds",
            "a whole number from 1 to 1500",
        )?;
        require(
            are_folders(&self.folders),
            "folders",
            "one to twenty names of folders, each once",
        )?;
        let whole = |mailbox: &FurtherMailbox| {
            let is_named = is_host(&mailbox.imap_host) && !mailbox.imap_username.is_empty();
            let shows_one = mailbox.imap_token_file.is_empty() || mailbox.imap_password.is_none();
            is_named && shows_one && mailbox.imap_port > 0 && are_folders(&mailbox.folders)
        };
        require(
            self.mailboxes.len() <= FOLDERS && self.mailboxes.iter().all(whole),
            "mailboxes",
            "at most twenty, each with an imap_host, an imap_username, a password or a token file, and folders that have \
             names",
        )
    }
}

impl Email {
    fn validate_login(&self) -> Result<(), Invalid> {
        let one = "a file, or else a password: not both";
        let imap = self.imap_token_file.is_empty() || self.imap_password.is_none();
        require(imap, "imap_token_file", one)?;
        let smtp = self.smtp_token_file.is_empty() || self.smtp_password.is_none();
        require(smtp, "smtp_token_file", one)?;
        require(
            self.smtp_token_file.is_empty() || !self.smtp_username.is_empty(),
            "smtp_username",
            "the user whose token is in email.smtp_token_file",
        )?;
        require(
            self.certificates.is_empty() || has_certificates(&self.certificates),
            "certificates",
            "a file with certificates in PEM form",
        )
    }
}

fn has_certificates(path: &str) -> bool {
    let pem = std::fs::read(path).unwrap_or_default();
    let mut found = CertificateDer::pem_slice_iter(&pem).peekable();
    found.peek().is_some() && found.all(|certificate| certificate.is_ok())
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let has_both = parts.is_some_and(|(local, domain)| !local.is_empty() && is_host(domain));
    has_both && !text.contains(char::is_whitespace)
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '/' || c == '@')
}

fn are_folders(names: &[String]) -> bool {
    let once: std::collections::HashSet<_> = names.iter().collect();
    let is_name = |name: &String| !name.trim().is_empty() && !name.contains(char::is_control);
    (1..=FOLDERS).contains(&names.len()) && once.len() == names.len() && names.iter().all(is_name)
}
