//! What is said and stored, by the hub itself: for tests that are about it and not about how a family tells it.

use std::sync::Arc;

use switchboard_actors::hub::conversations::{ConversationFilter, OpenConversation};
use switchboard_actors::hub::customers::CustomerFilter;
use switchboard_actors::hub::logs::NewLog;
use switchboard_actors::hub::messages::{Answered, NewMessage};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::{Channel, Customer};
use switchboard_domain::log::CustomerLog;
use switchboard_domain::message::Message;
use switchboard_domain::scope::Scope;

use super::{Persona, World};

/// What the customer is told.
pub(crate) fn said(answered: &Answered) -> &str {
    let answer = answered.answer.as_ref().map(|answer| answer.text.as_str());
    answer.or(answered.notice.as_deref()).unwrap_or_default()
}

/// Who is in charge after it: `active`, `waiting`, `with_agent` or `closed`.
pub(crate) fn status(answered: &Answered) -> &'static str {
    answered.conversation.status.as_str()
}

impl Persona {
    /// Asks in the conversation that it calls by this name, and waits for the answer.
    pub(crate) async fn asks(&self, session: &str, text: &str) -> Answered {
        let open = OpenConversation {
            alias: Some(session.to_owned()),
            channel: Some(Channel::Web),
            ..OpenConversation::default()
        };
        self.speaks(open, text).await
    }

    /// Speaks as a customer in the conversation it means, and waits for the answer.
    pub(crate) async fn speaks(&self, open: OpenConversation, text: &str) -> Answered {
        let message = NewMessage {
            text: text.to_owned(),
            ..NewMessage::default()
        };
        let scope = self.scope().await;
        self.hub().ask_in(&scope, open, message).await.unwrap()
    }

    /// Speaks as an agent in the conversation of this id or name.
    pub(crate) async fn answers(&self, reference: &str, text: &str) {
        let scope = self.scope().await;
        let conversation = self.hub().get_conversation(&scope, reference).unwrap();
        let message = NewMessage {
            text: text.to_owned(),
            ..NewMessage::default()
        };
        let sent = self.hub().send_message(&scope, &conversation, message);
        sent.await.unwrap();
    }

    /// Notes something that support is to look into; the log.
    pub(crate) async fn reports(&self, title: &str, description: &str) -> CustomerLog {
        let log = NewLog {
            title: title.to_owned(),
            description: description.to_owned(),
            ..NewLog::default()
        };
        let scope = self.scope().await;
        self.hub().create_log(&scope, log).await.unwrap()
    }

    /// Closes the conversation of this id or name.
    pub(crate) async fn closes(&self, reference: &str) {
        let scope = self.scope().await;
        self.hub().close_conversation(&scope, reference).await.unwrap();
    }
}

impl World {
    /// The hub itself, in the default organization.
    pub(crate) fn scope(&self) -> Scope {
        Scope::hub(self.hub.credentials().default_organization().unwrap())
    }

    /// All conversations, newest first.
    pub(crate) fn conversations(&self) -> Vec<Arc<Conversation>> {
        let all = ConversationFilter::default();
        let listed = self.hub.list_conversations(&self.scope(), all, 0, 1_000);
        listed.unwrap().items
    }

    /// All customers, newest first.
    pub(crate) fn customers(&self) -> Vec<Customer> {
        let all = CustomerFilter::default();
        let listed = self.hub.list_customers(&self.scope(), &all, 0, 1_000);
        let profiles = listed.unwrap().items.into_iter();
        profiles.map(|profile| profile.customer).collect()
    }

    /// The conversation of this id or name.
    pub(crate) fn conversation(&self, reference: &str) -> Arc<Conversation> {
        self.hub.get_conversation(&self.scope(), reference).unwrap()
    }

    /// All that is stored of the conversation of this id or name.
    pub(crate) fn messages(&self, reference: &str) -> Vec<Arc<Message>> {
        let conversation = self.conversation(reference);
        let listed = self.hub.list_messages(&self.scope(), &conversation, 0, 1_000);
        listed.unwrap()
    }
}
