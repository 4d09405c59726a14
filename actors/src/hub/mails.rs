//! Mails that come in: understood, taken in or kept apart, and how far a folder has been read with them.
//!
//! Called by the email channel's listener, and by the API for mails that another program hands over. Invariant: a
//! folder's cursor goes on behind what is on disk, and a mail that comes a second time changes nothing; so no mail is
//! lost and none counts twice, wherever the hub is cut off.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;
use switchboard_domain::incoming::Thread;
use switchboard_domain::message::{BlobId, DeliveryReport, Message};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::ports::mailbox::{DescribedMail, Mail, Mailboxes, RawMail, ShownMail};
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;
use tokio::time::Instant;

use super::addresses::Address;
use super::incoming::{Received, by_name};
use super::messages::NewMessage;
use super::outreach::Written;
use super::writing::check_files;
use super::{Hub, admin_only, staff_only};
use crate::channel::email::EmailCommand;
use crate::error::HubError;
use crate::outbox::referred;
use crate::records::mailboxes::{self, MailCursor, QuarantinedMail};

/// Answers that the assistant may owe while further mails are taken in.
pub(crate) const OWED: usize = 32;
/// Between two looks at how many it owes.
const LOOK: Duration = Duration::from_millis(50);
/// Longest reason kept, characters.
pub(super) const REASON: usize = 300;

/// Where mails lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) organization: OrganizationId,
    pub(crate) folder: &'a str,
    pub(crate) uid_validity: u32,
}

/// A mail that the hub failed at.
#[derive(Debug)]
pub(crate) struct Stumbled {
    pub(crate) uid: u32,
    pub(crate) error: HubError,
}

/// A mail that was understood.
struct Understood {
    mail: Mail,
    raw: RawMail,
}

/// What a mail has come to.
#[derive(Debug)]
pub(super) enum Settled {
    /// A message.
    Message(Received),
    /// A report that was noted, or that proves nothing.
    Report,
    /// It was one of ours.
    Own,
    /// It cannot be understood, for this reason.
    Unreadable(String),
}

impl Place<'_> {
    const fn cursor(&self, uid: u32) -> MailCursor {
        MailCursor {
            uid_validity: self.uid_validity,
            uid,
        }
    }
}

impl Understood {
    /// Whom it has to do with; what is no message has to do with nobody else.
    fn name(&self) -> String {
        match &self.mail {
            Mail::Message(incoming) => incoming.reply_to.clone(),
            Mail::Report { .. } | Mail::Own | Mail::Unreadable(_) => self.raw.uid.to_string(),
        }
    }
}

impl Hub {
    /// Takes in mails of a folder, in whatever way each is one: those of one sender in their order, those of different
    /// senders at the same time, so that they share what it takes to be on disk.
    ///
    /// # Errors
    /// The first of them that failed. All before it are on disk, some behind it may be: they change nothing when they
    /// come again.
    pub(crate) async fn take_mails(&self, place: Place<'_>, mails: Vec<RawMail>) -> Result<(), Stumbled> {
        let understood = join_all(mails.into_iter().map(|mail| self.understand_mail(mail))).await;
        let (mut mails, mut failed) = (Vec::new(), Vec::new());
        for one in understood {
            match one {
                Ok(mail) => mails.push(mail),
                Err(stumbled) => failed.push(stumbled),
            }
        }
        let by_sender = by_name(mails, Understood::name).into_iter();
        let taken = join_all(by_sender.map(|mails| self.take_in_order(place, mails))).await;
        failed.extend(taken.into_iter().filter_map(Result::err));
        failed
            .into_iter()
            .min_by_key(|stumbled| stumbled.uid)
            .map_or(Ok(()), Err)
    }

