//! FAQs as everybody reads them.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_actors::hub::faqs::ReadFaq;

#[derive(Serialize, JsonSchema)]
pub(in crate::api::assistant) struct FaqOut {
    id: u64,
    question: String,
    answer: String,
    category: String,
    /// How often the assistant answered with it or somebody opened it.
    view_count: u64,
}

impl From<ReadFaq> for FaqOut {
    fn from(read: ReadFaq) -> Self {
        Self {
            id: read.faq.number,
            question: read.faq.question,
            answer: read.faq.answer,
            category: read.faq.category,
            view_count: read.views,
        }
    }
}
