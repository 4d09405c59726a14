//! `[email]`: a mailbox read by IMAP, mail sent by SMTP.

use std::time::Duration;

use serde::Deserialize;

use crate::config::values::{Secret, seconds, secret};

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
    /// Encryption to the mailbox.
    pub imap_tls: Encryption,
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
    /// Encryption to that host.
    pub smtp_tls: Encryption,
    /// Automatic mails to one correspondent in an hour.
    pub automatic_per_hour: u32,
}
