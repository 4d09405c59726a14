//! Messages to addresses outside, whoever has them: the customer is found or made, the message goes by its channel.
//!
//! Called by the API families for staff and services. Invariant: nobody is made a customer for a message that would be
//! refused.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::details::{normalized_email, normalized_phone};
use switchboard_domain::customer::{Channel, Identity};
use switchboard_domain::event::{Event, Occurrence};
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{DeliveryStatus, Form, Sequence};
use switchboard_domain::ports::bus::{Listener, Topic};
use switchboard_domain::scope::Scope;
use tokio::sync::Notify;

use super::accounts::check::check_email;
use super::messages::NewMessage;
use super::outreach::Written;
use super::writing::{check_writing, outside_window};
use super::{Hub, staff_only};
use crate::error::HubError;

/// An address outside that need not be a customer's yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A phone number with WhatsApp.
    Whatsapp(String),
    /// A phone number.
    Sms(String),
    /// An email address.
    Email(String),
}

/// How long a caller waits for its message to be handed over.
const HANDED_OVER: Duration = Duration::from_secs(3);

impl Address {
    const fn channel(&self) -> Channel {
        match self {
            Self::Whatsapp(_) => Channel::Whatsapp,
            Self::Sms(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
        }
    }

    fn identity(&self) -> Result<Identity, HubError> {
        match self {
            Self::Whatsapp(number) | Self::Sms(number) => {
                let digits = number.trim().trim_start_matches('+');
                let phone = normalized_phone(&format!("+{digits}"));
                let phone = phone
                    .ok_or_else(|| HubError::invalid("to", "must be a phone number with its country code"))?;
                Ok(Identity::Phone(phone))
            }
            Self::Email(address) => {
                check_email(address).map_err(|_| HubError::invalid("to", "must be an email address"))?;
                Ok(Identity::Email(normalized_email(address)))
            }
        }
    }
}

impl Hub {
    /// Whether an email address is one of the customer's in a conversation, or where answers in it go.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for `to` when it is no address.
    pub(super) fn writes_from(&self, conversation: &Conversation, address: &str) -> Result<bool, HubError> {
        let identity = Address::Email(address.to_owned()).identity()?;
        let known = self
            .services
            .records()
            .find_identity(conversation.organization, &identity)?;
        let route = conversation.route.as_ref();
        let is_route = route.is_some_and(|route| normalized_email(&route.to) == normalized_email(address));
        Ok(known == Some(conversation.customer) || is_route)
    }

    /// A message to an address, whose customer is made where there is none yet. Waits a moment for it to be handed to
    /// the channel's provider. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for `to`, for a channel that is not configured, and for free text to somebody on WhatsApp
    /// who has not written for a day.
    pub async fn send_to_address(
        &self,
        scope: &Scope,
        address: Address,
        message: NewMessage,
    ) -> Result<Written, HubError> {
        staff_only(scope)?;
        let (channel, identity) = (address.channel(), address.identity()?);
        check_writing(channel, &message)?;
        if let Some(reason) = self.missing_channel(channel) {
            return Err(HubError::invalid("to", reason));
        }
        let records = self.services.records();
        let known = records.find_identity(scope.organization, &identity)?;
        let is_free = !matches!(message.form, Some(Form::Template(_)));
        if known.is_none() && is_free && channel == Channel::Whatsapp {
            return Err(outside_window());
        }
        let customer = match known {
            Some(id) => id,
            None => {
                self.customer_known_as(scope.organization, identity, String::new())
                    .await?
                    .id
            }
        };
        let written = self.write_to_customer(scope, customer, channel, message).await?;
        self.until_handed_over(written).await
    }

    /// Waits until the message is no longer queued, but not for long.
    pub(super) async fn until_handed_over(&self, written: Written) -> Result<Written, HubError> {
        let (organization, id) = (written.conversation.organization, written.conversation.id);
        let sequence = written.message.sequence;
        let listener = Arc::new(HandedOver::new(self, sequence));
        let (bus, name) = (&self.services.ports.bus, listener.id());
        bus.subscribe(Topic::Conversation(id), Arc::<HandedOver>::clone(&listener));
        let records = self.services.records();
        let read = || records.find_message(organization, id, sequence);
        if read()?.is_some_and(|message| message.status == DeliveryStatus::Queued) {
            // Whether it was or was not, the message is read once more.
            drop(tokio::time::timeout(HANDED_OVER, listener.told.notified()).await);
        }
        bus.unsubscribe(Topic::Conversation(id), name);
        let message = read()?.map(Arc::new).unwrap_or(written.message);
        Ok(Written { message, ..written })
    }
}

/// Hears when one message is no longer queued.
#[derive(Debug)]
struct HandedOver {
    id: ConnectionId,
    sequence: Sequence,
    told: Notify,
}

impl HandedOver {
    fn new(hub: &Hub, sequence: Sequence) -> Self {
        let random = hub.services.ports.random.as_ref();
        Self {
            id: ConnectionId::generate(hub.services.now(), random),
            sequence,
            told: Notify::new(),
        }
    }
}

impl Listener for HandedOver {
    fn id(&self) -> ConnectionId {
        self.id
    }

    fn is_staff(&self) -> bool {
        false
    }

    fn hear(&self, occurrences: &[Arc<Occurrence>]) {
        let is_it = |occurrence: &Arc<Occurrence>| match &occurrence.event {
            Event::Updated(message) => {
                message.sequence == self.sequence && message.status != DeliveryStatus::Queued
            }
            _ => false,
        };
        if occurrences.iter().any(is_it) {
            self.told.notify_one();
        }
    }
}
