//! The reader of one folder: opens it, takes in what is newer than its cursor, waits, and comes back after any failure.
//!
//! Run by the email channel. Invariant: the cursor in the store goes on with each mail, so whatever ends this reader, the
//! next one begins behind the last mail that was taken in.

use std::time::Duration;

use switchboard_domain::id::OrganizationId;
use switchboard_domain::ports::mailbox::{Mailbox, MailboxError, RawMail};

use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::mails::Place;
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
    /// A mail that could not be taken in, and how often it was tried.
    stumbled: Option<(MailCursor, u32)>,
}

impl FolderReader {
    pub(super) const fn new(hub: Hub, organization: OrganizationId, folder: String) -> Self {
        Self {
            hub,
            organization,
            folder,
            stumbled: None,
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
        let fetched = mailbox.fetch_after(cursor.uid).await?;
        for mail in fetched.mails {
            cursor.uid = cursor.uid.max(mail.uid);
            self.take(*cursor, mail).await?;
            self.courtesy(mailbox, cursor.uid).await?;
        }
        if fetched.through > cursor.uid {
            cursor.uid = fetched.through;
            self.hub.pass_over(self.place(*cursor)).await?;
        }
        Ok(fetched.is_more)
    }

    fn connected(&self, has_read: &mut bool) {
        *has_read = true;
        self.hub
            .services
            .mail
            .heard(&self.folder, self.hub.services.now());
    }

    fn place(&self, cursor: MailCursor) -> Place<'_> {
        Place {
            organization: self.organization,
            folder: &self.folder,
            cursor,
        }
    }

    /// A mail that the hub fails at again and again is kept apart, so that those behind it come in.
    async fn take(&mut self, cursor: MailCursor, mail: RawMail) -> Result<(), HubError> {
        let tried = self
            .stumbled
            .filter(|(at, _)| *at == cursor)
            .map_or(0, |(_, tried)| tried);
        if tried >= ATTEMPTS {
            let reason = "the hub failed at it again and again";
            return self
                .hub
                .quarantine_mail(self.place(cursor), mail.bytes, reason)
                .await;
        }
        let taken = self.hub.take_mail(self.place(cursor), mail).await;
        let is_its_fault = matches!(
            taken,
            Err(HubError::Internal(_)
                | HubError::Invalid { .. }
                | HubError::TooLarge { .. }
                | HubError::NotFound(_))
        );
        self.stumbled = is_its_fault.then_some((cursor, tried + 1));
        taken
    }

    /// Marks it as read; a server that does not let us is not worse for it.
    async fn courtesy(&self, mailbox: &mut dyn Mailbox, uid: u32) -> Result<(), MailboxError> {
        match mailbox.mark_seen(uid).await {
            Err(MailboxError::Refused(reason)) => {
                tracing::debug!(folder = self.folder, reason, "a mail could not be marked as read");
                Ok(())
            }
            other => other,
        }
    }
}