    /// Waits while the assistant owes many answers, at most as long as it has for one. Mails can lie where they are; a
    /// question that waits for too long behind others goes to an agent unanswered.
    pub(crate) async fn await_answers(&self) -> Result<(), HubError> {
        let until = Instant::now() + self.services.settings.assistant.timeout;
        while self.services.records().list_turns_due(OWED + 1)?.len() > OWED && Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn understand_mail(&self, mail: RawMail) -> Result<Understood, Stumbled> {
        let RawMail {
            uid,
            bytes,
            too_large: size,
        } = mail;
        let read = async {
            match size {
                Some(size) => Ok((too_large(size), bytes)),
                None => understand(self.mailboxes()?, bytes).await,
            }
        };
        let (mail, bytes) = read.await.map_err(|error| Stumbled { uid, error })?;
        let raw = RawMail {
            uid,
            bytes,
            too_large: size,
        };
        Ok(Understood { mail, raw })
    }

    async fn take_in_order(&self, place: Place<'_>, mails: Vec<Understood>) -> Result<(), Stumbled> {
        for Understood { mail, raw } in mails {
            let uid = raw.uid;
            let taken = self.take_mail(place, mail, raw).await;
            taken.map_err(|error| Stumbled { uid, error })?;
        }
        Ok(())
    }

    async fn take_mail(&self, place: Place<'_>, mail: Mail, raw: RawMail) -> Result<(), HubError> {
        match self.settle_mail(place.organization, mail).await? {
            Settled::Unreadable(reason) => self.quarantine_mail(place, raw, &reason).await,
            Settled::Message(_) | Settled::Report | Settled::Own => Ok(()),
        }
    }

    /// Does what a mail asks for, which is on disk when this returns; of one that cannot be understood nothing is done.
    pub(super) async fn settle_mail(
        &self,
        organization: OrganizationId,
        mail: Mail,
    ) -> Result<Settled, HubError> {
        match mail {
            Mail::Message(mut incoming) => {
                self.date(&mut incoming.provided.at);
                let taken = self.receive_incoming(organization, incoming).await;
                taken.map(Settled::Message)
            }
            Mail::Report {
                reference,
                report,
                words,
            } => {
                let told = reference.zip(report);
                self.note_bounce(organization, told, &words).await?;
                Ok(Settled::Report)
            }
            Mail::Own => Ok(Settled::Own),
            Mail::Unreadable(reason) => Ok(Settled::Unreadable(reason)),
        }
    }

    /// Has a message failed that a report tells of.
    async fn note_bounce(
        &self,
        organization: OrganizationId,
        told: Option<(String, DeliveryReport)>,
        words: &str,
    ) -> Result<(), HubError> {
        tracing::info!(words, is_final = told.is_some(), "a mail server reports");
        let Some((reference, mut report)) = told else {
            return Ok(());
        };
        self.date(&mut report.at);
        let noted = self
            .receive_delivery_report(organization, Channel::Email, Some(&reference), report)
            .await;
        // A report on what was erased helps nobody.
        noted.or_else(|error| match error {
            HubError::NotFound(_) => Ok(()),
            other => Err(other),
        })
    }

    /// A folder was read up to here.
    pub(crate) async fn read_through(&self, place: Place<'_>, uid: u32) -> Result<(), HubError> {
        let mut batch = Batch::new();
        mailboxes::put_cursor(&mut batch, place.organization, place.folder, place.cursor(uid))?;
        Ok(self.services.records().commit(batch).await?)
    }

    /// Keeps a mail apart, whole or cut, with the reason why it could not be taken in.
    pub(crate) async fn quarantine_mail(
        &self,
        place: Place<'_>,
        mail: RawMail,
        reason: &str,
    ) -> Result<(), HubError> {
        let RawMail {
            uid,
            bytes: raw,
            too_large,
        } = mail;
        tracing::warn!(folder = place.folder, uid, reason, "a mail went to quarantine");
        let _held = self.services.attachments.read().await;
        let bytes = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        let mail = QuarantinedMail {
            raw: self.services.ports.blobs.put(raw).await?,
            bytes,
            at: self.services.now(),
            folder: place.folder.to_owned(),
            place: place.cursor(uid),
            reason: reason.chars().take(REASON).collect(),
            is_cut: too_large.is_some(),
        };
        let mut batch = Batch::new();
        mailboxes::quarantine(&mut batch, place.organization, &mail)?;
        Ok(self.services.records().commit(batch).await?)
    }

    /// Has the mailboxes read from now on, or not any more, over restarts. Admins of the default organization.
    ///
    /// # Errors
    /// [`HubError::Conflict`] where no mailbox is configured.
    pub async fn set_mail_listener(&self, scope: &Scope, is_on: bool) -> Result<(), HubError> {
        admin_only(scope)?;
        self.mailboxes()?;
        if scope.organization != self.credentials.default_organization()? {
            return Err(not_configured());
        }
        let mut batch = Batch::new();
        mailboxes::put_stopped(&mut batch, scope.organization, !is_on);
        self.services.records().commit(batch).await?;
        self.links.email.notify(EmailCommand::Look);
        Ok(())
    }

    /// A mail to an address, in a conversation that is named or in whichever is open. Staff and services.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a conversation that is not one by mail with this address.
    pub async fn send_mail(
        &self,
        scope: &Scope,
        to: String,
        thread: Option<&str>,
        message: NewMessage,
    ) -> Result<Written, HubError> {
        staff_only(scope)?;
        let Some(thread) = thread else {
            return self.send_to_address(scope, Address::Email(to), message).await;
        };
        let conversation = self.get_conversation(scope, thread)?;
        if conversation.channel != Channel::Email || !self.writes_from(&conversation, &to)? {
            return Err(HubError::NotFound("conversation"));
        }
        let written = self.write_message(scope, &conversation, message).await?;
        self.until_handed_over(written).await
    }

    /// Takes in a mail that another program describes, as if it had come by a mailbox. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a field that cannot stand in a mail, [`HubError::NotFound`] for a conversation that is
    /// not one with its sender, [`HubError::Conflict`] where no mailbox is configured.
    pub async fn process_mail(
        &self,
        scope: &Scope,
        mail: &DescribedMail,
        thread: Option<&str>,
    ) -> Result<Arc<Message>, HubError> {
        staff_only(scope)?;
        check_files(&mail.files)?;
        let mailboxes = self.mailboxes()?;
        let thread = thread
            .map(|name| self.get_conversation(scope, name))
            .transpose()?;
        let raw = mailboxes.describe(mail);
        let raw = raw.map_err(|(field, message)| HubError::Invalid { field, message })?;
        let Mail::Message(mut incoming) = understand(mailboxes, raw).await?.0 else {
            return Err(HubError::invalid("from", "must be somebody who can be answered"));
        };
        if let Some(conversation) = &thread {
            if !self.writes_from(conversation, &mail.from)? {
                return Err(HubError::NotFound("conversation"));
            }
            incoming.thread = Thread::Of(conversation.id);
        }
        incoming.provided.at = self.services.now();
        let organization = scope.organization;
        let taken = self.receive_incoming(organization, incoming).await?;
        let records = self.services.records();
        let message = records.find_message(organization, taken.conversation.id, taken.sequence)?;
        message
            .map(Arc::new)
            .ok_or_else(|| HubError::internal("a message was not stored"))
    }

    /// A mail's words as HTML that may be shown, by the hub's name for the message. Staff and services.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a message that did not come by mail.
    pub async fn mail_html(&self, scope: &Scope, reference: &str) -> Result<ShownMail, HubError> {
        staff_only(scope)?;
        let missing = || HubError::NotFound("mail");
        let (conversation, sequence) = referred(reference).ok_or_else(missing)?;
        let records = self.services.records();
        let message = records.find_message(scope.organization, conversation, sequence)?;
        let raw = message
            .and_then(|message| message.provided)
            .and_then(|told| told.raw);
        let raw: BlobId = raw.ok_or_else(missing)?;
        let raw = self.services.ports.blobs.get(raw).await?.ok_or_else(missing)?;
        let mailboxes = self.mailboxes().map_err(|_| missing())?;
        let html = tokio::task::spawn_blocking(move || mailboxes.html(&raw));
        html.await.map_err(HubError::internal)?.ok_or_else(missing)
    }

    pub(crate) fn mailboxes(&self) -> Result<Arc<dyn Mailboxes>, HubError> {
        let mailboxes = self.services.ports.channels.mailboxes.clone();
        mailboxes.ok_or_else(not_configured)
    }

    /// Without a date of its own, it is of now.
    fn date(&self, at: &mut Timestamp) {
        if at.as_millis() <= 0 {
            *at = self.services.now();
        }
    }
}

fn not_configured() -> HubError {
    HubError::Conflict("no mailbox is configured".to_owned())
}

fn too_large(size: u64) -> Mail {
    Mail::Unreadable(format!("the mail has {size} bytes, more than are read"))
}

/// Reading a large mail takes its time, which is nobody else's.
pub(super) async fn understand(
    mailboxes: Arc<dyn Mailboxes>,
    raw: Vec<u8>,
) -> Result<(Mail, Vec<u8>), HubError> {
    let read = tokio::task::spawn_blocking(move || (mailboxes.read(&raw), raw));
    read.await.map_err(HubError::internal)
}
