//! FAQs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::knowledge::NewFaq;
use switchboard_domain::knowledge::Faq;

use crate::http::wire::Time;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct FaqIn {
    question: String,
    answer: String,
    category: Option<String>,
    question_variants: Option<Vec<String>>,
}

impl From<FaqIn> for NewFaq {
    fn from(faq: FaqIn) -> Self {
        Self {
            question: faq.question,
            answer: faq.answer,
            category: faq.category.unwrap_or_default(),
            variants: faq.question_variants.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::omnichannel) struct FaqOut {
    id: String,
    question: String,
    answer: String,
    category: String,
    question_variants: Vec<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

impl From<Faq> for FaqOut {
    fn from(faq: Faq) -> Self {
        Self {
            id: faq.id.to_string(),
            question: faq.question,
            answer: faq.answer,
            category: faq.category,
            question_variants: faq.variants,
            created_at: faq.created_at.to_string(),
        }
    }
}
