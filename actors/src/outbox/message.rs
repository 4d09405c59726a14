//! Messages to customers: handed to their channel's provider, and recorded with the provider's id.

use std::sync::Arc;

use switchboard_domain::conversation::life::Input;
use switchboard_domain::conversation::{Conversation, Route};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::ConversationId;
use switchboard_domain::message::{
    Author, Billing, DeliveryReport, DeliveryStatus, Form, LetterForm, Message, Provided, Sequence,
};
use switchboard_domain::outbox::{Errand, Outcome, Subject};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::ports::transport::{Letter, Outgoing, OutgoingFile, Receipt, SendError, Transport};

use super::lane::{Seen, attempt};
use super::{charge, held, record};
use crate::budgets::Tab;
use crate::error::HubError;
use crate::links::Links;
use crate::records::{Stored, errands, provided};

/// Messages of the conversation that a mail names as its thread.
const THREAD: usize = 20;

/// Whether the message of an errand is no longer waiting for its channel: a report has settled it.
pub(super) fn is_settled(links: &Links, errand: &Errand) -> Result<bool, StoreError> {
    let Subject::Message(conversation, sequence) = errand.subject else {
        return Ok(false);
    };
    let records = links.services.records();
    let message = records.find_message(errand.organization, conversation, sequence)?;
    Ok(message.is_none_or(|message| message.status != DeliveryStatus::Queued))
}

/// Hands a message to its provider.
pub(super) async fn send(
    links: &Links,
    errand: &Stored<Errand>,
    conversation: ConversationId,
    sequence: Sequence,
) -> Result<Seen, HubError> {
    let Some((message, stored)) = record::subject(links, &errand.record, conversation, sequence).await?
    else {
        return Ok(Seen::Nothing);
    };
    let Conversation {
        organization,
        channel,
        ..
    } = *stored;
    if let Some(outcome) = held::instead(links, &stored, &message)? {
        record::after(links, errand, outcome).await?;
        return Ok(Seen::Nothing);
    }
    // Lanes of channels that are not configured have no runner.
    let (Some(route), Some(transport)) = (&stored.route, links.services.ports.channels.of(channel)) else {
        let reason = "the conversation leads to no address outside".to_owned();
        record::after(links, errand, Outcome::Refused(reason)).await?;
        return Ok(Seen::Nothing);
    };
    let outgoing = match compose(links, &stored, route, &message).await {
        Ok(outgoing) => outgoing,
        Err(reason) => {
            record::after(links, errand, Outcome::Refused(reason)).await?;
            return Ok(Seen::Nothing);
        }
    };
    let tab = match charge::open(
        &links.services.budgets,
        organization,
        channel,
        transport.parts(&outgoing.text),
    ) {
        Ok(tab) => tab,
        Err(error) => {
            record::after(links, errand, Outcome::Refused(error.to_string())).await?;
            return Ok(Seen::Nothing);
        }
    };
    match carry(transport.as_ref(), outgoing).await {
        Ok(receipt) => {
            sent(links, errand, &stored, sequence, (receipt, tab)).await?;
            Ok(Seen::There)
        }
        Err(error) => {
            let (outcome, seen) = record::outcome_of(error);
            record::after(links, errand, outcome).await?;
            Ok(seen)
        }
    }
}

async fn carry(transport: &dyn Transport, outgoing: Outgoing) -> Result<Receipt, SendError> {
    let sent = attempt(transport.send(outgoing)).await;
    sent.unwrap_or_else(|| {
        Err(SendError::Uncertain {
            reason: "the provider did not answer in time".to_owned(),
        })
    })
}

/// The name by which a message is known outside; its provider's reports bring it back.
pub(crate) fn reference(conversation: ConversationId, sequence: Sequence) -> String {
    format!("{conversation}.{sequence}")
}

/// The message that such a name stands for.
pub(crate) fn referred(reference: &str) -> Option<(ConversationId, Sequence)> {
    let (conversation, sequence) = reference.split_once('.')?;
    Some((ConversationId::parse(conversation)?, sequence.parse().ok()?))
}

async fn compose(
    links: &Links,
    conversation: &Conversation,
    route: &Route,
    message: &Message,
) -> Result<Outgoing, String> {
    let files = files(links, message).await?;
    let letter = (conversation.channel == Channel::Email)
        .then(|| letter(links, conversation, route, message))
        .transpose()?;
    let template = match &message.form {
        Some(Form::Template(template)) => Some(template.clone()),
        _ => None,
    };
    Ok(Outgoing {
        reference: reference(conversation.id, message.sequence),
        to: route.to.clone(),
        to_name: conversation.customer_name.clone(),
        text: message.text.clone(),
        files,
        replies_to: None,
        template,
        letter,
    })
}

