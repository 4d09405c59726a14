//! FAQs as customers read them: public, with how often each was read, and found by number.
//!
//! Called by families whose FAQs everybody may read; staff make and change them in [`super::knowledge`].

use switchboard_domain::id::{FaqId, OrganizationId};
use switchboard_domain::knowledge::Faq;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::Hub;
use crate::error::HubError;
use crate::records::faq_views::add_view;
use crate::records::numbers::Numbered;

/// A FAQ, and how often it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFaq {
    /// The FAQ.
    pub faq: Faq,
    /// How often the assistant answered with it or somebody opened it.
    pub views: u64,
}

impl Hub {
    /// The FAQs of the caller's organization, of the default one for callers without a credential; oldest first, of one
    /// category or all.
    pub fn list_read_faqs(
        &self,
        caller: Option<&Scope>,
        category: Option<&str>,
    ) -> Result<Vec<ReadFaq>, HubError> {
        let faqs = self.list_faqs(self.organization_read_by(caller)?, category)?;
        faqs.into_iter().map(|faq| self.with_views(faq)).collect()
    }

    /// The FAQ of this number, counted as read.
    ///
    /// # Errors
    /// [`HubError::NotFound`] when the organization has none of that number.
    pub async fn open_faq(&self, caller: Option<&Scope>, number: u64) -> Result<ReadFaq, HubError> {
        let organization = self.organization_read_by(caller)?;
        let faq = self.find_faq_by_number(organization, number)?;
        let faq = faq.ok_or(HubError::NotFound("FAQ"))?;
        let mut batch = Batch::new();
        add_view(&mut batch, organization, faq.id);
        // A store that cannot write keeps nobody from reading.
        if let Err(error) = self.services.records().commit(batch).await {
            tracing::warn!(faq = %faq.id, %error, "a reading could not be counted");
        }
        self.with_views(faq)
    }

    fn organization_read_by(&self, caller: Option<&Scope>) -> Result<OrganizationId, HubError> {
        match caller {
            Some(scope) => Ok(scope.organization),
            None => self.credentials.default_organization(),
        }
    }

    /// FAQs of earlier versions are not indexed by their numbers: there, all are looked through.
    fn find_faq_by_number(&self, organization: OrganizationId, number: u64) -> Result<Option<Faq>, HubError> {
        let records = self.services.records();
        if let Some(id) = records.find_numbered(organization, Numbered::Faq, number)? {
            let stored = records.find_faq(organization, FaqId::from_bytes(id))?;
            return Ok(stored.map(|stored| stored.record));
        }
        let all = self.list_faqs(organization, None)?;
        Ok(all.into_iter().find(|faq| faq.number == number))
    }

    fn with_views(&self, faq: Faq) -> Result<ReadFaq, HubError> {
        let records = self.services.records();
        let views = records.count_faq_views(faq.organization, faq.id)?;
        Ok(ReadFaq { faq, views })
    }
}
