//! New accounts: customers register themselves, admins create everybody of their organization.

use std::sync::Arc;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::{AccountId, CustomerId, OrganizationId};
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::Scope;

use super::check::{check_email, check_name, check_username};
use crate::credentials::passwords::check_password;
use crate::error::HubError;
use crate::hub::{Hub, admin_only};
use crate::records::accounts::{insert_account, taken_name};
use crate::records::customers;
use crate::records::numbers::Numbered;

/// The domain of emails that stand in for one nobody knows; no mail ever goes there (RFC 2606).
pub(super) const PLACEHOLDER_DOMAIN: &str = "external.invalid";

/// What a name or email of somebody else's is refused with.
pub const TAKEN: &str = "is already taken";

/// What is said of an account that does not exist yet.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Without one it is taken from the email.
    pub username: Option<String>,
    /// Its email.
    pub email: String,
    /// Its password, 8 to 256 characters.
    pub password: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
}

impl NewAccount {
    /// The username to try first: the given one, else what stands before the email's `@`.
    fn first_username(&self) -> &str {
        let before = self.email.split('@').next().unwrap_or_default();
        self.username.as_deref().unwrap_or(before)
    }

    fn check(&self) -> Result<(), HubError> {
        check_email(&self.email)?;
        check_username(self.first_username(), &self.email)?;
        check_name("first_name", &self.first_name)?;
        check_name("last_name", &self.last_name)?;
        check_password(&self.password)
    }
}

impl Hub {
    /// Registers a customer of the default organization, with its customer record; anybody may.
    ///
    /// A taken username or email, a weak password or a name of the wrong form is `Invalid`.
    pub async fn register_customer(&self, new: NewAccount) -> Result<Arc<Account>, HubError> {
        let organization = self.credentials.default_organization()?;
        self.open_account(new, Role::Customer, organization, |_| Ok(()))
            .await
    }

    /// Creates an account of any role in the admin's own organization; naming another one is `NotFound`.
    pub async fn create_account(
        &self,
        scope: &Scope,
        new: NewAccount,
        role: Role,
        organization: Option<OrganizationId>,
    ) -> Result<Arc<Account>, HubError> {
        admin_only(scope)?;
        if organization.is_some_and(|named| named != scope.organization) {
            return Err(HubError::NotFound("organization"));
        }
        self.open_account(new, role, scope.organization, |_| Ok(())).await
    }

    /// Checks, hashes and commits a new account, together with what `also` adds to the batch.
    pub(super) async fn open_account(
        &self,
        new: NewAccount,
        role: Role,
        organization: OrganizationId,
        also: impl Fn(&mut Batch) -> Result<(), StoreError> + Send + Sync,
    ) -> Result<Arc<Account>, HubError> {
        new.check()?;
        self.refuse_taken(&new)?;
        let hash = self.credentials.hash_password(&new.password).await?;
        let mut account = self.draft_account(&new, role, organization, hash).await?;
        let mut committed = self.commit_account(&account, &also).await;
        if new.username.is_none() && is_taken_username(&committed) {
            account.username.clone_from(&account.email);
            committed = self.commit_account(&account, &also).await;
        }
        committed?;
        Ok(Arc::new(account))
    }

    /// Saves a hash where the answer is known; the commit decides.
    fn refuse_taken(&self, new: &NewAccount) -> Result<(), HubError> {
        let records = self.services.records();
        if let Some(username) = &new.username
            && records.find_login(username)?.is_some()
        {
            return Err(taken("username"));
        }
        match records.find_login(&new.email)? {
            Some(_) => Err(taken("email")),
            None => Ok(()),
        }
    }

    pub(super) async fn draft_account(
        &self,
        new: &NewAccount,
        role: Role,
        organization: OrganizationId,
        password_hash: String,
    ) -> Result<Account, HubError> {
        let number = self
            .services
            .numbers
            .take(organization, Numbered::Account, 1)
            .await?;
        let now = self.services.now();
        let random = self.services.ports.random.as_ref();
        Ok(Account {
            id: AccountId::generate(now, random),
            number,
            organization,
            username: new.first_username().to_owned(),
            email: new.email.clone(),
            first_name: new.first_name.trim().to_owned(),
            last_name: new.last_name.trim().to_owned(),
            role,
            customer: (role == Role::Customer).then(|| CustomerId::generate(now, random)),
            password_hash,
            is_active: true,
            token_generation: 0,
            created_at: now,
            last_login_at: None,
        })
    }

    pub(super) async fn commit_account(
        &self,
        account: &Account,
        also: impl Fn(&mut Batch) -> Result<(), StoreError>,
    ) -> Result<(), HubError> {
        let mut batch = Batch::new();
        insert_account(&mut batch, account)?;
        if let Some(customer) = customer_of(account) {
            customers::insert(&mut batch, &customer, Channel::Web)?;
        }
        also(&mut batch)?;
        match self.services.records().commit(batch).await {
            Err(StoreError::Conflict { key }) => Err(taken_name(account, &key)
                .map_or_else(|| StoreError::Conflict { key: key.clone() }.into(), taken)),
            other => Ok(other?),
        }
    }
}

/// The customer record of a customer's account, as it begins.
pub(super) fn customer_of(account: &Account) -> Option<Customer> {
    let id = account.customer?;
    Some(Customer {
        email: Some(account.email.clone()).filter(|email| !email.ends_with(PLACEHOLDER_DOMAIN)),
        identities: vec![Identity::Account(account.id)],
        ..Customer::new(
            id,
            account.organization,
            account.display_name(),
            account.created_at,
        )
    })
}

fn taken(field: &'static str) -> HubError {
    HubError::invalid(field, TAKEN)
}

fn is_taken_username(result: &Result<(), HubError>) -> bool {
    matches!(
        result,
        Err(HubError::Invalid {
            field: "username",
            ..
        })
    )
}
