//! What an organization may spend, and how it stands.

use switchboard_domain::budget::{Budget, Credits};
use switchboard_domain::cost::Money;
use switchboard_domain::scope::Scope;

use super::{Hub, admin_only, staff_only};
use crate::error::HubError;

impl Hub {
    /// How the caller's organization stands, whether it has set limits or not. Staff and services.
    pub fn get_credits(&self, scope: &Scope) -> Result<Credits, HubError> {
        staff_only(scope)?;
        Ok(self.services.budgets.credits(scope.organization)?)
    }

    /// Sets what the organization may spend over all time and in a month; `None`: as much as it likes. Admins alone.
    ///
    /// # Errors
    /// [`HubError::Invalid`] naming `total_credits` or `monthly_budget` when it is below zero.
    pub async fn put_credits(&self, scope: &Scope, budget: Budget) -> Result<Credits, HubError> {
        admin_only(scope)?;
        for (field, limit) in [
            ("total_credits", budget.total_credits),
            ("monthly_budget", budget.monthly_budget),
        ] {
            if limit.is_some_and(|limit| limit < Money::ZERO) {
                return Err(HubError::invalid(field, "must not be below zero"));
            }
        }
        self.services.budgets.put(scope.organization, budget).await?;
        self.get_credits(scope)
    }
}
