//! What an organization has decided about its assistant.

use std::sync::Arc;

use switchboard_domain::message::MAX_TEXT_CHARACTERS;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::settings::{
    AssistantSettings, MAX_PROHIBITED_TOPICS, MAX_PROMPT_CHARACTERS, MAX_TONE_CHARACTERS,
    MAX_TOPIC_CHARACTERS, RESPONSE_LENGTH, is_language_tag,
};
use switchboard_domain::topics::words;

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
        check(&settings)?;
        let organization = self.services.organization(scope.organization)?;
        let settings = settings.follow(&organization.settings.load());
        let mut batch = Batch::new();
        knowledge::put_settings(&mut batch, scope.organization, &settings)?;
        self.services.records().commit(batch).await?;
        organization.put_settings(settings);
        Ok(())
    }
}

fn check(settings: &AssistantSettings) -> Result<(), HubError> {
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
    check_guidance(settings)
}

/// What steers the assistant's words.
fn check_guidance(settings: &AssistantSettings) -> Result<(), HubError> {
    let AssistantSettings {
        prompt,
        tone,
        language,
        prohibited_topics,
        ..
    } = settings;
    check_length("prompt", prompt, MAX_PROMPT_CHARACTERS)?;
    check_length("tone", tone, MAX_TONE_CHARACTERS)?;
    if !language.is_empty() && !is_language_tag(language) {
        let expected = "must be a BCP 47 language tag like en or pt-BR, or empty";
        return Err(HubError::invalid("language", expected));
    }
    if prohibited_topics.len() > MAX_PROHIBITED_TOPICS {
        let expected = format!("must be at most {MAX_PROHIBITED_TOPICS}");
        return Err(HubError::invalid("prohibited_topics", expected));
    }
    prohibited_topics.iter().try_for_each(|topic| {
        if words(topic).is_empty() {
            return Err(HubError::invalid(
                "prohibited_topics",
                "must be words, each of them",
            ));
        }
        check_length("prohibited_topics", topic, MAX_TOPIC_CHARACTERS)
    })
}

fn check_length(field: &'static str, text: &str, most: usize) -> Result<(), HubError> {
    if text.chars().count() > most {
        return Err(HubError::invalid(
            field,
            format!("must be at most {most} characters"),
        ));
    }
    Ok(())
}
