//! An organization as its own people see it: its name and what it tells about itself.

use switchboard_domain::business::{BusinessProfile, MAX_PROFILE_CHARACTERS};
use switchboard_domain::customer::details::normalized_phone;
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::accounts::check::{check_email, check_label};
use super::{Hub, admin_only, staff_only};
use crate::error::HubError;
use crate::records::accounts::put_organization;
use crate::records::business::put_profile;

/// The organization with its profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// The record.
    pub organization: Organization,
    /// What it has set.
    pub profile: BusinessProfile,
}

/// What is to be told; what is `None` stays as it is, what is empty is taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessChange {
    /// Never empty.
    pub name: Option<String>,
    /// Where mail reaches it.
    pub email: Option<String>,
    /// With its country code.
    pub phone: Option<String>,
    /// What it does, in a word.
    pub industry: Option<String>,
}

impl Hub {
    /// The caller's organization. Staff and services.
    pub fn get_business(&self, scope: &Scope) -> Result<Business, HubError> {
        staff_only(scope)?;
        let records = self.services.records();
        let organization = records.find_organization(scope.organization)?;
        Ok(Business {
            organization: organization.ok_or(HubError::NotFound("organization"))?,
            profile: records.find_profile(scope.organization)?.unwrap_or_default(),
        })
    }

    /// Changes what the organization tells about itself. Admins alone.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for the first field that is wrong.
    pub async fn update_business(&self, scope: &Scope, change: BusinessChange) -> Result<Business, HubError> {
        admin_only(scope)?;
        let next = change.applied_to(self.get_business(scope)?)?;
        let mut batch = Batch::new();
        put_organization(&mut batch, &next.organization)?;
        put_profile(&mut batch, scope.organization, &next.profile)?;
        self.services.records().commit(batch).await?;
        Ok(next)
    }
}

impl BusinessChange {
    fn applied_to(self, mut business: Business) -> Result<Business, HubError> {
        if let Some(name) = self.name {
            check_label("name", &name)?;
            name.trim().clone_into(&mut business.organization.name);
        }
        if let Some(email) = self.email {
            business.profile.email = written(&email, |email| {
                check_email(email)?;
                Ok(email.to_owned())
            })?;
        }
        if let Some(phone) = self.phone {
            business.profile.phone = written(&phone, phone_of)?;
        }
        if let Some(industry) = self.industry {
            business.profile.industry = written(&industry, industry_of)?;
        }
        Ok(business)
    }
}

/// What stands in a field after `read`; nothing when it is empty.
fn written(
    text: &str,
    read: impl FnOnce(&str) -> Result<String, HubError>,
) -> Result<Option<String>, HubError> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

fn phone_of(text: &str) -> Result<String, HubError> {
    let expected = "must be a phone number with its country code, such as +15551234567";
    normalized_phone(text).ok_or_else(|| HubError::invalid("phone", expected))
}

fn industry_of(text: &str) -> Result<String, HubError> {
    if text.chars().count() > MAX_PROFILE_CHARACTERS || text.chars().any(char::is_control) {
        return Err(HubError::invalid("industry", "must be at most 100 characters"));
    }
    Ok(text.to_owned())
}
