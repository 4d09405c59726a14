//! Who was active in a span of days: how many, and which conversations.
//!
//! How many until today, of whatever length the span: one key for each 32 days. How many in a span that ends before
//! today, and which: a row for each conversation and day of the span, for what was active on one of them may have been
//! active again since.

use std::collections::BTreeSet;
use std::sync::Arc;

use switchboard_domain::conversation::Conversation;
use switchboard_domain::id::{ConversationId, OrganizationId};
use switchboard_domain::scope::Scope;

use super::Span;
use crate::error::HubError;
use crate::hub::{Hub, staff_only};
use crate::records::active_days::Active;
use crate::records::activity::Activity;

impl Hub {
    /// How many customers wrote or were written to in a span, by whole days. Staff alone.
    pub fn count_active_customers(&self, scope: &Scope, span: Span) -> Result<u64, HubError> {
        staff_only(scope)?;
        match self.count_until_today(scope, span, Active::Customers)? {
            Some(count) => Ok(count),
            None => self.count_rows(scope, span, |activity| activity.customer),
        }
    }

    /// How many conversations were written in within a span, by whole days. Staff alone.
    pub fn count_active_conversations(&self, scope: &Scope, span: Span) -> Result<u64, HubError> {
        staff_only(scope)?;
        match self.count_until_today(scope, span, Active::Conversations)? {
            Some(count) => Ok(count),
            None => self.count_rows(scope, span, |activity| activity.conversation),
        }
    }

    /// The conversations that were written in within a span, by whole days, oldest first. Staff alone.
    pub fn list_active_conversations(
        &self,
        scope: &Scope,
        span: Span,
    ) -> Result<Vec<Arc<Conversation>>, HubError> {
        staff_only(scope)?;
        let ids = self.active_conversations(scope.organization, span)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.read_conversation(scope.organization, id)?);
        }
        Ok(found)
    }

    /// Of a span that lasts until today; none of one that ends before.
    fn count_until_today(&self, scope: &Scope, span: Span, what: Active) -> Result<Option<u64>, HubError> {
        let ((from, until), today) = (span.days(), self.services.now().day());
        if until <= today {
            return Ok(None);
        }
        let records = self.services.records();
        Ok(Some(records.count_active_since(
            scope.organization,
            what,
            from,
            today,
        )?))
    }

    fn count_rows<T: Ord>(
        &self,
        scope: &Scope,
        span: Span,
        what: fn(&Activity) -> T,
    ) -> Result<u64, HubError> {
        let (from, until) = span.days();
        let records = self.services.records();
        let rows = records.list_activity(scope.organization, from, until)?;
        let active: BTreeSet<T> = rows.iter().map(what).collect();
        Ok(u64::try_from(active.len()).unwrap_or(u64::MAX))
    }

    /// The ids of the conversations that were written in within a span, by whole days, oldest first.
    pub(in crate::hub) fn active_conversations(
        &self,
        organization: OrganizationId,
        span: Span,
    ) -> Result<BTreeSet<ConversationId>, HubError> {
        let (from, until) = span.days();
        let rows = self.services.records().list_activity(organization, from, until)?;
        Ok(rows.iter().map(|activity| activity.conversation).collect())
    }
}
