//! The first start, and further organizations, which the operator makes.

use std::sync::Arc;

use switchboard_domain::account::{Account, Role};
use switchboard_domain::id::OrganizationId;
use switchboard_domain::organization::Organization;
use switchboard_domain::scope::Scope;

use super::check::check_label;
use super::create::NewAccount;
use crate::channel::email::EmailCommand;
use crate::credentials::random_hex;
use crate::error::HubError;
use crate::hub::{Hub, admin_only};
use crate::records::accounts::insert_organization;

/// Random bytes of a generated password.
const PASSWORD_BYTES: usize = 12;

/// What a start found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstStart {
    /// The store has been in use before.
    No,
    /// The default organization and the account `admin` were made.
    Yes,
}

impl Hub {
    /// Makes the default organization and its account `admin` (email admin@localhost) in an empty store.
    ///
    /// To be called before anything is served. Without `admin_password` one is generated and told to `announce` before
    /// it is stored, so that no crash leaves an account whose password nobody has seen.
    pub async fn ensure_first_start(
        &self,
        admin_password: Option<String>,
        announce: impl FnOnce(&str) + Send,
    ) -> Result<FirstStart, HubError> {
        let organizations = self.services.records().list_organizations()?;
        if let Some(default) = organizations.iter().find(|organization| organization.is_default) {
            self.begin_for(default.id);
            return Ok(FirstStart::No);
        }
        let password = admin_password.unwrap_or_else(|| {
            let generated = random_hex(self.services.ports.random.as_ref(), PASSWORD_BYTES);
            announce(&generated);
            generated
        });
        let admin = NewAccount {
            username: Some("admin".to_owned()),
            email: "admin@localhost".to_owned(),
            password,
            first_name: String::new(),
            last_name: String::new(),
        };
        let (organization, _) = self.open_organization("Default", true, admin).await?;
        self.begin_for(organization.id);
        Ok(FirstStart::Yes)
    }

    /// From now on this is the default organization. Its mailboxes could not be read before, for want of one whom the
    /// mails are for, and nobody would look at them again for half a minute.
    fn begin_for(&self, default: OrganizationId) {
        self.credentials.set_default_organization(default);
        self.links.email.notify(EmailCommand::Look);
    }

    /// Another organization with its own admin; only the default organization's admins may.
    pub async fn create_organization(
        &self,
        scope: &Scope,
        name: &str,
        admin_email: String,
        admin_password: String,
    ) -> Result<(Organization, Arc<Account>), HubError> {
        admin_only(scope)?;
        if scope.organization != self.credentials.default_organization()? {
            return Err(HubError::Forbidden("Operator access required"));
        }
        check_label("name", name)?;
        let admin = NewAccount {
            username: None,
            email: admin_email,
            password: admin_password,
            first_name: String::new(),
            last_name: String::new(),
        };
        self.open_organization(name.trim(), false, admin).await
    }

    async fn open_organization(
        &self,
        name: &str,
        is_default: bool,
        admin: NewAccount,
    ) -> Result<(Organization, Arc<Account>), HubError> {
        let now = self.services.now();
        let organization = Organization {
            id: OrganizationId::generate(now, self.services.ports.random.as_ref()),
            name: name.to_owned(),
            is_default,
            created_at: now,
        };
        let account = self
            .open_account(admin, Role::Admin, organization.id, |batch| {
                insert_organization(batch, &organization)
            })
            .await?;
        Ok((organization, account))
    }
}
