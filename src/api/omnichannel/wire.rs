//! What this family's callers send and get, and how it is made from the hub's types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_actors::hub::knowledge::NewFaq;
use switchboard_domain::knowledge::Faq;

use crate::http::page::Numbered;
use crate::http::wire::Time;

/// The envelope of one record.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DataOf{T}")]
pub(super) struct Data<T> {
    success: bool,
    data: T,
}

/// The envelope of a page.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub(super) struct Listed<T> {
    success: bool,
    data: Vec<T>,
    pagination: PaginationOut,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PaginationOut {
    page: usize,
    limit: usize,
    total: u64,
    total_pages: u64,
}

impl<T> Data<T> {
    /// This record.
    pub(super) const fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

impl<T> Listed<T> {
    /// The entries of one page out of all of them.
    pub(super) fn page<R>(page: Numbered, all: Vec<R>, convert: impl Fn(R) -> T) -> Self {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        Self::of(page, page.cut(all), total, convert)
    }

    /// The entries of one page, and how many there are on all pages.
    pub(super) fn of<R>(page: Numbered, items: Vec<R>, total: u64, convert: impl Fn(R) -> T) -> Self {
        Self {
            success: true,
            data: items.into_iter().map(convert).collect(),
            pagination: PaginationOut {
                page: page.page,
                limit: page.limit,
                total,
                total_pages: page.pages(total),
            },
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FaqIn {
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
pub(super) struct FaqOut {
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
