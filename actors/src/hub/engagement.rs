//! How customers take part: each one's conversations added up, for a list of customers and for a span of days.
//!
//! Read from the records of conversations, never from messages: the list costs the customers of its page, the span the
//! conversations that were written in within it. Staff alone.

use std::collections::BTreeMap;

use switchboard_domain::conversation::{Conversation, MessageCounts, Status};
use switchboard_domain::figures::{mean, share};
use switchboard_domain::id::{ConversationId, CustomerId};
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::analytics::Span;
use super::conversations::Page;
use super::{Hub, staff_only};
use crate::error::HubError;
use crate::records::counters::Total;

/// Conversations of one customer that are added up in a list, the newest.
const MAX_CONVERSATIONS: usize = 1_000;

/// One customer's conversations together.
#[derive(Debug, Clone, PartialEq)]
pub struct Engagement {
    /// Who.
    pub customer: CustomerId,
    /// Its name in the newest conversation.
    pub customer_name: String,
    /// The newest conversation and how it stands; none without any.
    pub newest: Option<(ConversationId, Status)>,
    /// How many conversations these are.
    pub conversations: u64,
    /// Their messages, by who wrote them.
    pub messages: MessageCounts,
    /// When something last happened: the newest message, else when the customer came.
    pub last_activity: Timestamp,
    /// From the first to the newest message of each conversation, milliseconds together.
    millis: u64,
}

/// What happened with customers in a span. The messages are those of whole conversations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Behavior {
    /// Customers whose conversations were written in, by messages, most first; at most as many as asked for.
    pub most_active: Vec<Engagement>,
    /// How many customers there were.
    pub customers: u64,
    /// How many conversations there were.
    pub conversations: u64,
    millis: u64,
}

impl Engagement {
    fn of(customer: CustomerId, customer_name: String, since: Timestamp) -> Self {
        Self {
            customer,
            customer_name,
            newest: None,
            conversations: 0,
            messages: MessageCounts::default(),
            last_activity: since,
            millis: 0,
        }
    }

    fn add(&mut self, conversation: &Conversation) {
        if self.newest.is_none_or(|(newest, _)| newest < conversation.id) {
            self.newest = Some((conversation.id, conversation.status));
            self.customer_name.clone_from(&conversation.customer_name);
        }
        self.conversations += 1;
        self.messages.customer += conversation.counts.customer;
        self.messages.assistant += conversation.counts.assistant;
        self.messages.agent += conversation.counts.agent;
        self.last_activity = self.last_activity.max(conversation.last_message_at);
        self.millis = self.millis.saturating_add(duration_millis(conversation));
    }

    /// AI messages over all messages not from the customer, percent.
    pub fn ai_usage_percentage(&self) -> f64 {
        let MessageCounts { assistant, agent, .. } = self.messages;
        100.0 * share(assistant, assistant + agent)
    }

    /// Mean time from the first to the newest message of a conversation, minutes.
    pub fn session_minutes(&self) -> Option<f64> {
        mean_minutes(self.millis, self.conversations)
    }
}

impl Behavior {
    /// Mean time from the first to the newest message of a conversation, minutes.
    pub fn session_minutes(&self) -> Option<f64> {
        mean_minutes(self.millis, self.conversations)
    }
}

fn duration_millis(conversation: &Conversation) -> u64 {
    let begun = conversation.first_message_at.unwrap_or(conversation.opened_at);
    u64::try_from(conversation.last_message_at.since(begun).as_millis()).unwrap_or(u64::MAX)
}

fn mean_minutes(millis: u64, count: u64) -> Option<f64> {
    mean(millis, count).map(|millis| millis / 60_000.0)
}

impl Hub {
    /// Every customer with its conversations added up, newest customer first.
    pub fn list_engagements(
        &self,
        scope: &Scope,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Engagement>, HubError> {
        staff_only(scope)?;
        let (organization, records) = (scope.organization, self.services.records());
        let customers = records.list_customers(organization, skip.saturating_add(limit))?;
        let mut items = Vec::new();
        for customer in customers.into_iter().skip(skip) {
            let mut engagement = Engagement::of(customer.id, customer.name, customer.created_at);
            for id in records.list_of_customer(organization, customer.id, MAX_CONVERSATIONS)? {
                if let Some(conversation) = self.read_conversation(organization, id)? {
                    engagement.add(&conversation);
                }
            }
            items.push(engagement);
        }
        Ok(Page {
            items,
            total: records.total(organization, Total::Customers)?,
        })
    }

    /// What happened with customers in a span, by whole days, with its `limit` most active customers.
    pub fn behavior(&self, scope: &Scope, span: Span, limit: usize) -> Result<Behavior, HubError> {
        staff_only(scope)?;
        let mut customers: BTreeMap<CustomerId, Engagement> = BTreeMap::new();
        for id in self.active_conversations(scope.organization, span)? {
            let Some(conversation) = self.read_conversation(scope.organization, id)? else {
                continue;
            };
            let (customer, since) = (conversation.customer, conversation.opened_at);
            customers
                .entry(customer)
                .or_insert_with(|| Engagement::of(customer, String::new(), since))
                .add(&conversation);
        }
        Ok(added_up(customers.into_values().collect(), limit))
    }
}

fn added_up(mut all: Vec<Engagement>, limit: usize) -> Behavior {
    let mut behavior = Behavior {
        customers: u64::try_from(all.len()).unwrap_or(u64::MAX),
        ..Behavior::default()
    };
    for engagement in &all {
        behavior.conversations += engagement.conversations;
        behavior.millis = behavior.millis.saturating_add(engagement.millis);
    }
    all.sort_by_key(|engagement| std::cmp::Reverse(engagement.messages.total()));
    all.truncate(limit);
    behavior.most_active = all;
    behavior
}
