//! Visitors who show no token: what a room of theirs opens to whoever knows its id.
//!
//! Asked by sockets whose family lets the id of a guest's room be its key. Invariant: a registered customer's
//! conversation, or one a service opened, is not found this way.

use switchboard_domain::conversation::Owner;
use switchboard_domain::id::ConversationId;
use switchboard_domain::scope::{Principal, Scope};

use super::Hub;
use crate::error::HubError;

impl Hub {
    /// The scope of a visitor who names a guest's conversation by its id, in whatever organization it is.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when there is no such conversation, and just the same when it is no guest's.
    pub fn guest_scope_of_room(&self, room: &str) -> Result<Scope, HubError> {
        let id = ConversationId::parse(room).ok_or(HubError::NotFound("conversation"))?;
        let records = self.services.records();
        for organization in records.list_organizations()? {
            let Some(conversation) = records.read_conversation(organization.id, id)? else {
                continue;
            };
            if conversation.owner != Owner::Guest {
                break;
            }
            let principal = Principal::Guest {
                conversation: id,
                customer: conversation.customer,
            };
            return Ok(Scope {
                organization: organization.id,
                principal,
            });
        }
        Err(HubError::NotFound("conversation"))
    }
}
