//! Lists in this family's two forms: bare, and with their place in the whole when `skip` or `limit` is in the query.
//!
//! Invariant: no answer has more than [`MOST`] entries.

use schemars::JsonSchema;
use serde::Serialize;

use crate::http::body::FieldError;
use crate::http::page::Skipping;
use crate::http::reply::ok;
use crate::http::route::{Call, Param, Reply};

/// The most entries of an answer.
pub(super) const MOST: usize = 1_000;
/// Entries on a page, unless the caller says otherwise.
const PAGE: usize = 100;
/// What the API description says of every list.
pub(super) const DETAILS: &str =
    "A bare list of at most 1000; with `skip` or `limit` in the query `{items, total, skip, limit}`.";
/// The parameters of every list.
pub(super) const PARAMETERS: &[Param] = &[Param::SKIP, Param::LIMIT];

/// What a call asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Its page; the whole list up to [`MOST`] without one.
    pub(super) page: Skipping,
    /// Whether it asks for a page.
    pub(super) is_paged: bool,
}

/// A list in either form.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ListOf{T}")]
pub(super) enum ListedOut<T> {
    /// Without `skip` and `limit`.
    Bare(Vec<T>),
    /// With one of them.
    Paged {
        items: Vec<T>,
        total: u64,
        skip: usize,
        limit: usize,
    },
}

impl Asked {
    /// Reads `skip` and `limit`.
    ///
    /// # Errors
    /// The parameter that is no such number.
    pub(super) fn of(call: &Call) -> Result<Self, FieldError> {
        let query = call.query();
        let is_paged = query.text("skip").is_some() || query.text("limit").is_some();
        let page = if is_paged {
            Skipping::of(query, PAGE, MOST)?
        } else {
            Skipping { skip: 0, limit: MOST }
        };
        Ok(Self { page, is_paged })
    }

    /// 200 with the entries of this page.
    pub(super) fn listed<T: Serialize>(self, items: Vec<T>, total: u64) -> Reply {
        let Skipping { skip, limit } = self.page;
        ok(&if self.is_paged {
            ListedOut::Paged {
                items,
                total,
                skip,
                limit,
            }
        } else {
            ListedOut::Bare(items)
        })
    }
}
