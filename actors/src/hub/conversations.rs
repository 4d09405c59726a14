//! Finding conversations and acting on them as a whole; opened in [`opening`], listed in [`list`].

pub mod list;
pub mod opening;

use std::sync::Arc;

use switchboard_domain::conversation::life::{Closing, Input};
use switchboard_domain::conversation::{Conversation, Owner, Rating};
use switchboard_domain::id::ConversationId;
use switchboard_domain::scope::Scope;

pub use self::list::{ConversationFilter, Page, State};
pub use self::opening::{GuestConversation, OpenConversation};
use super::Hub;
use super::messages::check_reach;
use crate::error::HubError;
use crate::records::numbers::Numbered;

/// Longest id a caller may bring for a conversation or a customer, bytes.
pub const MAX_CALLER_ID_BYTES: usize = 128;
/// Longest reason of a close, characters.
const MAX_REASON_CHARACTERS: usize = 100;
/// Longest summary of a conversation, characters.
const MAX_SUMMARY_CHARACTERS: usize = 2_000;

impl Hub {
    /// The conversation of this id or caller's alias, if the caller may know of it.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when there is none, and just the same when it is somebody else's.
    pub fn get_conversation(&self, scope: &Scope, reference: &str) -> Result<Arc<Conversation>, HubError> {
        self.find_conversation(scope, reference)?
            .ok_or(HubError::NotFound("conversation"))
    }

    /// The same, `None` when there is none that the caller may know of.
    pub fn find_conversation(
        &self,
        scope: &Scope,
        reference: &str,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        let records = self.services.records();
        let id = match ConversationId::parse(reference) {
            Some(id) => Some(id),
            None if reference.len() > MAX_CALLER_ID_BYTES => None,
            None => records.find_alias(scope.organization, reference)?,
        };
        let Some(id) = id else { return Ok(None) };
        let read = self.read_conversation(scope.organization, id)?;
        Ok(read.filter(|conversation| scope.reaches(conversation)))
    }

    /// The conversation of this number, for families with integer ids.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when there is none, and just the same when it is somebody else's.
    pub fn get_conversation_by_number(
        &self,
        scope: &Scope,
        number: u64,
    ) -> Result<Arc<Conversation>, HubError> {
        let records = self.services.records();
        let id = records.find_numbered(scope.organization, Numbered::Conversation, number)?;
        let id = id.ok_or(HubError::NotFound("conversation"))?;
        self.get_conversation(scope, &ConversationId::from_bytes(id).to_string())
    }

    /// The number of the account that a conversation is with; none where it is with nobody's account.
    pub fn get_owner_number(
        &self,
        scope: &Scope,
        conversation: &Conversation,
    ) -> Result<Option<u64>, HubError> {
        check_reach(scope, conversation)?;
        let Owner::Account(id) = conversation.owner else {
            return Ok(None);
        };
        let account = self.credentials.find_account(id)?;
        Ok(account.map(|account| account.number))
    }

    /// Starts the assistant's context anew; the messages stay on record.
    pub async fn reset_context(&self, scope: &Scope, reference: &str) -> Result<Arc<Conversation>, HubError> {
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::ResetContext).await
    }

    /// The customer's satisfaction, 1–5 stars.
    pub async fn rate_conversation(
        &self,
        scope: &Scope,
        reference: &str,
        rating: Rating,
    ) -> Result<Arc<Conversation>, HubError> {
        if !(1..=5).contains(&rating.stars) {
            return Err(HubError::invalid("rating", "must be a whole number from 1 to 5"));
        }
        if rating
            .comment
            .as_ref()
            .is_some_and(|comment| comment.chars().count() > 2_000)
        {
            return Err(HubError::invalid("comment", "must be at most 2000 characters"));
        }
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::Rate(rating)).await
    }

    /// Ends a conversation; closing a closed one is a conflict.
    pub async fn close_conversation(
        &self,
        scope: &Scope,
        reference: &str,
    ) -> Result<Arc<Conversation>, HubError> {
        self.close_conversation_with(scope, reference, Closing::default())
            .await
    }

    /// The same, with why and how it ended.
    pub async fn close_conversation_with(
        &self,
        scope: &Scope,
        reference: &str,
        closing: Closing,
    ) -> Result<Arc<Conversation>, HubError> {
        check_characters("reason", closing.reason.as_deref(), MAX_REASON_CHARACTERS)?;
        check_characters("summary", closing.summary.as_deref(), MAX_SUMMARY_CHARACTERS)?;
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::Close(closing)).await
    }

    pub(super) async fn step(
        &self,
        conversation: &Conversation,
        input: Input,
    ) -> Result<Arc<Conversation>, HubError> {
        let done = self
            .links
            .directory
            .act(conversation.organization, conversation.id, input, None)
            .await?;
        Ok(done.conversation)
    }
}

fn check_characters(field: &'static str, text: Option<&str>, most: usize) -> Result<(), HubError> {
    if text.is_some_and(|text| text.chars().count() > most) {
        return Err(HubError::invalid(
            field,
            format!("must be at most {most} characters"),
        ));
    }
    Ok(())
}
