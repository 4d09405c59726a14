//! Recording what became of an errand: in the commit of its message where it has one, else in one of its own.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::id::ConversationId;
use switchboard_domain::message::{Billing, DeliveryReport, DeliveryStatus, Message, Sequence};
use switchboard_domain::outbox::{Errand, Next, Outcome, Subject};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::ports::transport::SendError;

use super::lane::Seen;
use super::{media, notice};
use crate::error::HubError;
use crate::links::Links;
use crate::records::{Stored, errands};

/// Any random number.
pub(super) fn draw(links: &Links) -> u32 {
    let mut bytes = [0; 4];
    links.services.ports.random.fill(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// What a refused attempt means for its errand, and what it has shown.
pub(super) fn outcome_of(error: SendError) -> (Outcome, Seen) {
    match error {
        SendError::Refused { reason } => (Outcome::Refused(reason), Seen::There),
        SendError::Later { reason, after } => (Outcome::Later(reason, after), Seen::Away),
        SendError::NotYet { after } => (Outcome::NotYet(after), Seen::Nothing),
        SendError::AccountStopped { reason } => (Outcome::Later(reason, None), Seen::Stopped),
        SendError::Uncertain { reason } => (Outcome::Uncertain(reason), Seen::Away),
    }
}

/// Records what becomes of an errand after an attempt.
pub(super) async fn after(links: &Links, errand: &Stored<Errand>, outcome: Outcome) -> Result<(), HubError> {
    if let Outcome::Later(reason, _) | Outcome::Uncertain(reason) | Outcome::Refused(reason) = &outcome {
        let attempts = errand.record.attempts;
        tracing::info!(subject = ?errand.record.subject, attempts, reason, "an attempt has failed");
    }
    let next_step = errand.record.after(outcome, links.services.now(), draw(links));
    next(links, errand, next_step).await
}

/// Records what becomes of an errand.
pub(super) async fn next(links: &Links, errand: &Stored<Errand>, next: Next) -> Result<(), HubError> {
    if let Subject::Notice(..) = errand.record.subject {
        return notice::next(links, errand, next).await;
    }
    let mut batch = Batch::new();
    match next {
        Next::Settled => errands::remove(&mut batch, &errand.record),
        Next::Waits(waits) => drop(errands::update(&mut batch, errand, &waits)?),
        Next::Failed(reason) => return give_up(links, errand, reason).await,
    }
    Ok(links.services.records().commit(batch).await?)
}

async fn give_up(links: &Links, errand: &Stored<Errand>, reason: String) -> Result<(), HubError> {
    let at = links.services.now();
    let Errand {
        organization,
        subject,
        ..
    } = errand.record;
    let mut with = Batch::new();
    errands::remove(&mut with, &errand.record);
    let (conversation, input) = match subject {
        Subject::Message(conversation, sequence) => {
            let report = DeliveryReport {
                status: DeliveryStatus::Failed,
                provider_id: None,
                at,
                failure: reason,
                billing: Billing::default(),
            };
            (conversation, Input::Delivered { sequence, report })
        }
        Subject::Media(conversation, sequence) => (
            conversation,
            media::lost(links, organization, conversation, sequence, &reason)?,
        ),
        Subject::Notice(..) => return Ok(links.services.records().commit(with).await?),
    };
    let done = links
        .directory
        .act_with(organization, conversation, input, with)
        .await;
    match done {
        Err(HubError::NotFound(_)) => forget(links, &errand.record).await,
        other => other.map(drop),
    }
}

/// The message an errand is about and its conversation; of one that was erased nothing is owed any more.
pub(super) async fn subject(
    links: &Links,
    errand: &Errand,
    conversation: ConversationId,
    sequence: Sequence,
) -> Result<Option<(Message, Arc<Conversation>)>, HubError> {
    let records = links.services.records();
    let message = records.find_message(errand.organization, conversation, sequence)?;
    let conversation = records.read_conversation(errand.organization, conversation)?;
    match message.zip(conversation) {
        Some(subject) => Ok(Some(subject)),
        None => forget(links, errand).await.map(|()| None),
    }
}

/// Its conversation was erased: nothing is owed any more.
pub(super) async fn forget(links: &Links, errand: &Errand) -> Result<(), HubError> {
    let mut batch = Batch::new();
    errands::remove(&mut batch, errand);
    Ok(links.services.records().commit(batch).await?)
}
