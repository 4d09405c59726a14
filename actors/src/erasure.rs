//! Removing all that is kept of a customer, piece by piece, each piece one small commit.
//!
//! Begun by the hub, which removes the customer's own record and sets a mark; finished here, by the hub at once or after
//! a crash by Housekeeping. A conversation's record goes first: from then on its session can commit nothing, since every
//! commit of a session asks for the record as it was. Then its messages go, then the row that led to it.
//!
//! Reached are the customer, its names and account with the subjects of external issuers it stood for, conversations
//! with all their indexes, messages, callers' message ids, attachments that no other message holds, memories, the
//! customer's lines in the ledgers of campaigns, and the answers kept for repeats of requests that it made, that stored
//! a message of its conversations or that name one of these records, and notices to webhooks that tell of it, sent or
//! not. Not reached: backups, bytes in files of the engine that it has not compacted yet, what webhooks were told before,
//! and counters, which name nobody.

use std::sync::Arc;

use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::bus::Topic;
use switchboard_domain::ports::engine::{Batch, StoreError};

use crate::desk::DeskCommand;
use crate::error::HubError;
use crate::links::Links;
use crate::records::repeats::Named;
use crate::records::{Records, active_days, conversations, erasure, memories};

/// Records removed in one commit.
const PIECE: usize = 500;
/// Conversations looked up at a time.
const CONVERSATIONS: usize = 100;
/// Attempts to be quicker than a session that writes.
const ATTEMPTS: usize = 20;

/// Campaigns looked at for one commit.
const CAMPAIGNS: usize = 100;
/// Kept answers removed in one commit.
const ANSWERS: usize = 100;

/// Removes what is left of a customer whose erasure has begun; done again, it goes on where it stopped.
pub(crate) async fn finish(
    links: &Links,
    organization: OrganizationId,
    customer: CustomerId,
) -> Result<(), HubError> {
    let records = links.services.records();
    erase_conversations(links, organization, customer).await?;
    erase_notices(records, organization, customer).await?;
    erase_from_ledgers(records, organization, customer).await?;
    if let Some(account) = records.account_of_erased(organization, customer)? {
        erase_answers(records, organization, account.as_bytes()).await?;
    }
    erase_answers(records, organization, customer.as_bytes()).await?;
    let _alone = links.services.memories.lock(customer).await;
    let _still = links.services.activity.lock(customer).await;
    let mut batch = Batch::new();
    if let Some(day) = records.last_active_day(organization, customer)? {
        active_days::forget_customer(&mut batch, organization, customer, day);
    }
    for memory in records.list_memories(organization, customer, usize::MAX)? {
        erase_answers(records, organization, memory.record.id.as_bytes()).await?;
        memories::remove(&mut batch, &memory);
    }
    erasure::unmark(&mut batch, organization, customer);
    Ok(records.commit(batch).await?)
}

/// Removes the customer's conversations, each before the row that led to it.
async fn erase_conversations(
    links: &Links,
    organization: OrganizationId,
    customer: CustomerId,
) -> Result<(), HubError> {
    let records = links.services.records();
    loop {
        let ids = records.list_of_customer(organization, customer, CONVERSATIONS)?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            erase_answers(records, organization, id.as_bytes()).await?;
            erase_conversation(links, organization, id).await?;
            let mut batch = Batch::new();
            erasure::forget_conversation(&mut batch, organization, customer, id);
            records.commit(batch).await?;
        }
    }
}

/// Removes the notices that tell of the customer; none is added once its conversations are gone.
async fn erase_notices(
    records: &Records,
    organization: OrganizationId,
    customer: CustomerId,
) -> Result<(), HubError> {
    let mut conflicts = 0;
    loop {
        let piece = records.piece_of_notices(organization, customer, PIECE)?;
        if piece.is_empty() {
            return Ok(());
        }
        match records.commit(piece).await {
            Ok(()) => {}
            // The outbox is at one of them.
            Err(StoreError::Conflict { .. }) if conflicts < ATTEMPTS => conflicts += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes the customer out of the ledgers of all campaigns; its record is gone, so none takes it in again.
async fn erase_from_ledgers(
    records: &Records,
    organization: OrganizationId,
    customer: CustomerId,
) -> Result<(), HubError> {
    let mut last: Option<Vec<u8>> = None;
    while let Some((batch, seen)) =
        records.piece_of_ledgers(organization, customer, last.as_deref(), CAMPAIGNS)?
    {
        if !batch.is_empty() {
            records.commit(batch).await?;
        }
        last = Some(seen);
    }
    Ok(())
}

/// Removes the answers kept to requests that name this record.
async fn erase_answers(
    records: &Records,
    organization: OrganizationId,
    named: &Named,
) -> Result<(), HubError> {
    loop {
        let mut batch = Batch::new();
        records.remove_repeats_naming(&mut batch, organization, named, ANSWERS)?;
        if batch.is_empty() {
            return Ok(());
        }
        records.commit(batch).await?;
    }
}

async fn erase_conversation(
    links: &Links,
    organization: OrganizationId,
    id: ConversationId,
) -> Result<(), HubError> {
    if let Some(gone) = remove_record(links, organization, id).await? {
        links.desk.notify(DeskCommand::StatusChanged(Arc::new(gone)));
    }
    links.directory.end(id);
    links.services.records().forget_conversation(id);
    links.services.ports.bus.end(Topic::Conversation(id));
    while remove_piece(links, organization, id).await? {}
    Ok(())
}

/// Removes the record with its indexes; the conversation as the desk is to see it, none when it was gone already.
async fn remove_record(
    links: &Links,
    organization: OrganizationId,
    id: ConversationId,
) -> Result<Option<Conversation>, HubError> {
    let records = links.services.records();
    for _ in 0..ATTEMPTS {
        let Some(stored) = records.find_conversation(organization, id)? else {
            return Ok(None);
        };
        let mut batch = Batch::new();
        conversations::remove(&mut batch, &stored);
        match records.commit(batch).await {
            Ok(()) => {
                let at = links.services.now();
                let status = Status::Closed { at };
                return Ok(Some(Conversation {
                    status,
                    ..stored.record
                }));
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(HubError::Overloaded)
}

/// Removes some of the messages; `false` when none was left.
async fn remove_piece(
    links: &Links,
    organization: OrganizationId,
    id: ConversationId,
) -> Result<bool, HubError> {
    let services = &links.services;
    // Nobody takes an attachment in between looking for its holders and removing it.
    let _alone = services.attachments.write().await;
    let piece = services
        .records()
        .piece_of_conversation(organization, id, PIECE)?;
    if piece.batch.is_empty() {
        return Ok(false);
    }
    // Files first: after a crash the messages still tell of them.
    for blob in piece.unheld {
        services.ports.blobs.remove(blob).await?;
    }
    services.records().commit(piece.batch).await?;
    Ok(true)
}
