//! Conversations as they were decoded last.
//!
//! One that is being written in is read for every message, by whoever lets it in and by whoever looks for its thread, and
//! to decode it costs several times as much as to see that its bytes are still the same. Kept by the session that has
//! written them and by whoever had to decode them. Invariant: what is given out is what the bytes say that were read from
//! the store just then.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::sync::Cache;
use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::ConversationId;

/// How many are kept: about a kilobyte each, and those of live sessions are in memory anyway.
const KEPT: usize = 2_048;

/// The conversations, by their ids.
#[derive(Debug)]
pub(super) struct Decoded(Cache<ConversationId, (Bytes, Arc<Conversation>)>);

impl Default for Decoded {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Decoded {
    /// What these bytes say, where it is known.
    pub(super) fn find(&self, id: ConversationId, bytes: &Bytes) -> Option<Arc<Conversation>> {
        let (known, conversation) = self.0.get(&id)?;
        (known == *bytes).then_some(conversation)
    }

    /// These bytes say this.
    pub(super) fn keep(&self, bytes: &Bytes, conversation: &Arc<Conversation>) {
        let known = (bytes.clone(), Arc::clone(conversation));
        self.0.insert(conversation.id, known);
    }

    /// Nothing is kept of this one.
    pub(super) fn forget(&self, id: ConversationId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::conversation::{NewConversation, Owner};
    use switchboard_domain::customer::Channel;
    use switchboard_domain::id::{CustomerId, OrganizationId};
    use switchboard_domain::time::Timestamp;

    use super::*;
    use crate::records::codec;

    #[test]
    fn bytes_that_were_written_since_are_not_what_is_known() {
        let conversation = Conversation::open(NewConversation {
            id: ConversationId::from_bytes([3; 16]),
            number: 1,
            organization: OrganizationId::from_bytes([2; 16]),
            customer: CustomerId::from_bytes([1; 16]),
            customer_name: "Ann".to_owned(),
            customer_label: None,
            owner: Owner::Guest,
            channel: Channel::Web,
            alias: None,
            opened_at: Timestamp::default(),
            route: None,
        });
        let conversation = Arc::new(conversation);
        let stored = |name: &str| {
            let customer_name = name.to_owned();
            let next = Conversation {
                customer_name,
                ..Conversation::clone(&conversation)
            };
            codec::encode(&next).expect("encodes")
        };
        let (id, decoded) = (conversation.id, Decoded::default());
        assert!(decoded.find(id, &stored("Ann")).is_none());
        decoded.keep(&stored("Ann"), &conversation);
        let known = decoded.find(id, &stored("Ann"));
        assert!(known.is_some_and(|known| Arc::ptr_eq(&known, &conversation)));
        assert!(decoded.find(id, &stored("Bob")).is_none());
        decoded.forget(id);
        assert!(decoded.find(id, &stored("Ann")).is_none());
    }
}
