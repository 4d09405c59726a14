//! Whole exchanges for callers that bring their own ids: the conversation is found or opened, then spoken into.
//!
//! Called by the adapters whose callers name conversation and customer with every message. Invariant: nothing is
//! opened for a message that would be refused.

use std::sync::Arc;

use switchboard_domain::conversation::{Conversation, Owner};
use switchboard_domain::customer::Customer;
use switchboard_domain::id::ConversationId;
use switchboard_domain::message::{Message, Sequence};
use switchboard_domain::scope::{Principal, Scope};

use super::conversations::OpenConversation;
use super::messages::{Answered, NewMessage, check_client_id, content};
use super::recordings::{Answering, Recording};
use super::{Hub, staff_only};
use crate::error::HubError;

/// What the assistant knows of a conversation.
#[derive(Debug, Clone)]
pub struct Context {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// The newest messages of the context, oldest first.
    pub messages: Vec<Arc<Message>>,
}

/// A conversation as staff read it.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// With whom.
    pub customer: Customer,
    /// Its messages, oldest first.
    pub messages: Vec<Arc<Message>>,
}

impl Hub {
    /// A customer's message into the conversation the caller means, with the assistant's answer.
    ///
    /// `open.alias` names it (its id, or the caller's own); without one it is a new conversation, a guest's only one.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the conversation is another customer's, [`HubError::Forbidden`] when a customer
    /// names another one.
    pub async fn ask_in(
        &self,
        scope: &Scope,
        open: OpenConversation,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        content(&message)?;
        let conversation = self.find_or_open_conversation(scope, open).await?;
        self.ask(scope, &conversation, message).await
    }

    /// A message by whoever calls, into the conversation of this number, or into a new one of the caller's own; under
    /// the same message id it is the same new one. See [`Hub::speak`].
    ///
    /// # Errors
    /// [`HubError::NotFound`] when there is none of this number that the caller may know of.
    pub async fn speak_in(
        &self,
        scope: &Scope,
        number: Option<u64>,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        content(&message)?;
        let conversation = if let Some(number) = number {
            self.get_conversation_by_number(scope, number)?
        } else {
            let alias = message.client_id.clone();
            let open = OpenConversation {
                alias,
                ..OpenConversation::default()
            };
            self.open_own_conversation(scope, open).await?
        };
        self.speak(scope, &conversation, message).await
    }

    /// Like [`Hub::ask_in`] with a recording as Base64 in place of words; see [`Hub::receive_audio`].
    pub async fn record_in(
        &self,
        scope: &Scope,
        open: OpenConversation,
        audio: &str,
        format: &str,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        let recording = Recording::decode(audio, format)?;
        check_client_id(message.client_id.as_deref())?;
        let conversation = self.find_or_open_conversation(scope, open).await?;
        self.keep_recording(scope, &conversation, recording, message, Answering::Waited)
            .await
    }

    /// A new conversation of the caller's own, for this message to go into.
    ///
    /// # Errors
    /// What would be wrong with the message; nothing is opened then.
    pub async fn open_own_for(
        &self,
        scope: &Scope,
        message: &NewMessage,
    ) -> Result<Arc<Conversation>, HubError> {
        content(message)?;
        self.open_own_conversation(scope, OpenConversation::default())
            .await
    }

    /// The conversation with the newest `limit` messages of the assistant's context.
    pub fn get_context(&self, scope: &Scope, reference: &str, limit: usize) -> Result<Context, HubError> {
        let conversation = self.get_conversation(scope, reference)?;
        let messages = self.list_context(scope, &conversation, limit)?;
        Ok(Context {
            conversation,
            messages,
        })
    }

    /// The conversation with its customer and `limit` messages: those behind `after`, the newest without. Staff alone.
    pub fn get_transcript(
        &self,
        scope: &Scope,
        reference: &str,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Transcript, HubError> {
        staff_only(scope)?;
        let conversation = self.get_conversation(scope, reference)?;
        let newest = u64::try_from(limit).unwrap_or(u64::MAX);
        let after = after.unwrap_or_else(|| conversation.last_sequence.saturating_sub(newest));
        Ok(Transcript {
            customer: self.get_customer(scope, conversation.customer)?,
            messages: self.list_messages(scope, &conversation, after, limit)?,
            conversation,
        })
    }

    async fn find_or_open_conversation(
        &self,
        scope: &Scope,
        open: OpenConversation,
    ) -> Result<Arc<Conversation>, HubError> {
        check_named_customer(scope, open.customer.as_deref())?;
        let named = open.customer.clone();
        let conversation = match self.find_meant(scope, open.alias.as_deref())? {
            Some(found) => found,
            None => self.open_conversation(scope, open).await?,
        };
        check_same_customer(scope, &conversation, named.as_deref())?;
        Ok(conversation)
    }

    /// The conversation a caller means; `None` when it is to be opened.
    fn find_meant(
        &self,
        scope: &Scope,
        reference: Option<&str>,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        match (reference, &scope.principal) {
            (None, Principal::Guest { conversation, .. }) => {
                self.get_conversation(scope, &conversation.to_string()).map(Some)
            }
            (None, _) => Ok(None),
            // Nobody opens a conversation under an id of the hub's own making.
            (Some(id), _) if ConversationId::parse(id).is_some() => {
                self.get_conversation(scope, id).map(Some)
            }
            (Some(alias), Principal::Guest { .. }) => self.get_conversation(scope, alias).map(Some),
            (Some(alias), _) => self.find_conversation(scope, alias),
        }
    }
}

/// Staff and services say for whom they speak; a customer speaks for itself.
fn check_named_customer(scope: &Scope, named: Option<&str>) -> Result<(), HubError> {
    if scope.is_staff() && named.is_none() {
        return Err(HubError::invalid("userId", "is required"));
    }
    Ok(())
}

/// An existing conversation is with the customer it was opened for, whoever is named now.
fn check_same_customer(
    scope: &Scope,
    conversation: &Conversation,
    named: Option<&str>,
) -> Result<(), HubError> {
    let Some(named) = named else { return Ok(()) };
    let same = conversation.customer_label.as_deref() == Some(named)
        || conversation.customer.to_string() == named
        || matches!(conversation.owner, Owner::Account(account) if account.to_string() == named);
    match (same, scope.is_staff()) {
        (true, _) => Ok(()),
        (false, true) => Err(HubError::NotFound("session")),
        (false, false) => Err(HubError::Forbidden(
            "A customer's token may name only its own user",
        )),
    }
}
