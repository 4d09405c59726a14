//! Opening, finding and listing conversations.

use std::sync::Arc;

use switchboard_domain::conversation::life::Input;
use switchboard_domain::conversation::{Conversation, NewConversation, Owner, Rating};
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::{Principal, Scope};

use super::{Hub, staff_only};
use crate::error::HubError;
use crate::records::counters::{Total, add_total};
use crate::records::numbers::Numbered;
use crate::records::{conversations, customers};

/// Longest id a caller may bring for a conversation or a customer, bytes.
pub const MAX_CALLER_ID_BYTES: usize = 128;
/// Longest name of a customer, characters.
const MAX_NAME_CHARACTERS: usize = 100;

/// What a caller wants of a new conversation.
#[derive(Debug, Clone, Default)]
pub struct OpenConversation {
    /// The caller's own id for it.
    pub alias: Option<String>,
    /// The caller's own id for the customer; staff and services may name anybody, customers only themselves.
    pub customer: Option<String>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Where it comes in; web without.
    pub channel: Option<Channel>,
}

/// A guest's conversation with the token that opens it again.
#[derive(Debug, Clone)]
pub struct GuestConversation {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// Who the guest is.
    pub scope: Scope,
    /// The token.
    pub token: String,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

struct Opening {
    organization: OrganizationId,
    customer: CustomerId,
    customer_name: String,
    owner: Owner,
    request: OpenConversation,
}

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
        let stored = records.find_conversation(scope.organization, id)?;
        Ok(stored
            .map(|stored| stored.record)
            .filter(|record| scope.reaches(record))
            .map(Arc::new))
    }

    /// Opens a conversation for a registered customer, or for one that staff or a service name.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] when a customer names somebody else, [`HubError::NotFound`] when the alias is taken by
    /// a conversation the caller may not know of.
    pub async fn open_conversation(
        &self,
        scope: &Scope,
        request: OpenConversation,
    ) -> Result<Arc<Conversation>, HubError> {
        check_caller_id("sessionId", request.alias.as_deref())?;
        check_caller_id("userId", request.customer.as_deref())?;
        check_name(request.customer_name.as_deref())?;
        let opening = match &scope.principal {
            Principal::Guest { .. } => return Err(HubError::Forbidden("a guest has one conversation")),
            Principal::Account(account) if !account.role.is_staff() => {
                let stored = self
                    .services
                    .records()
                    .find_account(account.id)?
                    .ok_or(HubError::Unauthenticated)?;
                let customer = stored.record.customer.ok_or(HubError::Unauthenticated)?;
                let named = request.customer.as_deref();
                if named.is_some_and(|named| named != account.id.to_string() && named != customer.to_string())
                {
                    return Err(HubError::Forbidden(
                        "a customer's token may name only its own user",
                    ));
                }
                let owner = Owner::Account(account.id);
                let customer_name = request
                    .customer_name
                    .clone()
                    .unwrap_or_else(|| account.name.clone());
                Opening {
                    organization: scope.organization,
                    customer,
                    customer_name,
                    owner,
                    request,
                }
            }
            Principal::Account(_) | Principal::Key { .. } | Principal::Hub => {
                self.opening_by_staff(scope.organization, request).await?
            }
        };
        let alias = opening.request.alias.clone();
        match self.insert_conversation(opening).await {
            Err(HubError::Conflict(_)) => {
                // The alias was taken at the same moment: open what it stands for now.
                self.get_conversation(scope, alias.as_deref().unwrap_or_default())
            }
            other => other,
        }
    }

    /// What staff or a service open: for the registered customer whose id they name, else for whom they know by that
    /// name.
    async fn opening_by_staff(
        &self,
        organization: OrganizationId,
        request: OpenConversation,
    ) -> Result<Opening, HubError> {
        let name = request
            .customer
            .clone()
            .ok_or_else(|| HubError::invalid("userId", "is required"))?;
        let registered = self.registered_customer(organization, &name)?;
        let (customer, owner) = if let Some(registered) = registered {
            registered
        } else {
            let display = request.customer_name.clone();
            let customer = self.external_customer(organization, &name, display).await?;
            (customer, Owner::Service)
        };
        Ok(Opening {
            organization,
            customer: customer.id,
            customer_name: customer.name,
            owner,
            request,
        })
    }

    /// The customer behind an account's id, whose conversations are the account's own.
    fn registered_customer(
        &self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<Option<(Customer, Owner)>, HubError> {
        let Some(id) = AccountId::parse(name) else {
            return Ok(None);
        };
        let account = self.credentials.find_account(id)?;
        let account = account.filter(|account| account.organization == organization);
        let Some(customer) = account.and_then(|account| account.customer) else {
            return Ok(None);
        };
        let stored = self.services.records().find_customer(organization, customer)?;
        Ok(stored.map(|stored| (stored.record, Owner::Account(id))))
    }

    /// Opens a conversation for a web visitor without an account.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the alias was used before: an existing conversation opens by its token alone.
    pub async fn open_guest_conversation(
        &self,
        organization: OrganizationId,
        request: OpenConversation,
    ) -> Result<GuestConversation, HubError> {
        check_caller_id("sessionId", request.alias.as_deref())?;
        check_caller_id("userId", request.customer.as_deref())?;
        if request
            .alias
            .as_deref()
            .is_some_and(|alias| ConversationId::parse(alias).is_some())
        {
            return Err(HubError::NotFound("conversation"));
        }
        let customer = self.new_customer(organization, String::new(), Vec::new());
        let opening = Opening {
            organization,
            customer: customer.id,
            customer_name: request.customer_name.clone().unwrap_or_default(),
            owner: Owner::Guest,
            request,
        };
        let conversation = self.insert_conversation_with(opening, Some(&customer)).await;
        let conversation = conversation.map_err(|error| match error {
            HubError::Conflict(_) => HubError::NotFound("conversation"),
            other => other,
        })?;
        let token = self
            .credentials
            .guest_token(conversation.id, customer.id, organization)?;
        let principal = Principal::Guest {
            conversation: conversation.id,
            customer: customer.id,
        };
        Ok(GuestConversation {
            conversation,
            scope: Scope {
                organization,
                principal,
            },
            token,
        })
    }

    /// Open conversations, newest first. Staff alone.
    pub fn list_open_conversations(
        &self,
        scope: &Scope,
        channel: Option<Channel>,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Arc<Conversation>>, HubError> {
        staff_only(scope)?;
        let records = self.services.records();
        let wanted = if channel.is_some() {
            usize::MAX
        } else {
            skip.saturating_add(limit)
        };
        let ids = records.list_open(scope.organization, channel, wanted)?;
        let total = match channel {
            None => records.total(scope.organization, Total::OpenConversations)?,
            Some(_) => u64::try_from(ids.len()).unwrap_or(u64::MAX),
        };
        let mut items = Vec::with_capacity(limit.min(ids.len()));
        for id in ids.into_iter().skip(skip).take(limit) {
            items.extend(
                records
                    .find_conversation(scope.organization, id)?
                    .map(|stored| Arc::new(stored.record)),
            );
        }
        Ok(Page { items, total })
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
        let conversation = self.get_conversation(scope, reference)?;
        self.step(&conversation, Input::Close).await
    }

    /// The customer of a conversation.
    pub fn get_customer(&self, scope: &Scope, id: CustomerId) -> Result<Customer, HubError> {
        let stored = self.services.records().find_customer(scope.organization, id)?;
        let customer = stored
            .map(|stored| stored.record)
            .ok_or(HubError::NotFound("customer"))?;
        let own = matches!(scope.principal, Principal::Guest { customer, .. } if customer == id)
            || scope
                .account()
                .is_some_and(|account| customer.identities.contains(&Identity::Account(account.id)));
        if own || scope.is_staff() {
            Ok(customer)
        } else {
            Err(HubError::NotFound("customer"))
        }
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

    fn new_customer(
        &self,
        organization: OrganizationId,
        name: String,
        identities: Vec<Identity>,
    ) -> Customer {
        let now = self.services.now();
        Customer {
            id: CustomerId::generate(now, self.services.ports.random.as_ref()),
            organization,
            name,
            email: None,
            phone: None,
            identities,
            created_at: now,
        }
    }

    /// The customer an integrating service knows by `name`; made at its first mention, once even when two mention it
    /// at the same moment.
    async fn external_customer(
        &self,
        organization: OrganizationId,
        name: &str,
        display: Option<String>,
    ) -> Result<Customer, HubError> {
        let identity = Identity::External(name.to_owned());
        let records = self.services.records();
        for _ in 0..3 {
            if let Some(id) = records.find_identity(organization, &identity)? {
                let stored = records.find_customer(organization, id)?;
                return stored
                    .map(|stored| stored.record)
                    .ok_or(HubError::NotFound("customer"));
            }
            let display = display.clone().unwrap_or_else(|| name.to_owned());
            let customer = self.new_customer(organization, display, vec![identity.clone()]);
            let mut batch = Batch::new();
            customers::insert(&mut batch, &customer)?;
            match records.commit(batch).await {
                Ok(()) => return Ok(customer),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(HubError::Overloaded)
    }

    async fn insert_conversation(&self, opening: Opening) -> Result<Arc<Conversation>, HubError> {
        self.insert_conversation_with(opening, None).await
    }

    async fn insert_conversation_with(
        &self,
        opening: Opening,
        customer: Option<&Customer>,
    ) -> Result<Arc<Conversation>, HubError> {
        let Opening {
            organization,
            request,
            ..
        } = opening;
        let now = self.services.now();
        let conversation = Conversation::open(NewConversation {
            id: ConversationId::generate(now, self.services.ports.random.as_ref()),
            number: self
                .services
                .numbers
                .take(organization, Numbered::Conversation, 1)
                .await?,
            organization,
            customer: opening.customer,
            customer_name: opening.customer_name,
            customer_label: request.customer,
            owner: opening.owner,
            channel: request.channel.unwrap_or(Channel::Web),
            alias: request.alias,
            opened_at: now,
        });
        let mut batch = Batch::new();
        if let Some(customer) = customer {
            customers::insert(&mut batch, customer)?;
        }
        conversations::insert(&mut batch, &conversation)?;
        add_total(&mut batch, organization, Total::Conversations, 1);
        add_total(&mut batch, organization, Total::OpenConversations, 1);
        self.services.records().commit(batch).await?;
        Ok(Arc::new(conversation))
    }
}

fn check_caller_id(field: &'static str, id: Option<&str>) -> Result<(), HubError> {
    let Some(id) = id else { return Ok(()) };
    if id.is_empty() || id.len() > MAX_CALLER_ID_BYTES || id.chars().any(char::is_control) {
        return Err(HubError::invalid(
            field,
            "must be 1 to 128 bytes without control characters",
        ));
    }
    Ok(())
}

fn check_name(name: Option<&str>) -> Result<(), HubError> {
    if name
        .is_some_and(|name| name.chars().count() > MAX_NAME_CHARACTERS || name.chars().any(char::is_control))
    {
        return Err(HubError::invalid(
            "name",
            "must be at most 100 characters without control characters",
        ));
    }
    Ok(())
}
