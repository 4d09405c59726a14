//! Pages in this family's form: a bare list, and headers that tell where it stands in the whole.
//!
//! Invariant: the page `X-Page` tells is the one its first entry is on.

use hyper::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::body::FieldError;
use crate::http::page::{MAX_LIMIT, Skipping};
use crate::http::reply::ok;
use crate::http::route::{Call, Param, Reply};

/// Entries on a page, unless the caller says otherwise.
const PAGE: usize = 20;

/// The parameters of every list.
pub(super) const PARAMETERS: &[Param] = &[Param::LIMIT, Param::OFFSET];
/// What the API description says of every list.
pub(super) const DETAILS: &str =
    "`X-Total-Count`, `X-Page-Size`, `X-Page` and `X-Total-Pages` tell where the list stands in the whole.";

/// The page a call asks for.
///
/// # Errors
/// The parameter that is no such number.
pub(super) fn asked(call: &Call) -> Result<Skipping, FieldError> {
    Skipping::by_offset(call.query(), PAGE, MAX_LIMIT)
}

/// 200 with the entries of a page, and the headers.
pub(super) fn listed<T: Serialize + JsonSchema>(page: Skipping, items: &[T], total: u64) -> Reply {
    let mut answer = ok(&items)?;
    let size = u64::try_from(page.limit).unwrap_or(u64::MAX).max(1);
    let skip = u64::try_from(page.skip).unwrap_or(u64::MAX);
    let told = [
        ("x-total-count", total),
        ("x-page-size", size),
        ("x-page", (skip / size).saturating_add(1)),
        ("x-total-pages", total.div_ceil(size)),
    ];
    for (name, value) in told {
        let name = HeaderName::from_static(name);
        answer.headers_mut().insert(name, HeaderValue::from(value));
    }
    Ok(answer)
}
