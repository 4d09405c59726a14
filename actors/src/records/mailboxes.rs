//! How far each folder of a mailbox has been read, what could not be understood, and whether anybody reads at all.
//!
//! ```text
//! MailCursor       organization · hash of the folder's name → numbering, number
//! QuarantinedMail  organization · SHA-256 of what was kept of the mail → when, from where, why
//! MailListener     organization → nothing; there while an admin has stopped it
//! ```
//! Invariant: a cursor is written in the commit of what its mail has led to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_domain::time::Timestamp;

use super::codec::encode;
use super::keys::{Kind, scoped};
use super::{Records, Stored};

/// A place in a folder; the default one is before its first mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailCursor {
    /// The numbering it belongs to.
    pub uid_validity: u32,
    /// The highest number that was read.
    pub uid: u32,
}

/// A mail that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedMail {
    /// What was kept of it, in the blob store.
    pub raw: BlobId,
    /// Bytes that were kept.
    pub bytes: u64,
    /// When it was read.
    pub at: Timestamp,
    /// The folder it lies in.
    pub folder: String,
    /// Its place there.
    pub place: MailCursor,
    /// Why it could not be understood.
    pub reason: String,
    /// Only its beginning was kept.
    pub is_cut: bool,
}

fn cursor_key(organization: OrganizationId, folder: &str) -> Vec<u8> {
    scoped(
        Kind::MailCursor,
        organization,
        &[&Sha256::digest(folder.as_bytes())],
    )
}

fn stopped_key(organization: OrganizationId) -> Vec<u8> {
    scoped(Kind::MailListener, organization, &[])
}

impl Records {
    /// How far a folder has been read.
    pub fn find_mail_cursor(
        &self,
        organization: OrganizationId,
        folder: &str,
    ) -> Result<MailCursor, StoreError> {
        Ok(self.find(&cursor_key(organization, folder))?.unwrap_or_default())
    }

    /// Whether an admin has stopped the listener.
    pub fn is_mail_listener_stopped(&self, organization: OrganizationId) -> Result<bool, StoreError> {
        self.exists(&stopped_key(organization))
    }

    /// A mail that could not be understood, with its bytes.
    pub fn find_quarantined_mail(
        &self,
        organization: OrganizationId,
        mail: BlobId,
    ) -> Result<Option<Stored<QuarantinedMail>>, StoreError> {
        self.find_stored(&quarantine_key(organization, mail))
    }

    /// Mails that could not be understood, at most `limit`, the newest first.
    pub fn list_quarantined_mails(
        &self,
        organization: OrganizationId,
        limit: usize,
    ) -> Result<Vec<QuarantinedMail>, StoreError> {
        let all = KeyRange::prefix(&scoped(Kind::QuarantinedMail, organization, &[]));
        let mut found: Vec<QuarantinedMail> = self.list(&all, Direction::Forward, limit)?;
        found.sort_by_key(|mail| std::cmp::Reverse(mail.at));
        Ok(found)
    }
}

fn quarantine_key(organization: OrganizationId, mail: BlobId) -> Vec<u8> {
    scoped(Kind::QuarantinedMail, organization, &[&mail.0])
}

/// Writes how far a folder has been read.
pub fn put_cursor(
    batch: &mut Batch,
    organization: OrganizationId,
    folder: &str,
    cursor: MailCursor,
) -> Result<(), StoreError> {
    batch.put(cursor_key(organization, folder), encode(&cursor)?);
    Ok(())
}

/// Keeps a mail that could not be understood; the same one again is the same record.
pub fn quarantine(
    batch: &mut Batch,
    organization: OrganizationId,
    mail: &QuarantinedMail,
) -> Result<(), StoreError> {
    batch.put(quarantine_key(organization, mail.raw), encode(mail)?);
    Ok(())
}

/// Ends a mail's quarantine; refused when somebody else has done so, or has noted another reason.
pub fn release(batch: &mut Batch, organization: OrganizationId, mail: &Stored<QuarantinedMail>) {
    let key = quarantine_key(organization, mail.record.raw);
    batch.require(key.clone(), mail.bytes.clone()).delete(key);
}

/// From now on nobody reads the mailboxes, or somebody does again.
pub fn put_stopped(batch: &mut Batch, organization: OrganizationId, is_stopped: bool) {
    if is_stopped {
        batch.put(stopped_key(organization), Vec::new());
    } else {
        batch.delete(stopped_key(organization));
    }
}
