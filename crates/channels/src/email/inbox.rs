//! The mailboxes as the core sees them: its port over IMAP and everything that understands a mail.
//!
//! Made by the composition root. Invariant: a folder's name never changes while its account does not, because the core
//! keeps how far it was read under that name.

mod described;
mod reading;

use std::time::Duration;

use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::mailbox::{
    DescribedMail, Fetched, Mail, Mailbox as MailboxPort, MailboxError as PortError, Mailboxes, RawMail,
    ShownMail,
};

use super::mail::Limits;
use super::mailbox::{Bounds, Content, Mailbox, MailboxError, Settings};
use super::thread::Signer;

/// Mails fetched in one go: few, so that each is taken in soon after it was fetched.
const BOUNDS: Bounds = Bounds {
    mails: 25,
    bytes: 8 << 20,
    largest: 25 << 20,
};

/// A mailbox with the folders of it that are read.
#[derive(Debug, Clone)]
pub struct Account {
    /// The server and the login.
    pub settings: Settings,
    /// Names of folders.
    pub folders: Vec<String>,
}

/// All mailboxes of the hub.
#[derive(Debug)]
pub struct Inbox {
    accounts: Vec<Account>,
    poll: Duration,
    reader: reading::Reader,
}

impl Inbox {
    /// Over these accounts. `own` are the addresses that the hub reads, `signer` knows its own mails.
    pub fn new(accounts: Vec<Account>, poll: Duration, own: Vec<String>, signer: Signer) -> Self {
        let limits = Limits::default();
        Self {
            accounts,
            poll,
            reader: reading::Reader { own, signer, limits },
        }
    }

    fn named(&self) -> impl Iterator<Item = (String, &Settings, &str)> {
        self.accounts.iter().flat_map(|account| {
            let settings = &account.settings;
            let of = move |folder: &'_ String| {
                format!("{}@{}/{folder}", settings.login.username, settings.server.host)
            };
            let folders = account.folders.iter();
            folders.map(move |folder| (of(folder), settings, folder.as_str()))
        })
    }
}

impl Mailboxes for Inbox {
    fn folders(&self) -> Vec<String> {
        self.named().map(|(name, ..)| name).collect()
    }

    fn poll(&self) -> Duration {
        self.poll
    }

    fn open<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Box<dyn MailboxPort>, PortError>> {
        Box::pin(async move {
            let found = self.named().find(|(name, ..)| name == folder);
            let (_, settings, folder) =
                found.ok_or_else(|| PortError::Closed("it is not configured".to_owned()))?;
            let opened = Mailbox::open(settings, folder)
                .await
                .map_err(|error| told(&error))?;
            let opened: Box<dyn MailboxPort> = Box::new(Open(opened));
            Ok(opened)
        })
    }

    fn read(&self, raw: &[u8]) -> Mail {
        self.reader.read(raw)
    }

    fn describe(&self, mail: &DescribedMail) -> Result<Vec<u8>, (&'static str, String)> {
        described::write(mail)
    }

    fn html(&self, raw: &[u8]) -> Option<ShownMail> {
        self.reader.html(raw)
    }
}

fn told(error: &MailboxError) -> PortError {
    match error {
        MailboxError::Cut(_) | MailboxError::Renumbered => PortError::Cut(error.to_string()),
        MailboxError::Refused(_) => PortError::Refused(error.to_string()),
        MailboxError::Credentials(_) | MailboxError::Encryption(_) | MailboxError::Folder(_) => {
            PortError::Closed(error.to_string())
        }
    }
}

/// A folder that is open.
#[derive(Debug)]
struct Open(Mailbox);

impl MailboxPort for Open {
    fn uid_validity(&self) -> u32 {
        self.0.uid_validity()
    }

    fn fetch_after(&mut self, uid: u32) -> BoxFuture<'_, Result<Fetched, PortError>> {
        Box::pin(async move {
            let batch = self
                .0
                .fetch_after(uid, &BOUNDS)
                .await
                .map_err(|error| told(&error))?;
            let mails = batch.mails.into_iter().map(|mail| {
                let (bytes, too_large) = match mail.content {
                    Content::Whole(bytes) => (bytes, None),
                    Content::TooLarge { head } => (head, Some(mail.size)),
                };
                let uid = mail.uid;
                RawMail {
                    uid,
                    bytes,
                    too_large,
                }
            });
            Ok(Fetched {
                mails: mails.collect(),
                through: batch.through,
                is_more: batch.is_more,
            })
        })
    }

    fn wait(&mut self, uid: u32, at_most: Duration) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move { self.0.wait(uid, at_most).await.map_err(|error| told(&error)) })
    }

    fn mark_seen<'a>(&'a mut self, uids: &'a [u32]) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { self.0.mark_seen(uids).await.map_err(|error| told(&error)) })
    }
}
