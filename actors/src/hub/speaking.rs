//! Speaking in a conversation under a claim: what a caller says it speaks as is checked against what it is.
//!
//! Called by surfaces whose callers name their side with every message. Invariant: a claim never gives a right; without
//! one the caller's own side counts ([`Hub::speak`]).

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::scope::Scope;

use super::messages::{Answered, NewMessage};
use super::{Hub, staff_only};
use crate::error::HubError;

/// Whose side a message is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person outside.
    Customer,
    /// Those who answer.
    Staff,
}

impl Hub {
    /// A message by whoever calls, as the side it claims to be on.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] when it is not on that side: staff are the customer only in a conversation of their own,
    /// a service speaks only for customers.
    pub async fn speak_as(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        side: Option<Side>,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        match side {
            None => self.speak(scope, conversation, message).await,
            Some(Side::Customer) => {
                check_customer(scope, conversation)?;
                self.ask(scope, conversation, message).await
            }
            Some(Side::Staff) => {
                staff_only(scope)?;
                self.send_and_tell(scope, conversation, message).await
            }
        }
    }

    /// A message by a member of staff, in the form of an answered one.
    pub(super) async fn send_and_tell(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        let done = self.send_message(scope, conversation, message).await?;
        let said = done.messages.first().map(Arc::clone);
        Ok(Answered {
            question: said.ok_or_else(|| HubError::internal("a message was not stored"))?,
            answer: None,
            notice: None,
            conversation: done.conversation,
        })
    }
}

/// A member of staff is nobody else's customer.
fn check_customer(scope: &Scope, conversation: &Conversation) -> Result<(), HubError> {
    let is_staff_account = scope.is_staff() && scope.account().is_some();
    if is_staff_account && !scope.owns(conversation) {
        return Err(HubError::Forbidden("Staff cannot speak as a customer"));
    }
    Ok(())
}
