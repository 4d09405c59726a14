//! Passing a conversation between the assistant and an agent.

use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::conversation::life::Input;
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::scope::Scope;

use super::messages::acting;
use super::{Hub, staff_only};
use crate::error::HubError;

impl Hub {
    /// Asks for an agent. Asking again while one is wanted or in charge changes nothing.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when the conversation is closed.
    pub async fn request_handover(
        &self,
        scope: &Scope,
        reference: &str,
    ) -> Result<Arc<Conversation>, HubError> {
        let conversation = self.get_conversation(scope, reference)?;
        let reason = if scope.is_staff() {
            HandoverReason::StaffRequest
        } else {
            HandoverReason::CustomerRequest
        };
        let settings = self
            .services
            .organization(conversation.organization)?
            .settings
            .load_full();
        let say = settings
            .auto_reply_enabled
            .then(|| settings.handover_message.clone());
        self.step(&conversation, Input::RequestHandover { reason, say })
            .await
    }

    /// The caller takes charge.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when another agent has, or the conversation is closed.
    pub async fn accept_handover(
        &self,
        scope: &Scope,
        reference: &str,
    ) -> Result<Arc<Conversation>, HubError> {
        let agent = acting(scope)?;
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::Accept { agent }).await
    }

    /// Gives the conversation back to the assistant. Staff alone.
    ///
    /// # Errors
    /// [`HubError::Conflict`] when it is neither waiting nor with an agent.
    pub async fn release_handover(
        &self,
        scope: &Scope,
        reference: &str,
    ) -> Result<Arc<Conversation>, HubError> {
        staff_only(scope)?;
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::Release).await
    }
}
