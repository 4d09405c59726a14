//! Lists of customers, newest first, as staff search them.
//!
//! A list without a filter pages by key and takes its total from a counter; a filtered one costs all customers of the
//! organization once.

use switchboard_domain::customer::Customer;
use switchboard_domain::customer::details::normalized_tags;
use switchboard_domain::scope::Scope;

use super::CustomerProfile;
use crate::error::HubError;
use crate::hub::conversations::Page;
use crate::hub::{Hub, staff_only};
use crate::records::counters::Total;

/// Longest text to search for, characters.
const MAX_SEARCH_CHARACTERS: usize = 200;

/// Which customers are wanted; without anything, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Part of a name or an email address, without regard to case, or some digits of a phone number.
    pub search: Option<String>,
    /// By whether the identity was verified.
    pub verified: Option<bool>,
    /// Tags it must all have.
    pub tags: Vec<String>,
}

/// The filter in the form customers are compared with.
#[derive(Default)]
struct Wanted {
    words: String,
    /// Only where the text searched for could be part of a phone number.
    digits: Option<String>,
    verified: Option<bool>,
    tags: Vec<String>,
}

impl Wanted {
    fn of(filter: &CustomerFilter) -> Result<Self, HubError> {
        let search = filter.search.as_deref().unwrap_or_default().trim();
        if search.chars().count() > MAX_SEARCH_CHARACTERS {
            let expected = format!("must be at most {MAX_SEARCH_CHARACTERS} characters");
            return Err(HubError::invalid("search", expected));
        }
        let tags = normalized_tags(&filter.tags);
        Ok(Self {
            words: search.to_lowercase(),
            digits: digits_of(search),
            verified: filter.verified,
            tags: tags.ok_or_else(|| HubError::invalid("tags", "must be tags of customers"))?,
        })
    }

    fn is_everything(&self) -> bool {
        self.words.is_empty() && self.verified.is_none() && self.tags.is_empty()
    }

    fn takes(&self, customer: &Customer) -> bool {
        self.verified
            .is_none_or(|verified| verified == customer.is_verified)
            && self.tags.iter().all(|tag| customer.tags.contains(tag))
            && (self.words.is_empty() || self.finds(customer))
    }

    fn finds(&self, customer: &Customer) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.words);
        let rings = |phone: &str| {
            self.digits
                .as_ref()
                .is_some_and(|digits| phone.contains(digits.as_str()))
        };
        has(&customer.name)
            || customer.email.as_deref().is_some_and(has)
            || customer.phone.as_deref().is_some_and(rings)
    }
}

/// The digits of what looks like part of a phone number.
fn digits_of(search: &str) -> Option<String> {
    let looks_like_one = search.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c));
    let digits: String = search.chars().filter(char::is_ascii_digit).collect();
    (looks_like_one && !digits.is_empty()).then_some(digits)
}

impl Hub {
    /// The organization's customers, newest first. Staff and services.
    pub fn list_customers(
        &self,
        scope: &Scope,
        filter: &CustomerFilter,
        skip: usize,
        limit: usize,
    ) -> Result<Page<CustomerProfile>, HubError> {
        staff_only(scope)?;
        let wanted = Wanted::of(filter)?;
        let Page { items, total } = if wanted.is_everything() {
            self.customers_by_key(scope, skip, limit)?
        } else {
            self.customers_by_walk(scope, &wanted, skip, limit)?
        };
        let profiles: Result<_, _> = items.into_iter().map(|customer| self.profile(customer)).collect();
        Ok(Page {
            items: profiles?,
            total,
        })
    }

    fn customers_by_key(&self, scope: &Scope, skip: usize, limit: usize) -> Result<Page<Customer>, HubError> {
        let records = self.services.records();
        let newest = records.list_customers(scope.organization, skip.saturating_add(limit))?;
        Ok(Page {
            items: newest.into_iter().skip(skip).collect(),
            total: records.total(scope.organization, Total::Customers)?,
        })
    }

    fn customers_by_walk(
        &self,
        scope: &Scope,
        wanted: &Wanted,
        skip: usize,
        limit: usize,
    ) -> Result<Page<Customer>, HubError> {
        let mut all = self
            .services
            .records()
            .list_customers(scope.organization, usize::MAX)?;
        all.retain(|customer| wanted.takes(customer));
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        Ok(Page {
            items: all.into_iter().skip(skip).take(limit).collect(),
            total,
        })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::id::{CustomerId, OrganizationId};
    use switchboard_domain::time::Timestamp;

    use super::*;

    fn finds(search: &str) -> bool {
        let (id, organization) = (
            CustomerId::from_bytes([1; 16]),
            OrganizationId::from_bytes([2; 16]),
        );
        let mut john = Customer::new(id, organization, "John Döe".to_owned(), Timestamp::default());
        john.email = Some("J.Doe@example.com".to_owned());
        john.phone = Some("+15551234567".to_owned());
        let filter = CustomerFilter {
            search: Some(search.to_owned()),
            ..CustomerFilter::default()
        };
        Wanted::of(&filter).unwrap().takes(&john)
    }

    #[test]
    fn a_search_finds_names_emails_and_the_digits_of_a_phone_number() {
        for search in [
            "john",
            "DÖE",
            "doe@EXAMPLE",
            "555-123",
            "(555) 1234",
            "+1 555",
            "67",
        ] {
            assert!(finds(search), "{search}");
        }
        for search in ["jane", "@example.org", "5559", "john 555"] {
            assert!(!finds(search), "{search}");
        }
    }
}
