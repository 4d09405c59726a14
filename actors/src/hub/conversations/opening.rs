//! Opening conversations: for a registered customer, for one that staff or a service name, for a visitor.
//!
//! Invariant: finding or making a customer is serial per address, because the address is an insert-if-absent key.

use std::sync::Arc;

use switchboard_domain::conversation::{Conversation, NewConversation, Owner, Route};
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::{AccountPrincipal, Principal, Scope};

use super::MAX_CALLER_ID_BYTES;
use crate::error::HubError;
use crate::hub::Hub;
use crate::records::counters::{Total, add_total};
use crate::records::numbers::Numbered;
use crate::records::{conversations, customers};

/// Longest name of a customer, characters.
pub(in crate::hub) const MAX_NAME_CHARACTERS: usize = 100;

/// Conversations of a customer looked at for where it wrote from last.
const LOOK_BACK: usize = 20;

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

struct Opening {
    organization: OrganizationId,
    customer: CustomerId,
    customer_name: String,
    owner: Owner,
    route: Option<Route>,
    request: OpenConversation,
}

impl Hub {
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
                self.opening_by_customer(scope.organization, account, request)?
            }
            Principal::Account(_) | Principal::Key { .. } | Principal::Hub => {
                self.opening_by_staff(scope.organization, request).await?
            }
        };
        self.insert_or_find(scope, opening).await
    }

    /// Opens a conversation in which the caller itself is the customer; members of staff may try the hub as one.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] for services and guests: a service says for whom it opens one.
    pub async fn open_own_conversation(
        &self,
        scope: &Scope,
        request: OpenConversation,
    ) -> Result<Arc<Conversation>, HubError> {
        let account = scope
            .account()
            .ok_or(HubError::Forbidden("an account of one's own is needed"))?;
        if !account.role.is_staff() {
            return self.open_conversation(scope, request).await;
        }
        check_name(request.customer_name.as_deref())?;
        let identity = Identity::Account(account.id);
        let customer = self
            .customer_known_as(scope.organization, identity, account.name.clone())
            .await?;
        let opening = Opening {
            organization: scope.organization,
            customer: customer.id,
            customer_name: request.customer_name.clone().unwrap_or(customer.name),
            owner: Owner::Account(account.id),
            route: None,
            request,
        };
        self.insert_or_find(scope, opening).await
    }

    /// Opens a conversation with a customer whom the organization writes to first; once for each `alias`, if there is one.
    pub(in crate::hub) async fn open_for_customer(
        &self,
        customer: &Customer,
        channel: Channel,
        alias: Option<String>,
    ) -> Result<Arc<Conversation>, HubError> {
        let route = self.route_to(customer, channel)?;
        let opening = opening_for(customer, channel, route, alias);
        self.insert_or_find(&Scope::hub(customer.organization), opening)
            .await
    }

    /// Where a customer is reached by a channel: where it wrote from last, else at the address that is known of it.
    fn route_to(&self, customer: &Customer, channel: Channel) -> Result<Option<Route>, HubError> {
        if channel == Channel::Web {
            return Ok(None);
        }
        let records = self.services.records();
        for id in records.list_of_customer(customer.organization, customer.id, LOOK_BACK)? {
            let read = self.read_conversation(customer.organization, id)?;
            let route = read
                .filter(|read| read.channel == channel)
                .and_then(|read| read.route.clone());
            if let Some(route) = route {
                let subject = String::new();
                return Ok(Some(Route { subject, ..route }));
            }
        }
        Ok(customer.route_by(channel))
    }

    /// Opens a conversation with a known customer at an address by which it came.
    pub(in crate::hub) async fn open_on_route(
        &self,
        customer: &Customer,
        channel: Channel,
        route: Route,
    ) -> Result<Arc<Conversation>, HubError> {
        let opening = opening_for(customer, channel, Some(route), None);
        self.insert_conversation(opening, None).await
    }

    /// Opens a conversation with somebody who comes for the first time.
    pub(in crate::hub) async fn open_with_new(
        &self,
        customer: &Customer,
        channel: Channel,
        route: Route,
    ) -> Result<Arc<Conversation>, HubError> {
        let opening = opening_for(customer, channel, Some(route), None);
        self.insert_conversation(opening, Some(customer)).await
    }

    fn opening_by_customer(
        &self,
        organization: OrganizationId,
        account: &AccountPrincipal,
        request: OpenConversation,
    ) -> Result<Opening, HubError> {
        let stored = self.services.records().find_account(account.id)?;
        let customer = stored.and_then(|stored| stored.record.customer);
        let customer = customer.ok_or(HubError::Unauthenticated)?;
        let named = request.customer.as_deref();
        if named.is_some_and(|named| named != account.id.to_string() && named != customer.to_string()) {
            return Err(HubError::Forbidden(
                "a customer's token may name only its own user",
            ));
        }
        let customer_name = request.customer_name.clone();
        Ok(Opening {
            organization,
            customer,
            customer_name: customer_name.unwrap_or_else(|| account.name.clone()),
            owner: Owner::Account(account.id),
            route: None,
            request,
        })
    }

    async fn insert_or_find(&self, scope: &Scope, opening: Opening) -> Result<Arc<Conversation>, HubError> {
        let alias = opening.request.alias.clone();
        match self.insert_conversation(opening, None).await {
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
            let display = request.customer_name.clone().unwrap_or_else(|| name.clone());
            let identity = Identity::External(name);
            let customer = self.customer_known_as(organization, identity, display).await?;
            (customer, Owner::Service)
        };
        Ok(Opening {
            organization,
            customer: customer.id,
            customer_name: customer.name,
            owner,
            route: None,
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
            route: None,
            request,
        };
        let conversation = self.insert_conversation(opening, Some(&customer)).await;
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

    /// Opens a conversation: a customer its own; staff and services one with somebody new of that name, who may join
    /// it without an account by its unguessable id.
    ///
    /// # Errors
    /// [`HubError::Invalid`] without a name where one is needed.
    pub async fn open_or_invite(
        &self,
        scope: &Scope,
        request: OpenConversation,
    ) -> Result<Arc<Conversation>, HubError> {
        if !scope.is_staff() {
            return self.open_own_conversation(scope, request).await;
        }
        check_caller_id("sessionId", request.alias.as_deref())?;
        check_name(request.customer_name.as_deref())?;
        let name = request.customer_name.clone().unwrap_or_default();
        if name.trim().is_empty() {
            return Err(HubError::invalid("name", "must not be empty"));
        }
        if let Some(known) = self.find_invited(scope, &request)? {
            return Ok(known);
        }
        let customer = self.new_customer(scope.organization, name.clone(), Vec::new());
        let opening = Opening {
            organization: scope.organization,
            customer: customer.id,
            customer_name: name,
            owner: Owner::Guest,
            route: None,
            request,
        };
        self.insert_conversation(opening, Some(&customer)).await
    }

    /// What a request that is made again has opened already.
    fn find_invited(
        &self,
        scope: &Scope,
        request: &OpenConversation,
    ) -> Result<Option<Arc<Conversation>>, HubError> {
        let alias = request.alias.as_deref();
        alias.map_or(Ok(None), |alias| self.find_conversation(scope, alias))
    }

    pub(in crate::hub) fn new_customer(
        &self,
        organization: OrganizationId,
        name: String,
        identities: Vec<Identity>,
    ) -> Customer {
        let now = self.services.now();
        let id = CustomerId::generate(now, self.services.ports.random.as_ref());
        Customer {
            identities,
            ..Customer::new(id, organization, name, now)
        }
    }

    /// The customer known by an address; made at its first mention, once even when two mention it at the same moment.
    pub(in crate::hub) async fn customer_known_as(
        &self,
        organization: OrganizationId,
        identity: Identity,
        name: String,
    ) -> Result<Customer, HubError> {
        let records = self.services.records();
        for _ in 0..3 {
            if let Some(id) = records.find_identity(organization, &identity)? {
                let stored = records.find_customer(organization, id)?;
                return stored
                    .map(|stored| stored.record)
                    .ok_or(HubError::NotFound("customer"));
            }
            let customer = self.new_customer(organization, name.clone(), vec![identity.clone()]);
            let mut batch = Batch::new();
            customers::insert(&mut batch, &customer, Channel::Web)?;
            match records.commit(batch).await {
                Ok(()) => return Ok(customer),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(HubError::Overloaded)
    }

    async fn insert_conversation(
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
            route: opening.route,
        });
        let mut batch = Batch::new();
        if let Some(customer) = customer {
            customers::insert(&mut batch, customer, conversation.channel)?;
        }
        conversations::insert(&mut batch, &conversation)?;
        add_total(&mut batch, organization, Total::Conversations, 1);
        add_total(&mut batch, organization, Total::OpenConversations, 1);
        self.services.records().commit(batch).await?;
        Ok(Arc::new(conversation))
    }
}

/// What is opened for a customer by the organization or by its own message.
fn opening_for(
    customer: &Customer,
    channel: Channel,
    route: Option<Route>,
    alias: Option<String>,
) -> Opening {
    let account = customer.identities.iter().find_map(|identity| match identity {
        Identity::Account(account) => Some(*account),
        _ => None,
    });
    let request = OpenConversation {
        alias,
        channel: Some(channel),
        ..OpenConversation::default()
    };
    Opening {
        organization: customer.organization,
        customer: customer.id,
        customer_name: customer.name.clone(),
        owner: account.map_or(Owner::Service, Owner::Account),
        route,
        request,
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
