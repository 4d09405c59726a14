//! The API description and the two pages that show it: `/openapi.json`, `/docs` (Swagger UI), `/redoc` (`ReDoc`).
//!
//! The document is generated from the families' tables ([`crate::http::route::doc`] tells how a route says what it is),
//! once, when somebody first asks. The pages are served whole from this program: invariant, no browser that shows them
//! sends a request anywhere else, and their policy lets only scripts of our own run.

mod components;
mod document;
mod failures;
mod health;
mod inferred;
mod operation;
mod page;
mod samples;
mod tags;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt;

use self::page::Page;
use crate::http::dispatch::Dispatch;
use crate::http::route::Family;
use crate::http::{Handler, Request};

/// Adds the document of these families, and the pages.
#[must_use]
pub fn mount(table: Dispatch, families: &'static [Family]) -> Dispatch {
    let once: OnceLock<Bytes> = OnceLock::new();
    let document = move || once.get_or_init(|| text(families)).clone();
    table
        .mount(
            "docs",
            &["/openapi.json"],
            &serve(move |path| (path == "/openapi.json").then(|| page::json(document()))),
        )
        .mount("docs", &["/docs"], &serve(page::swagger))
        .mount("docs", &["/redoc"], &serve(page::redoc))
}

/// The document of these families as JSON.
pub fn text(families: &[Family]) -> Bytes {
    let document = document::build(families);
    if !document.disputed.is_empty() {
        tracing::error!(names = ?document.disputed, "the API description has two forms under one name");
    }
    document.value.to_string().into()
}

fn serve(find: impl Fn(&str) -> Option<Page> + Send + Sync + 'static) -> Arc<dyn Handler> {
    Arc::new(move |request: Request| {
        let found = find(request.uri().path());
        std::future::ready(page::answer(request.method(), found)).boxed()
    })
}

#[cfg(test)]
mod tests;
