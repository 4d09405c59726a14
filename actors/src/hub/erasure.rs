//! All that is kept of one customer: handed out, or removed.
//!
//! Called by surfaces on behalf of staff. What an erasure reaches, and what not, is told in `erasure.rs` beside the hub.

use std::sync::Arc;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::conversation::Conversation;
use switchboard_domain::customer::{Customer, Identity};
use switchboard_domain::id::{AccountId, CustomerId, OrganizationId};
use switchboard_domain::log::CustomerLog;
use switchboard_domain::memory::Memory;
use switchboard_domain::message::Message;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::{Hub, admin_only, staff_only};
use crate::erasure::finish;
use crate::error::HubError;
use crate::records::{Stored, accounts, customers, erasure, logs};

/// Messages of one export; somebody with more is exported from the store.
const MAX_EXPORTED_MESSAGES: usize = 100_000;
/// Messages read at a time.
const PAGE: usize = 1_000;
/// Logs removed in one commit.
const LOGS: usize = 100;

/// All that is kept of a customer.
#[derive(Debug, Clone)]
pub struct CustomerExport {
    /// When it was put together.
    pub exported_at: Timestamp,
    /// The customer.
    pub customer: Customer,
    /// Its account, if it has one.
    pub account: Option<ExportedAccount>,
    /// Its conversations, newest first.
    pub conversations: Vec<ExportedConversation>,
    /// What is remembered of it.
    pub memories: Vec<Memory>,
    /// What it has reported, newest first.
    pub logs: Vec<CustomerLog>,
}

/// An account without what lets it log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedAccount {
    /// Its id.
    pub id: AccountId,
    /// What it logs in by.
    pub username: String,
    /// Its email.
    pub email: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last logged in.
    pub last_login_at: Option<Timestamp>,
}

/// A conversation with all its messages.
#[derive(Debug, Clone)]
pub struct ExportedConversation {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// Its messages, oldest first.
    pub messages: Vec<Arc<Message>>,
}

impl From<Account> for ExportedAccount {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            email: account.email,
            first_name: account.first_name,
            last_name: account.last_name,
            created_at: account.created_at,
            last_login_at: account.last_login_at,
        }
    }
}

impl Hub {
    /// All that is kept of a customer. Staff alone.
    ///
    /// # Errors
    /// [`HubError::TooLarge`] for more than 100 000 messages.
    pub async fn export_customer(&self, scope: &Scope, id: CustomerId) -> Result<CustomerExport, HubError> {
        staff_only(scope)?;
        let organization = scope.organization;
        let customer = self.stored_customer(organization, id)?.record;
        let account = self.account_of(&customer)?.map(|stored| stored.record);
        let logs = account
            .as_ref()
            .map(|account| self.logs_of(organization, account.id))
            .transpose()?;
        let (mut conversations, mut room) = (Vec::new(), MAX_EXPORTED_MESSAGES);
        for found in self
            .services
            .records()
            .list_of_customer(organization, id, usize::MAX)?
        {
            let Some(conversation) = self.read_conversation(organization, found)? else {
                continue;
            };
            let messages = self.all_messages(&conversation, &mut room).await?;
            conversations.push(ExportedConversation {
                conversation,
                messages,
            });
        }
        Ok(CustomerExport {
            exported_at: self.services.now(),
            account: account.map(Into::into),
            logs: logs.unwrap_or_default(),
            conversations,
            memories: self.services.memories_of(organization, id)?,
            customer,
        })
    }

    async fn all_messages(
        &self,
        conversation: &Conversation,
        room: &mut usize,
    ) -> Result<Vec<Arc<Message>>, HubError> {
        let mut messages: Vec<Arc<Message>> = Vec::new();
        loop {
            let after = messages.last().map_or(0, |message| message.sequence);
            let (records, id) = (self.services.records(), conversation.id);
            let page = records.list_messages(conversation.organization, id, after, PAGE)?;
            if page.is_empty() {
                return Ok(messages);
            }
            *room = room.checked_sub(page.len()).ok_or_else(|| HubError::TooLarge {
                what: "the export",
                limit: format!("{MAX_EXPORTED_MESSAGES} messages"),
            })?;
            messages.extend(page);
            // A long export lets others go before it.
            tokio::task::yield_now().await;
        }
    }

    /// Removes all that is kept of a customer, its account included; a member of staff keeps the account. Admins alone.
    /// Returns once everything is removed; an erasure that was interrupted is finished by itself.
    pub async fn erase_customer(&self, scope: &Scope, id: CustomerId) -> Result<(), HubError> {
        admin_only(scope)?;
        let organization = scope.organization;
        let customer = self.stored_customer(organization, id)?;
        let account = self.account_of(&customer.record)?;
        let account = account.filter(|account| account.record.role == Role::Customer);
        if let Some(account) = &account {
            // While the account still names them: cut off here, the erasure is simply asked for again.
            self.erase_logs(organization, account.record.id).await?;
        }
        let mut batch = Batch::new();
        let gone = account.as_ref().map(|account| account.record.id);
        erasure::mark(&mut batch, organization, id, gone, self.services.now());
        customers::remove(&mut batch, &customer);
        if let Some(account) = &account {
            accounts::remove_account(&mut batch, account);
            for subject in self.services.records().subjects_of(account.record.id)? {
                accounts::remove_subject(&mut batch, &subject, account.record.id);
            }
        }
        self.services.records().commit(batch).await?;
        if let Some(account) = account {
            self.credentials.forget(account.record.id);
            self.credentials.forget_subjects(account.record.id);
            self.credentials.announce_revocation();
        }
        finish(&self.links, organization, id).await
    }

    fn logs_of(
        &self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Vec<CustomerLog>, HubError> {
        let mut found = Vec::new();
        let records = self.services.records();
        records.visit_logs(organization, Some(account), Timestamp::default(), |log| {
            found.push(log);
        })?;
        Ok(found)
    }

    async fn erase_logs(&self, organization: OrganizationId, account: AccountId) -> Result<(), HubError> {
        let records = self.services.records();
        for some in self.logs_of(organization, account)?.chunks(LOGS) {
            let mut batch = Batch::new();
            for log in some {
                if let Some(stored) = records.find_log(organization, log.id)? {
                    logs::delete(&mut batch, &stored);
                }
            }
            records.commit(batch).await?;
        }
        Ok(())
    }

    fn stored_customer(
        &self,
        organization: OrganizationId,
        id: CustomerId,
    ) -> Result<Stored<Customer>, HubError> {
        let found = self.services.records().find_customer(organization, id)?;
        found.ok_or(HubError::NotFound("customer"))
    }

    fn account_of(&self, customer: &Customer) -> Result<Option<Stored<Account>>, HubError> {
        let mut identities = customer.identities.iter();
        let id = identities.find_map(|identity| match identity {
            Identity::Account(id) => Some(*id),
            _ => None,
        });
        let found = id
            .map(|id| self.services.records().find_account(id))
            .transpose()?;
        Ok(found.flatten())
    }
}
