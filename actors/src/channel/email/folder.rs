//! The reader of one folder: opens it, takes in what is newer than its cursor, waits, and comes back after any failure.
//!
//! Run by the email channel. Invariant: the cursor in the store never stands before a mail that is not on disk; what it
//! has not passed yet comes again after whatever ended this reader, and is known then.

use std::time::Duration;

use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::mailbox::{Mailbox, MailboxError, RawMail};

use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::mails::{Place, Stumbled};
use crate::records::mailboxes::MailCursor;

/// The pause after a first failure, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often the hub tries to take in a mail before the mail is to blame.
const ATTEMPTS: u32 = 3;

/// Why a round has ended.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("{0}")]
    Mailbox(#[from] MailboxError),
    #[error("{0}")]
    Hub(#[from] HubError),
}

/// The reader.
pub(super) struct FolderReader {
    hub: Hub,
    organization: OrganizationId,
    folder: String,
    trouble: Option<Trouble>,
}

/// A mail that could not be taken in, and how often it was tried.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    cursor: MailCursor,
    times: u32,
}

impl FolderReader {
    pub(super) const fn new(hub: Hub, organization: OrganizationId, folder: String) -> Self {
        Self {
            hub,
            organization,
            folder,
            trouble: None,
        }
    }

    /// Reads until it is ended.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let mut has_read = false;
            let Err(broken) = self.round(&mut has_read).await else {
                continue;
            };
            self.hub.services.mail.failed(&self.folder, &broken.to_string());
            if has_read {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(folder = self.folder, error = %broken, seconds = pause.as_secs(), "a mailbox is read again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// From opening to the first failure.
    async fn round(&mut self, has_read: &mut bool) -> Result<(), Broken> {
        let mailboxes = self.hub.mailboxes()?;
        let (poll, mut mailbox) = (mailboxes.poll(), mailboxes.open(&self.folder).await?);
        let mut cursor = self.resumed(mailbox.uid_validity())?;
        loop {
            let is_more = self.fetch(mailbox.as_mut(), &mut cursor).await?;
            self.connected(has_read);
            if !is_more {
                mailbox.wait(cursor.uid, poll).await?;
                self.connected(has_read);
            }
        }
    }

    /// Where to read on in a folder of this numbering.
    fn resumed(&self, uid_validity: u32) -> Result<MailCursor, HubError> {
        let records = self.hub.services.records();
        let cursor = records.find_mail_cursor(self.organization, &self.folder)?;
        if cursor.uid_validity == uid_validity {
            return Ok(cursor);
        }
        tracing::info!(
            folder = self.folder,
            uid_validity,
            "a folder is read from its beginning"
        );
        Ok(MailCursor { uid_validity, uid: 0 })
    }

    /// Takes in the next mails, some of them; whether there are more.
    async fn fetch(&mut self, mailbox: &mut dyn Mailbox, cursor: &mut MailCursor) -> Result<bool, Broken> {
        self.hub.await_answers().await?;
        let fetched = mailbox.fetch_after(cursor.uid).await?;
        let mut uids: Vec<u32> = fetched.mails.iter().map(|mail| mail.uid).collect();
        let taken = self.take(cursor.uid_validity, fetched.mails).await;
        let through = match &taken {
            Ok(()) => fetched.through,
            Err(stumbled) => stumbled.uid.saturating_sub(1),
        };
        if through > cursor.uid {
            cursor.uid = through;
            let place = self.place(cursor.uid_validity);
            self.hub.read_through(place, through).await?;
        }
        uids.retain(|uid| *uid <= through);
        self.courtesy(mailbox, &uids).await?;
        taken.map_err(|stumbled| stumbled.error)?;
        Ok(fetched.is_more)
    }

    fn connected(&self, has_read: &mut bool) {
        *has_read = true;
        self.hub
            .services
            .mail
            .heard(&self.folder, self.hub.services.now());
    }

    fn place(&self, uid_validity: u32) -> Place<'_> {
        Place {
            organization: self.organization,
            folder: &self.folder,
            uid_validity,
        }
    }

    /// A mail that the hub fails at again and again is kept apart, so that those behind it come in.
    async fn take(&mut self, uid_validity: u32, mut mails: Vec<RawMail>) -> Result<(), Stumbled> {
        let place = self.place(uid_validity);
        if let Some(Trouble { cursor, times }) = self.trouble
            && times >= ATTEMPTS
            && cursor.uid_validity == uid_validity
            && let Some(at) = mails.iter().position(|mail| mail.uid == cursor.uid)
        {
            let mail = mails.remove(at);
            let uid = mail.uid;
            let reason = "the hub failed at it again and again";
            let kept = self.hub.quarantine_mail(place, mail, reason).await;
            kept.map_err(|error| Stumbled { uid, error })?;
        }
        let taken = self.hub.take_mails(place, mails).await;
        self.trouble = match &taken {
            Err(stumbled) if is_its_fault(&stumbled.error) => {
                let uid = stumbled.uid;
                let cursor = MailCursor { uid_validity, uid };
                let before = self.trouble.filter(|trouble| trouble.cursor == cursor);
                let times = before.map_or(1, |trouble| trouble.times + 1);
                Some(Trouble { cursor, times })
            }
            Ok(()) | Err(_) => None,
        };
        taken
    }

    /// Marks them as read; a server that does not let us is not worse for it.
    async fn courtesy(&self, mailbox: &mut dyn Mailbox, uids: &[u32]) -> Result<(), MailboxError> {
        match mailbox.mark_seen(uids).await {
            Err(MailboxError::Refused(reason)) => {
                tracing::debug!(folder = self.folder, reason, "mails could not be marked as read");
                Ok(())
            }
            other => other,
        }
    }
}

/// Whether the mail itself is to blame, and not the hub's state.
const fn is_its_fault(error: &HubError) -> bool {
    matches!(
        error,
        HubError::Internal(_) | HubError::Invalid { .. } | HubError::TooLarge { .. } | HubError::NotFound(_)
    )
}
