//! Messages of the organization's side: into a conversation that is there, or to a customer who has not written.
//!
//! Called by the API families. Who speaks follows from the caller: a member of staff as an agent, who then is in charge;
//! a service on the assistant's side, because no agent wrote it and nobody is to be put in charge by it. Such a message
//! has no trace, as the handover texts have none, and counts as one of the assistant's in the figures. It does not
//! answer the customer's question, if there is one. Invariant: nothing is opened for a message that would be refused.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::customer::{Channel, Customer};
use switchboard_domain::id::CustomerId;
use switchboard_domain::message::Message;
use switchboard_domain::scope::{Principal, Scope};

use super::messages::{NewMessage, acting, check_reach};
use super::writing::check_writing;
use super::{Hub, staff_only};
use crate::error::HubError;
use crate::session::Done;

/// A customer's newest conversations that are looked at for an open one.
const LOOK_BACK: usize = 100;

/// A message that was stored.
#[derive(Debug, Clone)]
pub struct Written {
    /// The message.
    pub message: Arc<Message>,
    /// The conversation it stands in, as it is after it.
    pub conversation: Arc<Conversation>,
}

impl TryFrom<Done> for Written {
    type Error = HubError;

    fn try_from(done: Done) -> Result<Self, HubError> {
        let message = done.messages.into_iter().next();
        Ok(Self {
            message: message.ok_or_else(|| HubError::internal("a message was not stored"))?,
            conversation: done.conversation,
        })
    }
}

impl Hub {
    /// A message by whoever calls, durable when this returns: the customer's own in its conversation, else one of the
    /// organization's side. The assistant's answer to a customer's comes by the event bus.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when a service writes into a closed conversation.
    pub async fn write_message(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Written, HubError> {
        let done = match &scope.principal {
            Principal::Key { .. } | Principal::Hub => {
                self.write_as_service(scope, conversation, message).await
            }
            Principal::Account(_) if acting(scope).is_ok() && !scope.owns(conversation) => {
                self.send_message(scope, conversation, message).await
            }
            Principal::Account(_) | Principal::Guest { .. } => {
                self.receive_message(scope, conversation, message).await
            }
        };
        done?.try_into()
    }

    /// A message of the organization's side into the conversation of this id, or of its caller's own for it. Staff and
    /// services.
    ///
    /// # Errors
    /// As [`Hub::write_message`]; [`HubError::NotFound`] for a conversation that is not there.
    pub async fn write_in(
        &self,
        scope: &Scope,
        conversation: &str,
        message: NewMessage,
    ) -> Result<Written, HubError> {
        staff_only(scope)?;
        let conversation = self.get_conversation(scope, conversation)?;
        self.write_message(scope, &conversation, message).await
    }

    /// A message to a customer: into its newest open conversation of that channel, else into a new one. Staff and
    /// services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a channel that is not configured, [`HubError::NotFound`] for a customer that is not
    /// the organization's.
    pub async fn write_to_customer(
        &self,
        scope: &Scope,
        customer: CustomerId,
        channel: Channel,
        message: NewMessage,
    ) -> Result<Written, HubError> {
        staff_only(scope)?;
        check_writing(channel, &message)?;
        if let Some(reason) = self.missing_channel(channel) {
            return Err(HubError::invalid("channel", reason));
        }
        let customer = self.get_customer(scope, customer)?;
        if channel != Channel::Web && customer.route_by(channel).is_none() {
            let reason = format!("the customer has no address for {}", channel.as_str());
            return Err(HubError::invalid("channel", reason));
        }
        let open = self.find_open_with(&customer, channel)?;
        let conversation = match open {
            Some(open) => open,
            None => self.open_for_customer(&customer, channel, None).await?,
        };
        let done = match acting(scope) {
            Ok(_) => self.send_message(scope, &conversation, message).await,
            Err(_) => self.write_as_service(scope, &conversation, message).await,
        };
        done?.try_into()
    }

    async fn write_as_service(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Done, HubError> {
        check_reach(scope, conversation)?;
        let as_service = |content| Input::Announce { content };
        self.store_writing(conversation, message, as_service).await
    }

    /// Why a channel cannot be sent by; none for one that can.
    pub(super) fn missing_channel(&self, channel: Channel) -> Option<String> {
        let is_missing = !self.services.ports.channels.reaches(channel);
        is_missing.then(|| format!("the channel {} is not configured", channel.as_str()))
    }

    fn find_open_with(
        &self,
        customer: &Customer,
        channel: Channel,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        let records = self.services.records();
        let organization = customer.organization;
        for id in records.list_of_customer(organization, customer.id, LOOK_BACK)? {
            let read = self.read_conversation(organization, id)?;
            let open = read.filter(|read| read.channel == channel && read.status.is_open());
            if open.is_some() {
                return Ok(open);
            }
        }
        Ok(None)
    }
}