async fn files(links: &Links, message: &Message) -> Result<Vec<OutgoingFile>, String> {
    let mut files = Vec::with_capacity(message.attachments.len());
    for attachment in &message.attachments {
        let read = links.services.ports.blobs.get(attachment.blob).await;
        let content = read.map_err(|error| error.to_string())?;
        files.push(OutgoingFile {
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            content: content.ok_or("an attachment is gone")?,
        });
    }
    Ok(files)
}

/// What makes a mail part of its thread: the ids of the mails before it, as their senders named them.
fn letter(
    links: &Links,
    conversation: &Conversation,
    route: &Route,
    message: &Message,
) -> Result<Letter, String> {
    let Conversation { organization, id, .. } = *conversation;
    let before = message.sequence.saturating_sub(1);
    let records = links.services.records();
    let earlier: Vec<Arc<Message>> = records
        .list_latest_messages(organization, id, before, THREAD)
        .map_err(|error| error.to_string())?;
    let known = earlier
        .iter()
        .rev()
        .filter_map(|message| message.provided.as_ref());
    let named = |told: &&Provided| !told.id.is_empty();
    let references: Vec<_> = known.filter(named).map(|told| told.id.clone()).collect();
    let theirs = earlier
        .iter()
        .filter(|message| message.author == Author::Customer);
    let in_reply_to = theirs
        .filter_map(|message| message.provided.as_ref())
        .map(|told| told.id.clone())
        .find(|id| !id.is_empty());
    let form = match &message.form {
        Some(Form::Letter(form)) => form.clone(),
        _ => LetterForm::default(),
    };
    let subject = Some(form.subject).filter(|subject| !subject.is_empty());
    Ok(Letter {
        subject: subject.unwrap_or_else(|| subject_of(route, &earlier)),
        html: form.html,
        in_reply_to,
        references,
        is_automatic: message.author == Author::Assistant,
        unsubscribe_url: form.unsubscribe_url,
        reply_to: form.reply_to,
        ..Letter::default()
    })
}

/// The conversation's subject as an answer names it: what its first mail said, else what ours did last.
fn subject_of(route: &Route, earlier: &[Arc<Message>]) -> String {
    let said = earlier.iter().find_map(|message| match &message.form {
        Some(Form::Letter(form)) if !form.subject.is_empty() => Some(form.subject.as_str()),
        _ => None,
    });
    let subject = Some(route.subject.as_str()).filter(|subject| !subject.is_empty());
    let subject = subject.or(said).unwrap_or_default();
    let is_answer = subject
        .get(..3)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("re:"));
    match subject {
        "" => String::new(),
        _ if is_answer => subject.to_owned(),
        _ => format!("Re: {subject}"),
    }
}

/// The provider has it: its id, the status, what it has cost and the end of the errand are one commit.
async fn sent(
    links: &Links,
    errand: &Stored<Errand>,
    conversation: &Conversation,
    sequence: Sequence,
    (receipt, tab): (Receipt, Option<Tab>),
) -> Result<(), HubError> {
    let Conversation {
        organization,
        channel,
        id,
        ..
    } = *conversation;
    let (services, mut with) = (&links.services, Batch::new());
    errands::remove(&mut with, &errand.record);
    let _alone = services.incoming.lock(&receipt.provider_id).await;
    let early = services
        .records()
        .find_early_report(organization, channel, &receipt.provider_id)?;
    if early.is_some() {
        provided::forget_early_report(&mut with, organization, channel, &receipt.provider_id);
    }
    let _charging = services.deliveries.lock(&reference(id, sequence)).await;
    let booked = charge::by_receipt(services, conversation, sequence, (&receipt, tab), &mut with)?;
    let report = DeliveryReport {
        status: DeliveryStatus::Sent,
        provider_id: Some(receipt.provider_id),
        at: services.now(),
        failure: String::new(),
        billing: Billing::default(),
    };
    let directory = &links.directory;
    let noted = directory
        .act_with(organization, id, Input::Delivered { sequence, report }, with)
        .await;
    charge::conclude(booked, &noted);
    noted?;
    if let Some(report) = early {
        let input = Input::Delivered { sequence, report };
        directory.act_with(organization, id, input, Batch::new()).await?;
    }
    Ok(())
}
