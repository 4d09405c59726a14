//! Reading one folder of an IMAP mailbox (RFC 3501, RFC 2177).
//!
//! Driven by the core's email listener: open, fetch what is newer than its cursor, wait, again. Invariants: reading
//! changes nothing on the server (`BODY.PEEK[]`); no mail is missed, because what is newer is looked for by number before
//! and after every wait; and no answer is held in memory beyond what was asked for. Any error ends a mailbox: drop it and
//! open another one.

mod connect;
mod cursor;
mod dialogue;
mod fetch;
mod stream;

use std::time::Duration;

use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode, Status};
use tokio::time::Instant;

pub use self::cursor::Cursor;
use self::dialogue::Dialogue;
pub use self::fetch::{Batch, Bounds, Content, RawMail};
use super::login::Login;
use super::tls::Server;

/// Bytes that an answer without mails in it may have.
const SMALL: usize = 1 << 20;
/// How many folders are listed at most.
const FOLDERS: usize = 1_000;

/// Where mails are read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub server: Server,
    /// Who logs in.
    pub login: Login,
    /// How long connecting, and the answer to a command, may take.
    pub patience: Duration,
    /// How long one IDLE lasts, under the 29 minutes of RFC 2177; shorter where routers forget connections.
    pub renewal: Duration,
    /// How often a server without IDLE is asked.
    pub poll: Duration,
}

/// Why a mailbox cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// The connection could not be made, was lost, or the server took too long: come again.
    #[error("the connection to the mailbox was lost: {0}")]
    Cut(String),
    /// The server does not let us in: somebody has to mend the login.
    #[error("the mailbox does not let us in: {0}")]
    Credentials(String),
    /// The server's certificate or its encryption is not to be trusted.
    #[error("the mailbox's encryption failed: {0}")]
    Encryption(String),
    /// The folder does not exist or cannot be opened.
    #[error("the folder cannot be opened: {0}")]
    Folder(String),
    /// The server said no to a command.
    #[error("the mailbox refused a command: {0}")]
    Refused(String),
    /// The numbers of the folder have changed while it was open: open it again and rescan.
    #[error("the folder's numbering has changed")]
    Renumbered,
}

/// One folder, open.
#[derive(Debug)]
pub struct Mailbox {
    dialogue: Dialogue,
    folder: String,
    uid_validity: u32,
    uid_next: Option<u32>,
    has_idle: bool,
    renewal: Duration,
    poll: Duration,
}

impl Mailbox {
    /// Connects, logs in and opens a folder (`INBOX`, or a name of [`Mailbox::list_folders`]).
    ///
    /// # Errors
    /// [`MailboxError`]; only `Credentials`, `Encryption` and `Folder` are for somebody to mend.
    pub async fn open(settings: &Settings, folder: &str) -> Result<Self, MailboxError> {
        let mut dialogue = connect::open(settings).await?;
        let has_idle = dialogue.has_capability("IDLE").await?;
        let (uid_validity, uid_next) = select(&mut dialogue, folder).await?;
        dialogue.expect_validity(uid_validity);
        Ok(Self {
            dialogue,
            folder: folder.to_owned(),
            uid_validity,
            uid_next,
            has_idle,
            renewal: settings.renewal,
            poll: settings.poll,
        })
    }

    /// The numbering's name: uids compare only within the same one.
    pub fn uid_validity(&self) -> u32 {
        self.uid_validity
    }

    /// The uid that the next mail would have had when the folder was opened, where the server said so.
    pub fn uid_next(&self) -> Option<u32> {
        self.uid_next
    }

    /// Whether the server tells of new mails by itself.
    pub fn has_idle(&self) -> bool {
        self.has_idle
    }

    /// The newest mail's uid; `None` for an empty folder.
    pub async fn newest(&mut self) -> Result<Option<u32>, MailboxError> {
        // A server tells of what is new at the end of a command: NOOP makes it look before the question.
        self.dialogue.exchange("NOOP", SMALL, |_| {}).await?;
        let mut newest = None;
        self.dialogue
            .exchange("UID FETCH * (UID)", SMALL, |response| {
                newest = newest.max(fetch::uid_of(response));
            })
            .await?;
        Ok(newest)
    }

