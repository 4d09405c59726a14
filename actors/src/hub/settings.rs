//! What an organization has decided about its assistant.

use std::sync::Arc;

use switchboard_domain::message::MAX_TEXT_CHARACTERS;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::settings::{AssistantSettings, RESPONSE_LENGTH};

use super::{Hub, admin_only};
use crate::error::HubError;
use crate::records::knowledge;

impl Hub {
    /// The settings in force. Admins alone.
    pub fn get_settings(&self, scope: &Scope) -> Result<Arc<AssistantSettings>, HubError> {
        admin_only(scope)?;
        Ok(self
            .services
            .organization(scope.organization)?
            .settings
            .load_full())
    }

    /// Changes what `change` changes, and answers with all of it. Admins alone.
    pub async fn change_settings(
        &self,
        scope: &Scope,
        change: impl FnOnce(&mut AssistantSettings) + Send,
    ) -> Result<Arc<AssistantSettings>, HubError> {
        let mut settings = self.get_settings(scope)?.as_ref().clone();
        change(&mut settings);
        self.put_settings(scope, settings).await?;
        self.get_settings(scope)
    }

    /// Replaces the settings; they steer the next turn. Admins alone.
    pub async fn put_settings(&self, scope: &Scope, settings: AssistantSettings) -> Result<(), HubError> {
        admin_only(scope)?;
        if !RESPONSE_LENGTH.contains(&settings.max_response_length) {
            return Err(HubError::invalid(
                "max_response_length",
                "must be a whole number from 20 to 8000",
            ));
        }
        for (field, text) in [
            ("handover_message", &settings.handover_message),
            ("fallback_message", &settings.fallback_message),
        ] {
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT_CHARACTERS {
                return Err(HubError::invalid(field, "must be 1 to 8000 characters"));
            }
        }
        let organization = self.services.organization(scope.organization)?;
        let mut batch = Batch::new();
        knowledge::put_settings(&mut batch, scope.organization, &settings)?;
        self.services.records().commit(batch).await?;
        organization.settings.store(Arc::new(settings));
        Ok(())
    }
}
