//! The organization on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::business::{Business, BusinessChange};
use switchboard_domain::budget::{Budget, Credits};
use switchboard_domain::cost::Money;
use switchboard_domain::settings::AssistantSettings;

use crate::http::body::FieldError;
use crate::http::wire::Time;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct BusinessOut {
    id: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    industry: Option<String>,
    active: bool,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<Business> for BusinessOut {
    fn from(business: Business) -> Self {
        let Business {
            organization,
            profile,
        } = business;
        Self {
            id: organization.id.to_string(),
            name: organization.name,
            email: profile.email,
            phone: profile.phone,
            industry: profile.industry,
            // There is no other kind: an organization is never switched off.
            active: true,
            created_at: organization.created_at.to_string(),
        }
    }
}

/// What the organization tells about itself: what is absent or null stays as it is, what is empty is taken away.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api::omnichannel) struct BusinessIn {
    name: Option<String>,
    #[schemars(example = &"business@example.com")]
    email: Option<String>,
    /// With its country code.
    #[schemars(example = &"+15551234567")]
    phone: Option<String>,
    #[schemars(length(max = 100), example = &"healthcare")]
    industry: Option<String>,
}

impl From<BusinessIn> for BusinessChange {
    fn from(business: BusinessIn) -> Self {
        Self {
            name: business.name,
            email: business.email,
            phone: business.phone,
            industry: business.industry,
        }
    }
}

/// What steers the assistant: what is absent or null stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct AiConfigIn {
    #[schemars(length(max = 4_000))]
    custom_prompt: Option<String>,
    /// A word, such as `professional`.
    #[schemars(length(max = 50), example = &"professional")]
    tone: Option<String>,
    /// A BCP 47 tag; empty: the customer's language.
    #[schemars(example = &"en")]
    language: Option<String>,
    /// Questions on these go to an agent.
    #[schemars(length(max = 50))]
    prohibited_topics: Option<Vec<String>>,
    /// Said when the assistant cannot answer.
    #[schemars(length(min = 1, max = 8_000))]
    fallback_message: Option<String>,
}

impl AiConfigIn {
    /// Writes what is there.
    pub(in crate::api::omnichannel) fn apply(self, settings: &mut AssistantSettings) {
        let write = |to: &mut String, from: Option<String>| {
            if let Some(from) = from {
                *to = from;
            }
        };
        write(&mut settings.prompt, self.custom_prompt);
        write(&mut settings.tone, self.tone);
        write(&mut settings.language, self.language);
        write(&mut settings.fallback_message, self.fallback_message);
        if let Some(topics) = self.prohibited_topics {
            settings.prohibited_topics = topics;
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct AiConfigOut {
    custom_prompt: String,
    tone: String,
    /// Empty: the customer's language.
    language: String,
    prohibited_topics: Vec<String>,
    fallback_message: String,
}

impl From<&AssistantSettings> for AiConfigOut {
    fn from(settings: &AssistantSettings) -> Self {
        let guidance = settings.guidance();
        Self {
            custom_prompt: guidance.prompt,
            tone: guidance.tone,
            language: guidance.language,
            prohibited_topics: guidance.prohibited_topics,
            fallback_message: settings.fallback_message.clone(),
        }
    }
}

/// What the organization may spend; absent or null: as much as it likes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct CreditsIn {
    /// Over all time.
    #[schemars(range(min = 0))]
    total_credits: Option<f64>,
    /// In a calendar month, UTC.
    #[schemars(range(min = 0))]
    monthly_budget: Option<f64>,
}

impl CreditsIn {
    /// The amounts, when they are any.
    pub(in crate::api::omnichannel) fn budget(&self) -> Result<Budget, FieldError> {
        let amount = |field: &str, units: Option<f64>| {
            let read = |units: f64| {
                let amount = Money::from_units(units).filter(|amount| *amount >= Money::ZERO);
                amount.ok_or_else(|| FieldError::new(field, "an amount of money from 0"))
            };
            units.map(read).transpose()
        };
        Ok(Budget {
            total_credits: amount("totalCredits", self.total_credits)?,
            monthly_budget: amount("monthlyBudget", self.monthly_budget)?,
        })
    }
}

/// Amounts in the organization's currency; null: no limit is set.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct CreditsOut {
    total_credits: Option<f64>,
    used_credits: f64,
    available_credits: Option<f64>,
    monthly_budget: Option<f64>,
    current_month_spend: f64,
    /// Of the monthly budget, without one of the credits.
    percent_used: Option<f64>,
    /// Paid answers are paused: the budget is used up.
    is_paused: bool,
}

impl From<Credits> for CreditsOut {
    fn from(credits: Credits) -> Self {
        Self {
            total_credits: credits.total_credits.map(Money::as_units),
            used_credits: credits.used_credits.as_units(),
            available_credits: credits.available.map(Money::as_units),
            monthly_budget: credits.monthly_budget.map(Money::as_units),
            current_month_spend: credits.month_spend.as_units(),
            percent_used: credits
                .percent_used
                .map(|percent| (percent * 10.0).round() / 10.0),
            is_paused: credits.is_paused,
        }
    }
}