    /// Mails after a uid, in order, within bounds.
    pub async fn fetch_after(&mut self, uid: u32, bounds: &Bounds) -> Result<Batch, MailboxError> {
        let newest = self.newest().await?.unwrap_or(0);
        fetch::after(&mut self.dialogue, uid, newest, bounds).await
    }

    /// Waits until there is a mail after a uid, at most so long; whether there is one.
    ///
    /// Dropping this future leaves the connection in the middle of a command: the mailbox is of no use then.
    pub async fn wait(&mut self, uid: u32, at_most: Duration) -> Result<bool, MailboxError> {
        let end = Instant::now() + at_most;
        loop {
            if self.newest().await?.is_some_and(|newest| newest > uid) {
                return Ok(true);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            if self.has_idle {
                self.has_idle = self.dialogue.idle(left.min(self.renewal)).await?;
            } else {
                tokio::time::sleep(left.min(self.poll)).await;
            }
            self.reopen().await?;
        }
    }

    /// Opens the folder anew on the same connection: a server whose records were replaced meanwhile (restored, numbered
    /// anew) goes on to show the old ones to whoever has it open, and nothing new ever.
    async fn reopen(&mut self) -> Result<(), MailboxError> {
        // Another numbering than the one expected ends it there.
        let (_, uid_next) = select(&mut self.dialogue, &self.folder).await?;
        self.uid_next = uid_next;
        Ok(())
    }

    /// Marks mails as read, a courtesy to people who look into the same mailbox; nothing depends on it.
    pub async fn mark_seen(&mut self, uids: &[u32]) -> Result<(), MailboxError> {
        for some in uids.chunks(fetch::AT_ONCE) {
            let command = format!("UID STORE {} +FLAGS.SILENT (\\Seen)", fetch::set(some));
            self.dialogue.exchange(&command, SMALL, |_| {}).await?;
        }
        Ok(())
    }

    /// The names of the folders, as the server spells them (modified UTF-7 where they are not ASCII).
    pub async fn list_folders(&mut self) -> Result<Vec<String>, MailboxError> {
        let mut names = Vec::new();
        self.dialogue
            .exchange("LIST \"\" \"*\"", SMALL, |response| {
                if let Response::MailboxData(MailboxDatum::List(folder)) = response
                    && names.len() < FOLDERS
                {
                    names.push(folder.name.to_string());
                }
            })
            .await?;
        Ok(names)
    }

    /// Takes leave of the server; dropping a mailbox is as safe.
    pub async fn close(mut self) {
        if self.dialogue.leave().await.is_err() {
            tracing::debug!("a mail server did not answer when it was left");
        }
    }
}

async fn select(dialogue: &mut Dialogue, folder: &str) -> Result<(u32, Option<u32>), MailboxError> {
    if !folder.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(MailboxError::Folder(format!("not a folder's name: {folder:?}")));
    }
    let command = format!("SELECT \"{}\"", folder.replace('\\', "\\\\").replace('"', "\\\""));
    let (mut validity, mut next) = (None, None);
    let outcome = dialogue.exchange(&command, SMALL, |response| {
        if let Response::Data {
            status: Status::Ok,
            outcome,
        } = response
        {
            match outcome.code {
                Some(ResponseCode::UidValidity(number)) => validity = Some(number),
                Some(ResponseCode::UidNext(number)) => next = Some(number),
                _ => {}
            }
        }
    });
    outcome.await.map_err(|error| match error {
        MailboxError::Refused(reason) => MailboxError::Folder(reason),
        other => other,
    })?;
    let missing =
        || MailboxError::Folder("the server gives its mails no lasting numbers (UIDVALIDITY)".to_owned());
    Ok((validity.ok_or_else(missing)?, next))
}
