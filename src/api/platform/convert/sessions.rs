//! Conversations as sessions.

use std::collections::BTreeMap;

use switchboard_actors::hub::exchanges::{Context, Transcript};
use switchboard_domain::analysis::EntityKind;
use switchboard_domain::conversation::{Conversation, Owner};
use switchboard_domain::customer::Customer;
use switchboard_domain::message::{Attachment, Author, Message};

use super::super::wire::{
    AttachmentOut, ContextOut, CustomerInfoOut, MessageOut, RememberedOut, ResetOut, SaidOut,
    SessionDetailOut, SessionInfoOut, SessionOut,
};
use super::messages::is_about_an_order;

/// The id this family shows: the one a caller brought, else the hub's.
pub(super) fn shown_id(conversation: &Conversation) -> String {
    let alias = conversation.alias.clone();
    alias.unwrap_or_else(|| conversation.id.to_string())
}

/// The user this family shows: as the caller called it, else its account, else its customer record.
fn shown_user(conversation: &Conversation) -> String {
    let label = conversation.customer_label.clone();
    label.unwrap_or_else(|| match conversation.owner {
        Owner::Account(account) => account.to_string(),
        Owner::Guest | Owner::Service => conversation.customer.to_string(),
    })
}

impl From<&Context> for ContextOut {
    fn from(context: &Context) -> Self {
        let conversation = context.conversation.as_ref();
        Self {
            session_id: shown_id(conversation),
            user_id: shown_user(conversation),
            channel: conversation.channel.as_str(),
            status: conversation.status.as_str(),
            context: RememberedOut {
                conversation_history: context
                    .messages
                    .iter()
                    .map(|said| SaidOut::from(said.as_ref()))
                    .collect(),
                entities: entities(conversation),
                intent: conversation
                    .intent
                    .map(switchboard_domain::analysis::Intent::as_str),
                last_interaction: conversation.last_message_at.to_string(),
            },
        }
    }
}

/// The last value named of each kind; an order that is asked about and not yet named is null.
fn entities(conversation: &Conversation) -> BTreeMap<&'static str, Option<String>> {
    let mut known = BTreeMap::new();
    if is_about_an_order(conversation.intent) {
        known.insert(EntityKind::OrderNumber.as_str(), None);
    }
    for entity in &conversation.entities {
        known.insert(entity.kind.as_str(), Some(entity.value.clone()));
    }
    known
}

impl From<&Message> for SaidOut {
    fn from(message: &Message) -> Self {
        let role = match message.author {
            Author::Customer => "user",
            Author::Assistant => "assistant",
            Author::Agent(_) => "agent",
        };
        Self {
            role,
            content: message.text.clone(),
        }
    }
}

impl From<&Conversation> for ResetOut {
    fn from(conversation: &Conversation) -> Self {
        Self {
            status: "success",
            message: "Session context has been reset",
            session_id: shown_id(conversation),
        }
    }
}

impl From<&Conversation> for SessionOut {
    fn from(conversation: &Conversation) -> Self {
        let agent = conversation.status.agent();
        Self {
            id: shown_id(conversation),
            conversation_id: conversation.id.to_string(),
            customer_id: conversation.customer.to_string(),
            customer_name: conversation.customer_name.clone(),
            channel: conversation.channel.as_str(),
            status: conversation.status.as_str(),
            agent_id: agent.map(|agent| agent.to_string()),
            agent_name: agent.and(conversation.agent_name.clone()),
            started_at: conversation.opened_at.to_string(),
            last_message_at: conversation.last_message_at.to_string(),
            last_sequence: conversation.last_sequence,
        }
    }
}

impl From<&Transcript> for SessionDetailOut {
    fn from(transcript: &Transcript) -> Self {
        let Transcript {
            conversation,
            customer,
            messages,
        } = transcript;
        Self {
            session: SessionInfoOut {
                session: conversation.as_ref().into(),
                customer_info: customer.into(),
                address: conversation.route.as_ref().map(|route| route.to.clone()),
                subject: subject(conversation),
            },
            messages: messages
                .iter()
                .map(|message| MessageOut::from(message.as_ref()))
                .collect(),
        }
    }
}

fn subject(conversation: &Conversation) -> Option<String> {
    let route = conversation.route.as_ref()?;
    (!route.subject.is_empty()).then(|| route.subject.clone())
}

impl From<&Customer> for CustomerInfoOut {
    fn from(customer: &Customer) -> Self {
        Self {
            name: customer.name.clone(),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
        }
    }
}

impl From<&Message> for MessageOut {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            text: message.text.clone(),
            sender: message.author.as_str(),
            sender_name: message.author_name.clone(),
            timestamp: message.at.to_string(),
            sequence: message.sequence,
            status: message.status.as_str(),
            failure: (!message.failure.is_empty()).then(|| message.failure.clone()),
            attachments: message.attachments.iter().map(AttachmentOut::from).collect(),
        }
    }
}

impl From<&Attachment> for AttachmentOut {
    fn from(file: &Attachment) -> Self {
        Self {
            id: file.blob.to_string(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            bytes: file.bytes,
        }
    }
}
