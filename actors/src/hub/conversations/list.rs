//! Lists of conversations, newest first, for staff and for the customer they are with.
//!
//! A list without a filter pages by key and takes its total from a counter; a filtered one costs the conversations of the
//! index it walks, and no messages.

use std::sync::Arc;

use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::customer::Channel;
use switchboard_domain::id::{ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::StoreError;
use switchboard_domain::scope::{Principal, Scope};

use crate::error::HubError;
use crate::hub::{Hub, staff_only};
use crate::records::counters::Total;

/// Which conversations are wanted, by who is in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not closed.
    Open,
    /// The assistant answers.
    Active,
    /// An agent is wanted or in charge.
    Transferred,
    /// Over.
    Closed,
}

/// Which conversations are wanted; without anything, all that the caller may know of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// By who is in charge.
    pub state: Option<State>,
    /// By where they come in.
    pub channel: Option<Channel>,
    /// By the customer they are with.
    pub customer: Option<CustomerId>,
    /// Only those older than the one of this id, which itself need not be there any more; a page's total counts all.
    pub before: Option<ConversationId>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

impl State {
    fn holds(self, status: &Status) -> bool {
        match self {
            Self::Open => status.is_open(),
            Self::Active => *status == Status::Active,
            Self::Transferred => status.needs_desk(),
            Self::Closed => !status.is_open(),
        }
    }
}

impl ConversationFilter {
    /// Whether a key holds just what is wanted of an organization's conversations, in their order.
    const fn is_keyed(&self) -> bool {
        self.channel.is_none()
            && match self.state {
                None => self.before.is_none(),
                Some(state) => matches!(state, State::Open),
            }
    }

    fn takes(&self, scope: &Scope, conversation: &Conversation) -> bool {
        scope.reaches(conversation)
            && self.state.is_none_or(|state| state.holds(&conversation.status))
            && self.channel.is_none_or(|channel| channel == conversation.channel)
            && self
                .customer
                .is_none_or(|customer| customer == conversation.customer)
    }
}

impl Hub {
    /// The conversations the caller may know of, newest first.
    pub fn list_conversations(
        &self,
        scope: &Scope,
        filter: ConversationFilter,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Arc<Conversation>>, HubError> {
        let organization = scope.organization;
        let customer = match &scope.principal {
            Principal::Guest { customer, .. } => Some(*customer),
            Principal::Account(account) if !account.role.is_staff() => self
                .credentials
                .find_account(account.id)?
                .and_then(|account| account.customer),
            Principal::Account(_) | Principal::Key { .. } | Principal::Hub => filter.customer,
        };
        if customer.is_none() && !scope.is_staff() {
            return Ok(Page {
                items: Vec::new(),
                total: 0,
            });
        }
        if customer.is_none() && filter.is_keyed() {
            return self.page_by_key(organization, filter, skip, limit);
        }
        let ids = self.candidates(organization, customer, filter.state)?;
        self.page_by_walk(scope, filter, ids, (skip, limit))
    }

    /// Open conversations, newest first; of the filter its state is left aside. Staff alone.
    pub fn list_open_conversations(
        &self,
        scope: &Scope,
        filter: ConversationFilter,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Arc<Conversation>>, HubError> {
        staff_only(scope)?;
        let filter = ConversationFilter {
            state: Some(State::Open),
            ..filter
        };
        self.list_conversations(scope, filter, skip, limit)
    }

    fn page_by_key(
        &self,
        organization: OrganizationId,
        filter: ConversationFilter,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Arc<Conversation>>, HubError> {
        let records = self.services.records();
        let end = skip.saturating_add(limit);
        let (ids, total) = match filter.state {
            Some(_) => (
                records.list_open(organization, filter.before, end)?,
                Total::OpenConversations,
            ),
            None => (
                records.list_conversation_ids(organization, end)?,
                Total::Conversations,
            ),
        };
        let mut items = Vec::with_capacity(limit.min(ids.len()));
        for id in ids.into_iter().skip(skip) {
            items.extend(self.read_conversation(organization, id)?);
        }
        Ok(Page {
            items,
            total: records.total(organization, total)?,
        })
    }

    /// The smallest index that holds everything wanted.
    fn candidates(
        &self,
        organization: OrganizationId,
        customer: Option<CustomerId>,
        state: Option<State>,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let records = self.services.records();
        match (customer, state) {
            (Some(customer), _) => records.list_of_customer(organization, customer, usize::MAX),
            (None, Some(State::Transferred)) => records.list_at_desk_of(organization, usize::MAX),
            (None, Some(State::Open | State::Active)) => records.list_open(organization, None, usize::MAX),
            (None, Some(State::Closed) | None) => records.list_conversation_ids(organization, usize::MAX),
        }
    }

    fn page_by_walk(
        &self,
        scope: &Scope,
        filter: ConversationFilter,
        ids: Vec<ConversationId>,
        (skip, limit): (usize, usize),
    ) -> Result<Page<Arc<Conversation>>, HubError> {
        let is_behind = |id| filter.before.is_none_or(|before| id < before);
        let (mut found, mut behind) = (0_usize, 0_usize);
        let mut items = Vec::new();
        for id in ids {
            let read = self.read_conversation(scope.organization, id)?;
            let Some(conversation) = read.filter(|conversation| filter.takes(scope, conversation)) else {
                continue;
            };
            found += 1;
            if !is_behind(id) {
                continue;
            }
            if behind >= skip && items.len() < limit {
                items.push(conversation);
            }
            behind += 1;
        }
        let total = u64::try_from(found).unwrap_or(u64::MAX);
        Ok(Page { items, total })
    }

    pub(in crate::hub) fn read_conversation(
        &self,
        organization: OrganizationId,
        id: ConversationId,
    ) -> Result<Option<Arc<Conversation>>, StoreError> {
        self.services.records().read_conversation(organization, id)
    }
}
