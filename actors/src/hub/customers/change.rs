//! Making and changing customers by hand: what staff and services know of them.
//!
//! Invariant: an email address or phone number that staff wrote down leads to one customer of the organization alone.

use std::collections::BTreeMap;

use switchboard_domain::customer::details::{
    MAX_ATTRIBUTE_CHARACTERS, MAX_ATTRIBUTE_NAME_CHARACTERS, MAX_ATTRIBUTES, normalized_email,
    normalized_phone, normalized_tags,
};
use switchboard_domain::customer::{Channel, Customer, Identity};
use switchboard_domain::id::CustomerId;
use switchboard_domain::ports::engine::{Batch, StoreError};
use switchboard_domain::scope::Scope;

use super::CustomerProfile;
use crate::error::HubError;
use crate::hub::accounts::check::{check_email, check_label};
use crate::hub::{Hub, staff_only};
use crate::records::customers;

/// How often a change is tried again when somebody else has written at the same moment.
const ATTEMPTS: usize = 3;

/// What is to be known of a customer; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerChange {
    /// Not empty; needed for a new one.
    pub name: Option<String>,
    /// Empty: none any more.
    pub email: Option<String>,
    /// With its country code. Empty: none any more.
    pub phone: Option<String>,
    /// All of them.
    pub tags: Option<Vec<String>>,
    /// Whether staff are sure who this is.
    pub is_verified: Option<bool>,
    /// All of them.
    pub attributes: Option<BTreeMap<String, String>>,
    /// Channels on which it wants no campaigns, all of them.
    pub unsubscribed: Option<Vec<Channel>>,
}

impl Hub {
    /// Writes a customer down. Staff and services.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for the first field that is wrong, or that belongs to another customer.
    pub async fn create_customer(
        &self,
        scope: &Scope,
        change: CustomerChange,
    ) -> Result<CustomerProfile, HubError> {
        staff_only(scope)?;
        if change.name.is_none() {
            return Err(HubError::invalid("name", "is required"));
        }
        let blank = self.new_customer(scope.organization, String::new(), Vec::new());
        let customer = change.applied_to(&blank)?;
        for _ in 0..ATTEMPTS {
            self.refuse_taken_identities(&customer)?;
            let mut batch = Batch::new();
            customers::insert(&mut batch, &customer, Channel::Web)?;
            match self.services.records().commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                committed => {
                    committed?;
                    return Ok(self.profile(customer)?);
                }
            }
        }
        Err(HubError::Overloaded)
    }

    /// Changes what is known of a customer. Staff and services.
    ///
    /// # Errors
    /// As for [`Hub::create_customer`], and [`HubError::NotFound`].
    pub async fn update_customer(
        &self,
        scope: &Scope,
        id: CustomerId,
        change: CustomerChange,
    ) -> Result<CustomerProfile, HubError> {
        staff_only(scope)?;
        let records = self.services.records();
        for _ in 0..ATTEMPTS {
            let old = records
                .find_customer(scope.organization, id)?
                .ok_or(HubError::NotFound("customer"))?;
            let next = change.clone().applied_to(&old.record)?;
            self.refuse_taken_identities(&next)?;
            let mut batch = Batch::new();
            customers::update(&mut batch, &old, &next)?;
            match records.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                committed => {
                    committed?;
                    return Ok(self.profile(next)?);
                }
            }
        }
        Err(HubError::Overloaded)
    }

    /// Tells which address is another customer's; the commit decides.
    fn refuse_taken_identities(&self, customer: &Customer) -> Result<(), HubError> {
        let records = self.services.records();
        for identity in &customer.identities {
            let owner = records.find_identity(customer.organization, identity)?;
            let field = match identity {
                Identity::Email(_) => "email",
                Identity::Phone(_) => "phone",
                Identity::Account(_) | Identity::External(_) | Identity::Whatsapp(_) => continue,
            };
            if owner.is_some_and(|owner| owner != customer.id) {
                return Err(HubError::invalid(field, "belongs to another customer"));
            }
        }
        Ok(())
    }
}

impl CustomerChange {
    fn applied_to(self, customer: &Customer) -> Result<Customer, HubError> {
        let mut next = customer.clone();
        if let Some(name) = self.name {
            check_label("name", &name)?;
            name.trim().clone_into(&mut next.name);
        }
        if let Some(email) = self.email {
            set_email(&mut next, email.trim())?;
        }
        if let Some(phone) = self.phone {
            set_phone(&mut next, phone.trim())?;
        }
        if let Some(tags) = self.tags {
            next.tags = normalized_tags(&tags).ok_or_else(wrong_tags)?;
        }
        if let Some(attributes) = self.attributes {
            check_attributes(&attributes)?;
            next.attributes = attributes;
        }
        next.is_verified = self.is_verified.unwrap_or(next.is_verified);
        if let Some(unsubscribed) = self.unsubscribed {
            let is_one = |channel: &Channel| unsubscribed.contains(channel);
            next.unsubscribed = Channel::ALL.into_iter().filter(is_one).collect();
        }
        Ok(next)
    }
}

fn set_email(customer: &mut Customer, email: &str) -> Result<(), HubError> {
    customer
        .identities
        .retain(|identity| !matches!(identity, Identity::Email(_)));
    customer.email = None;
    if !email.is_empty() {
        check_email(email)?;
        customer.email = Some(email.to_owned());
        customer.identities.push(Identity::Email(normalized_email(email)));
    }
    Ok(())
}

fn set_phone(customer: &mut Customer, phone: &str) -> Result<(), HubError> {
    customer
        .identities
        .retain(|identity| !matches!(identity, Identity::Phone(_)));
    customer.phone = None;
    if !phone.is_empty() {
        let expected = "must be a phone number with its country code, such as +15551234567";
        let phone = normalized_phone(phone).ok_or_else(|| HubError::invalid("phone", expected))?;
        customer.phone = Some(phone.clone());
        customer.identities.push(Identity::Phone(phone));
    }
    Ok(())
}

fn wrong_tags() -> HubError {
    HubError::invalid(
        "tags",
        "must be at most 20 tags of 1 to 50 characters without commas",
    )
}

fn check_attributes(attributes: &BTreeMap<String, String>) -> Result<(), HubError> {
    let fits = |(name, value): (&String, &String)| {
        (1..=MAX_ATTRIBUTE_NAME_CHARACTERS).contains(&name.chars().count())
            && value.chars().count() <= MAX_ATTRIBUTE_CHARACTERS
    };
    if attributes.len() <= MAX_ATTRIBUTES && attributes.iter().all(fits) {
        Ok(())
    } else {
        Err(HubError::invalid(
            "attributes",
            "must be at most 50, with names of 1 to 64 and values of at most 500 characters",
        ))
    }
}
