//! The quarantine of mails that could not be understood: seen as they came, tried again after an upgrade, thrown away.
//!
//! Called by the API for staff, who see the list, and for admins, who see the mails. Invariant: a mail leaves the
//! quarantine when what it has led to is on disk; cut off in between it is tried again, and known then.

use std::sync::Arc;

use switchboard_domain::id::ConversationId;
use switchboard_domain::message::{BlobId, Message};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::incoming::Received;
use super::mails::{REASON, Settled, understand};
use super::{Hub, admin_only, staff_only};
use crate::error::HubError;
use crate::records::Stored;
use crate::records::mailboxes::{self, QuarantinedMail};

/// Most mails told at once.
const MAX_TOLD: usize = 1_000;

/// What a mail has become that was tried again.
#[derive(Debug, Clone)]
pub enum Retried {
    /// A message, in this conversation.
    Message(ConversationId, Arc<Message>),
    /// A report on a message of ours, which was noted.
    Report,
    /// One of our own mails, which needs nothing.
    Own,
}

impl Hub {
    /// Mails that could not be understood, the newest first. Staff and services.
    pub fn list_quarantined_mails(&self, scope: &Scope) -> Result<Vec<QuarantinedMail>, HubError> {
        staff_only(scope)?;
        let records = self.services.records();
        Ok(records.list_quarantined_mails(scope.organization, MAX_TOLD)?)
    }

    /// A mail as it came, or as much of it as was kept. Admins alone.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a name that is no mail's in quarantine.
    pub async fn read_quarantined_mail(&self, scope: &Scope, named: &str) -> Result<Vec<u8>, HubError> {
        admin_only(scope)?;
        let found = self.find_quarantined(scope, named)?;
        let raw = self.services.ports.blobs.get(found.record.raw).await?;
        raw.ok_or_else(missing)
    }

    /// Tries to understand a mail again and, if that goes well, takes it in as if it had just come. Admins alone.
    ///
    /// # Errors
    /// [`HubError::NotFound`] as for [`Hub::read_quarantined_mail`]; [`HubError::Conflict`] when it still cannot be
    /// understood, was kept in part only, or no mailbox is configured.
    pub async fn retry_quarantined_mail(&self, scope: &Scope, named: &str) -> Result<Retried, HubError> {
        admin_only(scope)?;
        let _alone = self.services.quarantine.lock().await;
        let found = self.find_quarantined(scope, named)?;
        if found.record.is_cut {
            let reason =
                "only the beginning of this mail was kept: it can be read in its mailbox and discarded here";
            return Err(HubError::Conflict(reason.to_owned()));
        }
        let mailboxes = self.mailboxes()?;
        let raw = self.services.ports.blobs.get(found.record.raw).await?;
        let (mail, _) = understand(mailboxes, raw.ok_or_else(missing)?).await?;
        let retried = match self.settle_mail(scope.organization, mail).await? {
            Settled::Message(received) => self.retried(scope, &received)?,
            Settled::Report => Retried::Report,
            Settled::Own => Retried::Own,
            Settled::Unreadable(reason) => return self.still_unreadable(scope, found, &reason).await,
        };
        self.release(scope, &found).await?;
        Ok(retried)
    }

    async fn release(&self, scope: &Scope, mail: &Stored<QuarantinedMail>) -> Result<(), HubError> {
        let mut batch = Batch::new();
        mailboxes::release(&mut batch, scope.organization, mail);
        Ok(self.services.records().commit(batch).await?)
    }

    fn retried(&self, scope: &Scope, received: &Received) -> Result<Retried, HubError> {
        let (records, id) = (self.services.records(), received.conversation.id);
        let message = records.find_message(scope.organization, id, received.sequence)?;
        let message = message.ok_or_else(|| HubError::internal("a message was not stored"))?;
        Ok(Retried::Message(id, Arc::new(message)))
    }

    /// The reason may be another one by now.
    async fn still_unreadable(
        &self,
        scope: &Scope,
        found: Stored<QuarantinedMail>,
        reason: &str,
    ) -> Result<Retried, HubError> {
        let next = QuarantinedMail {
            reason: reason.chars().take(REASON).collect(),
            ..found.record
        };
        let mut batch = Batch::new();
        mailboxes::quarantine(&mut batch, scope.organization, &next)?;
        self.services.records().commit(batch).await?;
        Err(HubError::Conflict(format!(
            "the mail still cannot be understood: {reason}"
        )))
    }

    /// Throws a mail away, with its bytes unless a message holds them. Admins alone.
    ///
    /// # Errors
    /// [`HubError::NotFound`] as for [`Hub::read_quarantined_mail`].
    pub async fn discard_quarantined_mail(&self, scope: &Scope, named: &str) -> Result<(), HubError> {
        admin_only(scope)?;
        let _alone = self.services.quarantine.lock().await;
        let found = self.find_quarantined(scope, named)?;
        let (services, raw) = (&self.services, found.record.raw);
        // Nobody takes the same bytes in between looking for their holders and removing them.
        let _unheld = services.attachments.write().await;
        if !services.records().is_blob_held(raw)? {
            services.ports.blobs.remove(raw).await?;
        }
        self.release(scope, &found).await
    }

    fn find_quarantined(&self, scope: &Scope, named: &str) -> Result<Stored<QuarantinedMail>, HubError> {
        let id = BlobId::parse(named).ok_or_else(missing)?;
        let records = self.services.records();
        let found = records.find_quarantined_mail(scope.organization, id)?;
        found.ok_or_else(missing)
    }
}

fn missing() -> HubError {
    HubError::NotFound("mail")
}
