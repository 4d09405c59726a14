//! What organizations' own systems are told of a conversation, owed in the commit of what they are told of.
//!
//! Called by [`super::commit`] for each message and step, and by [`super::delivery`] for each status. Invariant: nothing
//! is built where nobody has subscribed.

use serde::Serialize;
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::message::{Author, DeliveryStatus, Message};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::webhook::WebhookEvent;

use super::commit::Draft;
use crate::subscriptions::Cause;

/// Characters of a message that a notice carries; the whole of a longer one is asked for by its id.
const CONTENT: usize = 4_096;

/// What the events of messages tell.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageData {
    message_id: String,
    conversation_id: String,
    customer_id: String,
    channel: String,
    status: String,
    role: &'static str,
    sequence: u64,
    content: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// What the events of conversations tell.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConversationData {
    conversation_id: String,
    customer_id: String,
    channel: String,
    status: &'static str,
    /// The status in full: an agent is wanted, or one has taken over.
    state: &'static str,
    /// Why an agent is wanted, or why it was closed.
    reason: Option<String>,
    /// Who has taken over.
    agent_id: Option<String>,
}

impl Draft<'_> {
    /// A message was added.
    pub(super) fn tell_of_new(&mut self, message: &Message) -> Result<(), StoreError> {
        if message.sequence == 1 {
            self.tell_of_conversation(WebhookEvent::ConversationStarted, self.state.conversation.status)?;
        }
        match (message.author, message.status) {
            (Author::Customer, _) => self.tell_of_message(WebhookEvent::MessageReceived, message),
            (_, DeliveryStatus::Sent) => self.tell_of_message(WebhookEvent::MessageSent, message),
            _ => Ok(()),
        }
    }

    /// A message has got further; one whose arrival is the first that is heard of it went out, too.
    pub(super) fn tell_of_status(
        &mut self,
        before: DeliveryStatus,
        message: &Message,
    ) -> Result<(), StoreError> {
        let has_arrived = matches!(message.status, DeliveryStatus::Delivered | DeliveryStatus::Read);
        if has_arrived && matches!(before, DeliveryStatus::Queued | DeliveryStatus::Failed) {
            self.tell_of_message(WebhookEvent::MessageSent, message)?;
        }
        let event = match message.status {
            status if status == before => return Ok(()),
            DeliveryStatus::Queued => return Ok(()),
            DeliveryStatus::Sent => WebhookEvent::MessageSent,
            DeliveryStatus::Failed => WebhookEvent::MessageFailed,
            DeliveryStatus::Delivered => WebhookEvent::MessageDelivered,
            DeliveryStatus::Read => WebhookEvent::MessageRead,
        };
        self.tell_of_message(event, message)
    }

    /// Somebody else is in charge, or nobody any more.
    pub(super) fn tell_of_charge(&mut self, before: Status, now: Status) -> Result<(), StoreError> {
        match now {
            status if status == before => Ok(()),
            Status::Active => Ok(()),
            Status::Waiting { .. } | Status::WithAgent { .. } => {
                self.tell_of_conversation(WebhookEvent::ConversationHandover, now)
            }
            Status::Closed { .. } => self.tell_of_conversation(WebhookEvent::ConversationEnded, now),
        }
    }

    fn tell_of_message(&mut self, event: WebhookEvent, message: &Message) -> Result<(), StoreError> {
        let conversation = &self.conversation;
        let data = || MessageData {
            message_id: message.id.to_string(),
            conversation_id: conversation.id.to_string(),
            customer_id: conversation.customer.to_string(),
            channel: conversation.channel.as_str().to_ascii_uppercase(),
            status: message.status.as_str().to_ascii_uppercase(),
            role: role(message.author),
            sequence: message.sequence,
            content: message.text.chars().take(CONTENT).collect(),
            reason: message.failure.clone(),
        };
        let cause = self.cause(event);
        let lanes = self.services.subscriptions.owe(&mut self.batch, cause, data)?;
        self.work.owed.extend(lanes);
        Ok(())
    }

    fn tell_of_conversation(&mut self, event: WebhookEvent, status: Status) -> Result<(), StoreError> {
        let conversation = &self.conversation;
        let data = || ConversationData {
            conversation_id: conversation.id.to_string(),
            customer_id: conversation.customer.to_string(),
            channel: conversation.channel.as_str().to_ascii_uppercase(),
            status: word(status),
            state: status.as_str(),
            reason: match status {
                Status::Waiting { reason, .. } => Some(reason.as_str().to_owned()),
                Status::Closed { .. } => conversation
                    .closing
                    .as_ref()
                    .and_then(|closing| closing.reason.clone()),
                Status::Active | Status::WithAgent { .. } => None,
            },
            agent_id: match status {
                Status::WithAgent { agent, .. } => Some(agent.to_string()),
                _ => None,
            },
        };
        let cause = self.cause(event);
        let lanes = self.services.subscriptions.owe(&mut self.batch, cause, data)?;
        self.work.owed.extend(lanes);
        Ok(())
    }

    const fn cause(&self, event: WebhookEvent) -> Cause {
        let Conversation {
            organization,
            customer,
            ..
        } = self.conversation;
        Cause {
            organization,
            event,
            at: self.now,
            customer: Some(customer),
        }
    }
}

const fn role(author: Author) -> &'static str {
    match author {
        Author::Customer => "USER",
        Author::Assistant => "ASSISTANT",
        Author::Agent(_) => "AGENT",
    }
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Active => "ACTIVE",
        Status::Waiting { .. } | Status::WithAgent { .. } => "TRANSFERRED",
        Status::Closed { .. } => "CLOSED",
    }
}
