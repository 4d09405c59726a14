//! What this family's callers send and get, and how it is made from the hub's types.

pub(super) mod analytics;
pub(super) mod business;
pub(super) mod cache;
pub(super) mod conversations;
pub(super) mod customers;
pub(super) mod exports;
pub(super) mod faq;
pub(super) mod messages;
pub(super) mod webhooks;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

pub(super) use self::words::{ChannelWord, Flag, StatusWord};
use crate::http::page::Numbered;

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
